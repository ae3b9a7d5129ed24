const steps: readonly [limit: number, unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  [60_000, 'second', 1000],
  [3_600_000, 'minute', 60_000],
  [86_400_000, 'hour', 3_600_000],
  [7 * 86_400_000, 'day', 86_400_000],
];

/** Formatters by what makes them; making one costs a hundred times what using it does. */
const formatters = new Map<string, Intl.DateTimeFormat>();
const relatives = new Map<string | undefined, Intl.RelativeTimeFormat>();

function format(at: number, locale: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale ?? ''} ${JSON.stringify(options)}`;
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formatters.set(key, known);
  return known.format(at);
}

function relativeFormat(locale: string | undefined): Intl.RelativeTimeFormat {
  const known = relatives.get(locale) ?? new Intl.RelativeTimeFormat(locale, { style: 'short' });
  relatives.set(locale, known);
  return known;
}

/**
 * "3 min. ago", and the date when that is longer than a week. What has passed is told in whole
 * units; what is to come to the nearest, so that a week that has just begun is not six days.
 */
export function relative(at: number, now: number, locale?: string): string {
  const difference = at - now;
  const distance = Math.abs(difference);
  if (distance < 5000) return difference > 0 ? 'in a moment' : 'just now';
  const step = steps.find(([limit]) => distance < limit);
  if (step === undefined) {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    const year = sameYear ? {} : ({ year: 'numeric' } as const);
    return format(at, locale, { day: 'numeric', month: 'short', ...year });
  }
  const [, unit, ms] = step;
  const count = difference / ms;
  return relativeFormat(locale).format(difference < 0 ? Math.trunc(count) : Math.round(count), unit);
}

/** The exact time with its zone, for tooltips. */
export function exact(at: number, locale?: string): string {
  return format(at, locale, { dateStyle: 'full', timeStyle: 'long' });
}

/** The time of day, with the day where that is not today. */
export function timeSoon(at: number, now: number, locale?: string): string {
  const time = format(at, locale, { hour: 'numeric', minute: '2-digit' });
  if (new Date(at).toDateString() === new Date(now).toDateString()) return time;
  return `${format(at, locale, { weekday: 'short', day: 'numeric', month: 'short' })}, ${time}`;
}

/** The time of day with seconds, for log lines and timelines. */
export function timeOfDay(at: number): string {
  return format(at, undefined, { hour: 'numeric', minute: 'numeric', second: 'numeric', hour12: false });
}

/** "4 min 12 s": the two largest units that matter. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${String(days)} d ${String(hours % 24)} h`;
  if (hours > 0) return `${String(hours)} h ${String(minutes % 60)} min`;
  if (minutes > 0) return `${String(minutes)} min ${String(seconds % 60)} s`;
  return `${String(seconds)} s`;
}
