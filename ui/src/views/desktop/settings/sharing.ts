/** Addresses as a person edits them: one a line. */
export function toLines(people: readonly string[] | undefined): string {
  return (people ?? []).join('\n');
}

/** Addresses as they were written: on lines, or between commas or blanks; each once. */
export function fromLines(text: string): string[] {
  const all = text.split(/[\s,;]+/).filter((one) => one !== '');
  return [...new Set(all.map((one) => one.toLowerCase()))];
}

/** A whole number from 1; nothing for anything else. */
export function fromNumber(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text.trim()) ? Number(text.trim()) : undefined;
}
