import type { MemberView, Role } from '$/protocol';
import { peopleRefused as words } from '$/words/people';

/** Who looks at a member: their account, and their role in the same workspace. */
export interface Reader {
  id: string;
  role: Role;
}

/** Whether a role manages members. */
export function managesPeople(role: Role): boolean {
  return role === 'owner' || role === 'admin';
}

/** Why the reader cannot give a member another role; none when they can. */
export function roleRefused(member: MemberView, reader: Reader): string | undefined {
  if (member.can_change_role) return undefined;
  if (!managesPeople(reader.role)) return words.needsAdmin;
  if (member.role === 'owner') return words.owner;
  return member.person.id === reader.id ? words.selfRole : words.admin;
}

/** Why the reader cannot take a member out; none when they can. */
export function removeRefused(member: MemberView, reader: Reader): string | undefined {
  if (member.can_remove) return undefined;
  if (member.role === 'owner') return words.owner;
  if (member.person.id === reader.id) return words.selfRemove;
  return managesPeople(reader.role) ? words.admin : words.needsAdmin;
}

/** Why the reader cannot make a member the owner; none when they can. */
export function transferRefused(member: MemberView, reader: Reader): string | undefined {
  if (reader.role !== 'owner') return words.needsOwner;
  return member.role === 'owner' ? words.already : undefined;
}

/** Why the reader cannot make a link for a member's new password; none when they can. */
export function resetRefused(member: MemberView, reader: Reader, mails: boolean): string | undefined {
  if (member.person.id === reader.id) return words.selfReset;
  if (!managesPeople(reader.role)) return words.needsAdmin;
  if (mails) return words.mails;
  if (reader.role === 'owner') return undefined;
  // Whoever sets a password gets all that the account may do, so never one above or beside.
  return member.role === 'owner' || member.role === 'admin' ? words.needsOwner : undefined;
}
