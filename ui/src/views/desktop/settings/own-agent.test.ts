import { expect, test } from 'vitest';

import { configOf, customOf, emptyAgent, formOf, notAVariable } from './own-agent';

const full = {
  ...emptyAgent,
  name: 'mine',
  title: ' My agent ',
  command: ' node ',
  arguments: '/opt/agent.js\n\n--acp',
  environment: 'URL=http://localhost/?a=b\nEMPTY=',
  mode: 'plan',
};

test('lines become arguments and variables', () => {
  expect(customOf(full)).toEqual({
    title: 'My agent',
    command: 'node',
    arguments: ['/opt/agent.js', '--acp'],
    environment: { URL: 'http://localhost/?a=b', EMPTY: '' },
    mode: 'plan',
  });
  expect(customOf({ ...emptyAgent, command: 'x' })).toEqual({ command: 'x', arguments: [], environment: {} });
});

test('what was saved comes back as it was', () => {
  const custom = customOf(full);
  expect(customOf(formOf('mine', custom))).toEqual(custom);
});

test('a line without a name and a value is pointed at', () => {
  expect(notAVariable('A=b\nnot one')).toBe('not one');
  expect(notAVariable('A=b\n')).toBeUndefined();
});

test('whether it is switched on stays', () => {
  expect(configOf(full, { enabled: false, model: 'm' })).toMatchObject({ enabled: false, model: 'm' });
  expect(configOf(full, undefined).enabled).toBe(true);
});
