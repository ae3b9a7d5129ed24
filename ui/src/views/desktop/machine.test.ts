import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Machine } from './machine.svelte';
import type { Link, ServiceState, Shell, Signal } from './service';

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

function running(attempts: number): Link {
  const state = { attempts: Array.from({ length: attempts }, () => ({})) };
  return { link: 'running', state: state as unknown as ServiceState };
}

/** A window that has just been opened on a service with so many attempts. */
function opened(attempts: number): { machine: Machine; now: (attempts: number) => void } {
  let tell: (signal: Signal) => void = () => undefined;
  const shell = {
    watch: (listener: typeof tell) => {
      tell = listener;
    },
  };
  const machine = new Machine(shell as unknown as Shell);
  const now = (count: number): void => {
    tell({ signal: 'service', service: running(count) });
  };
  now(attempts);
  return { machine, now };
}

it('a window that opens on a machine at work does not go back to the first steps', () => {
  opened(0).machine.setUp(true);
  expect(opened(1).machine.settingUp).toBe(false);
  expect(opened(0).machine.settingUp).toBe(false);
});

it('a window that opens on a service that has just begun leaves the first steps when jobs are back', () => {
  opened(0).machine.setUp(true);
  const { machine, now } = opened(0);
  expect(machine.settingUp).toBe(true);
  now(1);
  expect(machine.settingUp).toBe(false);
});

it('a job that begins during the first steps leaves them on the screen', () => {
  const { machine, now } = opened(0);
  machine.setUp(true);
  now(1);
  expect(machine.settingUp).toBe(true);
});
