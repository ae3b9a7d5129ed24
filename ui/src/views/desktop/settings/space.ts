/** Longest that something can be kept by choosing a number of days. */
export const daysMax = 3650;
const gigabytesMax = 1_000_000;
const megabytesOfOne = 1000;

/** Megabytes as gigabytes, with no more digits than are needed. */
export function toGigabytes(megabytes: number): string {
  return String(megabytes / megabytesOfOne);
}

/** Gigabytes as they were written, in megabytes; nothing for what is no such number. */
export function fromGigabytes(text: string): number | undefined {
  const plain = text.trim().replace(',', '.');
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(plain)) return undefined;
  const gigabytes = Number(plain);
  return gigabytes <= gigabytesMax ? Math.round(gigabytes * megabytesOfOne) : undefined;
}

/** Days as they were written; nothing for what is no such number. */
export function fromDays(text: string): number | undefined {
  if (!/^\d{1,4}$/.test(text.trim())) return undefined;
  const days = Number(text.trim());
  return days <= daysMax ? days : undefined;
}
