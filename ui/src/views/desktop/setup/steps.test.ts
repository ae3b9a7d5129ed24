import { expect, test } from 'vitest';

import type { Connection, ServiceState } from '../service';
import { stepOf } from './steps';

const state = (connection: Connection, directory: string | null): ServiceState =>
  ({ connection, config: { workspace_dir: directory } }) as ServiceState;

test('signing in comes first, whatever else is missing', () => {
  expect(stepOf(state({ state: 'signed_out' }, null), false)).toBe('sign_in');
  expect(stepOf(state({ state: 'signed_out' }, '/home/ada/Coord'), true)).toBe('sign_in');
});

test('a signed-in runner without a directory needs one', () => {
  expect(stepOf(state({ state: 'online' }, null), false)).toBe('directory');
});

test('the agents are looked at only in a first run', () => {
  expect(stepOf(state({ state: 'online' }, '/home/ada/Coord'), true)).toBe('agents');
  expect(stepOf(state({ state: 'online' }, '/home/ada/Coord'), false)).toBeUndefined();
});

test('a removed runner explains itself instead of starting over', () => {
  expect(stepOf(state({ state: 'removed' }, null), true)).toBeUndefined();
});
