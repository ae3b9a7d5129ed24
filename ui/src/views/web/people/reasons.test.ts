import { describe, expect, it } from 'vitest';

import type { MemberView, Role } from '$/protocol';
import { peopleRefused as words } from '$/words/people';

import { removeRefused, resetRefused, roleRefused, transferRefused } from './reasons';

const member = (id: string, role: Role, may = false): MemberView => ({
  person: { id, name: id, email: `${id}@example.org` },
  role,
  joined_at: 0,
  runners: 0,
  can_change_role: may,
  can_remove: may,
});
const reader = (role: Role): { id: string; role: Role } => ({ id: 'me', role });

describe('what can be done with a member', () => {
  it('is what the server says', () => {
    const bob = member('bob', 'member', true);
    expect(roleRefused(bob, reader('admin'))).toBeUndefined();
    expect(removeRefused(bob, reader('admin'))).toBeUndefined();
  });

  it('is refused with the reason that fits', () => {
    expect(roleRefused(member('bob', 'member'), reader('member'))).toBe(words.needsAdmin);
    expect(roleRefused(member('eve', 'owner'), reader('admin'))).toBe(words.owner);
    expect(roleRefused(member('me', 'admin'), reader('admin'))).toBe(words.selfRole);
    expect(roleRefused(member('bob', 'admin'), reader('admin'))).toBe(words.admin);
    expect(removeRefused(member('me', 'member'), reader('member'))).toBe(words.selfRemove);
    expect(removeRefused(member('bob', 'member'), reader('viewer'))).toBe(words.needsAdmin);
    expect(removeRefused(member('me', 'owner'), reader('owner'))).toBe(words.owner);
  });

  it('hands a workspace over only from its owner, and not to themselves', () => {
    expect(transferRefused(member('bob', 'viewer'), reader('owner'))).toBeUndefined();
    expect(transferRefused(member('me', 'owner'), reader('owner'))).toBe(words.already);
    expect(transferRefused(member('bob', 'viewer'), reader('admin'))).toBe(words.needsOwner);
  });

  it('never gives a password of somebody above or beside', () => {
    expect(resetRefused(member('bob', 'viewer'), reader('admin'), false)).toBeUndefined();
    expect(resetRefused(member('bob', 'admin'), reader('owner'), false)).toBeUndefined();
    expect(resetRefused(member('bob', 'admin'), reader('admin'), false)).toBe(words.needsOwner);
    expect(resetRefused(member('eve', 'owner'), reader('admin'), false)).toBe(words.needsOwner);
    expect(resetRefused(member('bob', 'viewer'), reader('member'), false)).toBe(words.needsAdmin);
    expect(resetRefused(member('me', 'owner'), reader('owner'), false)).toBe(words.selfReset);
    expect(resetRefused(member('bob', 'viewer'), reader('owner'), true)).toBe(words.mails);
    expect(resetRefused(member('bob', 'viewer'), reader('member'), true)).toBe(words.needsAdmin);
  });
});
