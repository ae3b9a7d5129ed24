import { downloadAddress } from '$/client/fleet';
import type { DownloadFile, PackageKind } from '$/protocol';

import type { System } from './detect';

/** What is best for most people stands first. */
const preferred: readonly PackageKind[] = ['deb', 'app_image', 'rpm', 'dmg', 'msi', 'exe', 'archive'];

/** Whether a file fits a system; an unknown processor fits all. */
function fits(file: DownloadFile, system: System | undefined): boolean {
  return (
    system !== undefined && file.os === system.os && (system.arch === undefined || file.arch === system.arch)
  );
}

/** Files of the desktop app or of the command line: those for the system first, the best of them on top. */
export function filesFor(
  files: readonly DownloadFile[],
  way: 'desktop' | 'command',
  system: System | undefined,
): { fitting: DownloadFile[]; others: DownloadFile[] } {
  const found = files
    .filter(({ kind }) => (kind === 'archive') === (way === 'command'))
    .sort(
      (one, other) =>
        one.os.localeCompare(other.os) ||
        preferred.indexOf(one.kind) - preferred.indexOf(other.kind) ||
        other.arch.localeCompare(one.arch),
    );
  return {
    fitting: found.filter((file) => fits(file, system)),
    others: found.filter((file) => !fits(file, system)),
  };
}

/** The command that compares a file with its checksum, in the shell of its system. */
export function checkCommand({ name, os, sha256 }: DownloadFile): string {
  if (os === 'windows') return `(Get-FileHash ${name} -Algorithm SHA256).Hash -eq '${sha256.toUpperCase()}'`;
  const program = os === 'macos' ? 'shasum -a 256' : 'sha256sum';
  return `echo "${sha256}  ${name}" | ${program} --check`;
}

/** The command that installs a file of the desktop app; none where it is opened by hand. */
export function installCommand({ name, kind }: DownloadFile): string | undefined {
  switch (kind) {
    case 'deb':
      return `sudo apt install ./${name}`;
    case 'rpm':
      return `sudo dnf install ./${name}`;
    case 'app_image':
      return `chmod +x ./${name}\n./${name}`;
    case 'dmg':
    case 'msi':
    case 'exe':
    case 'archive':
      return undefined;
  }
}

/** An archive's name without its ending: the folder that it unpacks to. */
function folderOf(name: string): string {
  return name.replace(/\.(tar\.gz|zip)$/, '');
}

/** Commands that fetch, check and unpack the `coord` program, for a shell on the machine. */
export function getCommands(file: DownloadFile, server: string): string {
  const url = server.replace(/\/$/, '') + downloadAddress(file.name);
  if (file.os === 'windows')
    return [
      `Invoke-WebRequest ${url} -OutFile ${file.name}`,
      checkCommand(file),
      `Expand-Archive ${file.name} .`,
      `cd ${folderOf(file.name)}`,
    ].join('\n');
  return [`curl -fLO ${url}`, checkCommand(file), `tar -xzf ${file.name}`, `cd ${folderOf(file.name)}`].join(
    '\n',
  );
}

/** The command that starts a runner; with `token` it waits for the one-time token on its input. */
export function startCommand(os: string, server: string, token: boolean): string {
  const program = os === 'windows' ? '.\\coord.exe' : './coord';
  const directory = os === 'windows' ? '$HOME\\coord-jobs' : '~/coord-jobs';
  return `${program} runner start --server ${server} --workspace-dir ${directory}${token ? ' --token-file -' : ''}`;
}
