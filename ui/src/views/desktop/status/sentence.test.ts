import { expect, test } from 'vitest';

import type { ServiceState } from '../service';
import { hostOf, sentenceOf } from './sentence';

const state = (change: Partial<ServiceState>): ServiceState =>
  ({
    connection: { state: 'online' },
    config: { server: 'https://coord.example.com/x' },
    troubles: [],
    approvals: [],
    questions: [],
    attempts: [],
    draining: false,
    paused: null,
    ...change,
  }) as unknown as ServiceState;
const attempts = [{}] as unknown as ServiceState['attempts'];
const approvals = [{}] as unknown as ServiceState['approvals'];

test('what needs the person is said before what merely runs', () => {
  expect(sentenceOf(state({})).text).toBe('Ready for jobs');
  expect(sentenceOf(state({ attempts })).text).toBe('Working on 1 job');
  expect(sentenceOf(state({ attempts, approvals })).text).toBe('1 answer needed from you');
});

test('a paused runner that still works says so', () => {
  const paused = { since: 0 } as NonNullable<ServiceState['paused']>;
  expect(sentenceOf(state({ paused })).text).toBe('Paused');
  expect(sentenceOf(state({ paused, attempts })).text).toBe('Working on 1 job');
});

test('an address is named by its host, and a missing one in words', () => {
  expect(hostOf('https://coord.example.com:8443/x')).toBe('coord.example.com:8443');
  expect(hostOf(null)).toBe('the coordinator');
});
