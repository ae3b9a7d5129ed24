import { describe, expect, it } from 'vitest';

import type { DownloadFile } from '$/protocol';

import { sampleRunner } from '../runners/sample';
import { arrived, connectedIds } from './arrivals';
import { systemOf } from './detect';
import { checkCommand, filesFor, getCommands, installCommand, startCommand } from './files';

const sha256 = 'ab'.repeat(32);
const file = (name: string, kind: DownloadFile['kind'], os: string, arch = 'x86_64'): DownloadFile => ({
  name,
  kind,
  os,
  arch,
  version: '1.2.3',
  size: 1,
  sha256,
});
const files = [
  file('c.tar.gz', 'archive', 'linux'),
  file('c-arm.tar.gz', 'archive', 'linux', 'aarch64'),
  file('a.AppImage', 'app_image', 'linux'),
  file('a.deb', 'deb', 'linux'),
  file('a.dmg', 'dmg', 'macos', 'aarch64'),
];

describe('the visitor’s system', () => {
  const agents = {
    linux: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    windows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
    android: 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
  };

  it('is read from what a browser says', () => {
    expect(systemOf({ userAgent: agents.linux })).toEqual({ os: 'linux', arch: 'x86_64' });
    expect(systemOf({ userAgent: agents.windows })).toEqual({ os: 'windows', arch: 'x86_64' });
    expect(systemOf({ userAgent: agents.windows, architecture: 'arm' })).toEqual({
      os: 'windows',
      arch: 'aarch64',
    });
  });

  it('leaves a Mac’s processor open, since every Mac says Intel', () => {
    expect(systemOf({ userAgent: agents.mac })).toEqual({ os: 'macos', arch: undefined });
  });

  it('is none on a phone', () => {
    expect(systemOf({ userAgent: agents.android })).toBeUndefined();
  });
});

describe('the files of a way', () => {
  const named = (way: 'desktop' | 'command', os: 'linux' | 'macos' | 'windows') => {
    const { fitting, others } = filesFor(files, way, { os, arch: os === 'macos' ? undefined : 'x86_64' });
    return [fitting.map(({ name }) => name), others.map(({ name }) => name)];
  };

  it('stand with those for the visitor first, the best of them on top', () => {
    expect(named('desktop', 'linux')).toEqual([['a.deb', 'a.AppImage'], ['a.dmg']]);
    expect(named('command', 'linux')).toEqual([['c.tar.gz'], ['c-arm.tar.gz']]);
    expect(named('desktop', 'macos')).toEqual([['a.dmg'], ['a.deb', 'a.AppImage']]);
  });

  it('say honestly that there is none', () => {
    expect(named('desktop', 'windows')[0]).toEqual([]);
    expect(filesFor([], 'command', undefined)).toEqual({ fitting: [], others: [] });
  });
});

describe('the commands', () => {
  it('fetch, check and unpack one archive', () => {
    const commands = getCommands(
      file('coord-1.2.3-linux-x86_64.tar.gz', 'archive', 'linux'),
      'https://c.example/',
    );
    expect(commands).toContain('curl -fLO https://c.example/downloads/coord-1.2.3-linux-x86_64.tar.gz\n');
    expect(commands).toContain(`"${sha256}  coord-1.2.3-linux-x86_64.tar.gz" | sha256sum --check`);
    expect(commands.endsWith('cd coord-1.2.3-linux-x86_64')).toBe(true);
  });

  it('suit the shell of each system', () => {
    expect(checkCommand(file('a', 'dmg', 'macos'))).toContain('shasum -a 256');
    expect(checkCommand(file('a', 'msi', 'windows'))).toContain(sha256.toUpperCase());
    expect(installCommand(file('a.deb', 'deb', 'linux'))).toBe('sudo apt install ./a.deb');
    expect(installCommand(file('a.dmg', 'dmg', 'macos'))).toBeUndefined();
  });

  it('never hold the token', () => {
    expect(startCommand('linux', 'https://c.example', true)).toMatch(/--token-file -$/);
    expect(startCommand('linux', 'https://c.example', false)).not.toContain('token');
  });
});

describe('the runner that a visitor waits for', () => {
  const off = sampleRunner({ id: 'off', state: 'offline' });
  const on = sampleRunner({ id: 'on' });
  const others = sampleRunner({ id: 'other', owner: { id: 'grace', name: 'Grace', email: 'g@example.org' } });

  it('is one’s own that was not connected before', () => {
    const before = connectedIds([off, on, others], 'ada');
    expect(arrived([off, on, others], 'ada', before)).toBeUndefined();
    expect(arrived([{ ...off, state: 'online' }, on], 'ada', before)?.id).toBe('off');
    expect(arrived([on, sampleRunner({ id: 'new' })], 'ada', before)?.id).toBe('new');
  });
});
