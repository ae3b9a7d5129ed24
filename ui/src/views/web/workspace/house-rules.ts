/** The longest rules that a workspace keeps, in bytes. */
export const bytesMax = 16 * 1024;

/** A text's length as the coordinator counts it. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
