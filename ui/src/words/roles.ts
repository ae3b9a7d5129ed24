import type { Role } from '$/protocol';

const words: Record<Role, string> = {
  owner: 'Owner',
  admin: 'Admin',
  member: 'Member',
  viewer: 'Viewer',
};

/** What each role may do, in a line. */
export const roleMeaning: Record<Role, string> = {
  owner: 'All rights, also to transfer and to delete it.',
  admin: 'Members, settings, every job and every runner.',
  member: 'Creates jobs, uses and shares their own runners.',
  viewer: 'Sees everything, changes nothing.',
};

/** A role's name. */
export function roleWord(role: Role): string {
  return words[role];
}

/** The roles that can be given; the owner's is transferred instead. */
export const givenRoles = ['admin', 'member', 'viewer'] as const satisfies readonly Role[];
