/** Bounds of what a person chooses; the server has the same and the last word. */
export const passwordCharsMin = 10;
export const passwordCharsMax = 256;
export const nameCharsMax = 80;

/** What is wrong with a new password. */
export function passwordFault(password: string): 'short' | 'long' | undefined {
  const length = Array.from(password).length;
  if (length < passwordCharsMin) return 'short';
  return length > passwordCharsMax ? 'long' : undefined;
}

/** Whether something looks like an e-mail address; only a mail to it proves more. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text.trim()) && text.trim().length <= 254;
}

/** Whether two e-mail addresses are the same account's. */
export function sameEmail(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

/** The name in addresses that a workspace's name makes. */
export function slugFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
}

/** Whether a name can stand in addresses. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text);
}
