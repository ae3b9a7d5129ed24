import type { PackageKind } from '$/protocol';

import { archWord, osWord } from './runners';

const kinds: Record<PackageKind, string> = {
  deb: 'deb, for Debian and Ubuntu',
  rpm: 'rpm, for Fedora and openSUSE',
  app_image: 'AppImage, for any distribution',
  dmg: 'dmg',
  msi: 'msi',
  exe: 'exe',
  archive: 'archive',
};

/** Words of the Download Runner page. */
export const download = {
  title: 'Download Runner',
  intro:
    'A runner is a machine of yours that takes jobs. It needs outbound HTTPS to this server, and nothing inbound.',
  ways: 'How it is installed',
  desktop: 'Desktop app',
  command: 'Command line',
  kind: (kind: PackageKind) => kinds[kind],
  system: (os: string, arch: string) => `${osWord(os)} ${archWord(arch)}`,
  os: osWord,
  yourSystem: 'your system',

  get: 'Download',
  getFor: (os: string, arch: string) => `Download for ${osWord(os)} ${archWord(arch)}`,
  others: 'Other files',
  version: (version: string) => `version ${version}`,
  sha256: 'SHA-256',
  install: 'Install it',
  installHelp: 'In the folder that it was downloaded to:',
  openDmg: 'Open the file, and drag Coord Runner into Applications.',
  runInstaller: 'Open the file and follow it.',
  check: 'Check it first, if you like:',
  signIn: 'Sign in',
  signInText:
    'Start Coord Runner. It asks for this server’s address, then opens the browser for you to confirm.',
  address: 'Server address',
  noDesktop: (os: string | undefined) =>
    os === undefined
      ? 'This server has no file of the desktop app.'
      : `This server has no file of the desktop app for ${osWord(os)}.`,
  noCommand: (os: string) => `This server has no file of the command line for ${osWord(os)}.`,
  noFilesTodo: 'Its operator puts release files into the downloads folder.',
  noCommandTodo:
    'Build it from source, or ask the operator to put the release file into the downloads folder.',
  toCommand: 'Use the command line',

  chooseSystem: 'The machine’s system',
  getProgram: 'Get the program',
  start: 'Start it',
  token: 'One-time token',
  tokenHelp:
    'It signs in one machine as you, once, within the hour. Without it, “coord runner login” on the machine shows a code that you confirm in a browser.',
  makeToken: 'Make a one-time token',
  makeAnother: 'Make another',
  tokenShown: 'Shown this once. Copy it now.',
  tokenLeft: (time: string) => `Good for ${time}.`,
  tokenOver: 'This token has ended.',
  tokenUsed: 'This token has been used.',
  startWithToken: (os: string) =>
    `Start it, paste the token, press Enter and then ${os === 'windows' ? 'Ctrl+Z and Enter' : 'Ctrl+D'}:`,
  startWithCode: 'Start it, then run “coord runner login” in a second terminal and confirm the code:',
  after: 'Leave it running. To take jobs of other members, share it on the Runners page.',

  waiting: 'Waiting for your runner…',
  waitingHelp: 'This page says so as soon as it connects.',
  signedIn: (name: string) => `${name} has signed in, connecting…`,
  connected: (name: string) => `Connected as ${name}`,
  see: 'See it',
  submit: 'Give it a first job',
} as const;
