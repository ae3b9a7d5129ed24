import { describe, expect, it } from 'vitest';

import { isEmail, isSlug, passwordFault, sameEmail, slugFrom } from './rules';

describe('a new password', () => {
  it('is counted in characters as people see them', () => {
    expect(passwordFault('a'.repeat(9))).toBe('short');
    expect(passwordFault('a'.repeat(10))).toBeUndefined();
    expect(passwordFault('🐝'.repeat(10))).toBeUndefined();
    expect(passwordFault('🐝'.repeat(5))).toBe('short');
    expect(passwordFault('a'.repeat(256))).toBeUndefined();
    expect(passwordFault('a'.repeat(257))).toBe('long');
  });
});

describe('e-mail addresses', () => {
  it.each(['ada@example.org', ' ada@localhost ', 'a+b@x.y'])('%s is one', (text) =>
    expect(isEmail(text)).toBe(true),
  );
  it.each(['', 'ada', 'ada@', '@example.org', 'a da@example.org', 'a@b@c'])('%s is none', (text) =>
    expect(isEmail(text)).toBe(false),
  );
  it('are compared without regard to case', () => {
    expect(sameEmail('Ada@Example.org', 'ada@example.org ')).toBe(true);
    expect(sameEmail('ada@example.org', 'bob@example.org')).toBe(false);
  });
});

describe('a workspace’s name in addresses', () => {
  it.each([
    ['Team', 'team'],
    ['  Büro & Söhne ', 'buro-sohne'],
    ['A/B — C', 'a-b-c'],
    ['日本', ''],
    ['-'.repeat(9), ''],
  ])('of %s is %s', (name, slug) => expect(slugFrom(name)).toBe(slug));

  it('always is one, or empty', () => {
    for (const name of ['x'.repeat(90), `${'x'.repeat(39)} y`, 'é', 'a--b', '9 lives', '…'])
      expect(slugFrom(name) === '' || isSlug(slugFrom(name)), name).toBe(true);
  });

  it.each(['', '-a', 'a-', 'A', 'a_b', 'a b', 'x'.repeat(41)])('is not %s', (slug) =>
    expect(isSlug(slug)).toBe(false),
  );
});
