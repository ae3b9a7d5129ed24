/** A device code as it stands on the device, however it was typed; none when it cannot be one. */
export function userCode(typed: string): string | undefined {
  const characters = typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return characters.length === 8 ? `${characters.slice(0, 4)}-${characters.slice(4)}` : undefined;
}
