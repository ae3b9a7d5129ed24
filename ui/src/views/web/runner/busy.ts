/** The mean of a week's hours in percent; what was not nothing is at least one. */
export function busyOf(hours: readonly number[]): number {
  const sum = hours.reduce((all, hour) => all + hour, 0);
  if (sum === 0) return 0;
  return Math.max(1, Math.round(sum / hours.length));
}
