/** Addresses as a person edits them: one a line. */
export function toLines(people: readonly string[] | undefined): string {
  return (people ?? []).join('\n');
}

/** Addresses as they were written: on lines, or between commas or blanks; each once. */
export function fromLines(text: string): string[] {
  const all = text.split(/[\s,;]+/).filter((one) => one !== '');
  return [...new Set(all.map((one) => one.toLowerCase()))];
}

/** What stands for no limit: nothing was written. */
export const noLimit = 0;

/** How many jobs at once, or that there is no limit; nothing for what cannot be meant. */
export function fromAtOnce(text: string): number | undefined {
  const plain = text.trim();
  if (plain === '') return noLimit;
  return /^[1-9]\d{0,3}$/.test(plain) ? Number(plain) : undefined;
}
