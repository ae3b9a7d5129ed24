/** How long it is from `now` until the next day begins here, in milliseconds. */
export function untilTomorrow(now: number): number {
  const tomorrow = new Date(now);
  tomorrow.setHours(24, 0, 0, 0);
  return tomorrow.getTime() - now;
}
