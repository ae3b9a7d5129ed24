import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, type Page } from '@playwright/test';

import { instance, needed } from './instance';

/** Where the program is, and a folder for what further machines keep. */
const place = {
  coord: needed('COORD_E2E_COORD', 'the program `coord`'),
  folder: needed('COORD_E2E_FOLDER', 'a folder for what further machines keep'),
};

/** Who signs in on a machine. */
interface Owner {
  email: string;
  password: string;
}

/** A machine without a screen: one runner, signed in as its owner. */
export class Machine {
  readonly name: string;
  readonly #home: string;
  readonly #variables: Record<string, string>;
  readonly #slots: number;
  #service: ChildProcess | undefined;

  private constructor(name: string, variables: Record<string, string>, slots: number) {
    this.name = name;
    this.#slots = slots;
    this.#variables = variables;
    this.#home = join(place.folder, `machine-${name}`);
  }

  /** Signs in on a new machine and starts its runner, with further variables in its environment. */
  static async start(
    owner: Owner,
    name: string,
    variables: Record<string, string> = {},
    slots = 1,
  ): Promise<Machine> {
    const machine = new Machine(name, variables, slots);
    for (const folder of ['home', 'tmp', 'run', 'jobs']) {
      await mkdir(join(machine.#home, folder), { recursive: true });
    }
    const password = join(machine.#home, 'password');
    await writeFile(password, owner.password);
    await machine.#done([
      'login',
      '--server',
      instance.url,
      '--email',
      owner.email,
      '--password-file',
      password,
    ]);
    await machine.serve();
    return machine;
  }

  /** Starts the runner's service, again or for the first time. */
  async serve(): Promise<void> {
    const log = await open(join(this.#home, 'service.log'), 'a');
    const service = spawn(
      place.coord,
      [
        ...['runner', 'start', '--no-input', '--slots', String(this.#slots), '--name', this.name],
        ...['--server', instance.url, '--data', join(this.#home, 'runner')],
        ...['--workspace-dir', join(this.#home, 'jobs')],
      ],
      { env: this.#environment(), stdio: ['ignore', log.fd, log.fd] },
    );
    this.#service = service;
    await log.close();
  }

  /** Asks the machine's service something on its command line; what that says, and how it ended. */
  async command(...args: string[]): Promise<{ code: number; said: string }> {
    return this.#ran(['runner', ...args, '--data', join(this.#home, 'runner')]);
  }

  /** Sets what others may do with this machine. */
  async sharing(...args: string[]): Promise<void> {
    const { code, said } = await this.command('sharing', 'set', ...args);
    expect(code, said).toBe(0);
  }

  /** Ends the service as its owner would, and waits until it has ended. */
  async stop(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    if (service === undefined || service.exitCode !== null) return;
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    await ended;
  }

  /** What the service said so far. */
  async said(): Promise<string> {
    return readFile(join(this.#home, 'service.log'), 'utf8');
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: join(this.#home, 'home'),
      TMPDIR: join(this.#home, 'tmp'),
      XDG_RUNTIME_DIR: join(this.#home, 'run'),
      COORD_CONFIG: join(this.#home, 'config'),
      ...this.#variables,
    };
  }

  /** Runs a command to its good end. */
  async #done(args: string[]): Promise<void> {
    const { code, said } = await this.#ran(args);
    expect(code, `coord ${args.join(' ')}: ${said}`).toBe(0);
  }

  async #ran(args: string[]): Promise<{ code: number; said: string }> {
    const child = spawn(place.coord, args, { env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    // Only then everything that it said is here.
    const code = await new Promise<number>((resolve) => child.once('close', (end) => resolve(end ?? -1)));
    return { code, said };
  }
}

/** A runner as the interface for programs tells of it. */
export interface SeenRunner {
  id: string;
  short_id: string;
  name: string;
  state: string;
}

/** The runners that a person sees in a workspace. */
export async function runnersSeen(page: Page, workspace: string): Promise<SeenRunner[]> {
  const response = await page.request.get(`/api/v1/workspaces/${workspace}/runners`);
  expect(response.ok(), await response.text()).toBe(true);
  return ((await response.json()) as { runners: SeenRunner[] }).runners;
}

/** Waits until a runner is online in a workspace. */
export async function online(page: Page, workspace: string, name: string): Promise<SeenRunner> {
  let found: SeenRunner | undefined;
  await expect
    .poll(
      async () => {
        found = (await runnersSeen(page, workspace)).find((runner) => runner.name === name);
        return found?.state;
      },
      { timeout: 60_000, message: `${name} is online in ${workspace}` },
    )
    .toBe('online');
  if (found === undefined) throw new Error(`${name} is not in view`);
  return found;
}
