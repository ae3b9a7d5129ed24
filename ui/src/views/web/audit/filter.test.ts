import { describe, expect, it } from 'vitest';

import { auditExport } from '$/client/team';
import { actionWord } from '$/words/audit';

import { to } from '../routes';
import { auditFilterFrom, narrows } from './filter';

describe('a filter of the audit log', () => {
  it('reads back from the address that it was put into', () => {
    const address = new URL(to.audit('team', { actor: 'a-1', action: 'member' }), 'http://app.invalid');
    const filter = auditFilterFrom(address.searchParams);
    expect(filter).toEqual({ actor: 'a-1', action: 'member' });
    expect(narrows(filter)).toBe(true);
    expect(narrows(auditFilterFrom(new URLSearchParams('actor=%20')))).toBe(false);
  });

  it('narrows the exported file in the same way', () => {
    expect(auditExport('w', 'csv', { actor: '', action: '' })).toBe('/api/v1/workspaces/w/audit.csv');
    expect(auditExport('w', 'ndjson', { actor: 'a&b', action: 'runner' })).toBe(
      '/api/v1/workspaces/w/audit.ndjson?actor=a%26b&action=runner',
    );
  });
});

describe('an action', () => {
  it.each([
    ['member.role_changed', 'Member: role changed'],
    ['api_token.made', 'Api token: made'],
    ['signed_in', 'Signed in'],
    ['', ''],
  ])('%s is said as %s', (code, words) => expect(actionWord(code)).toBe(words));
});
