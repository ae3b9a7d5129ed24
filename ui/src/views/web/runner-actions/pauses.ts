/** How long a pause lasts, as people choose it. */
export const pauseChoices = ['quarter', 'hour', 'tomorrow', 'open'] as const;
export type PauseChoice = (typeof pauseChoices)[number];

/** A choice in milliseconds from `now`; none for a pause without an end. */
export function pauseMs(choice: PauseChoice, now: number): number | undefined {
  switch (choice) {
    case 'quarter':
      return 15 * 60_000;
    case 'hour':
      return 60 * 60_000;
    case 'tomorrow': {
      const morning = new Date(now);
      morning.setDate(morning.getDate() + 1);
      morning.setHours(8, 0, 0, 0);
      return morning.getTime() - now;
    }
    case 'open':
      return undefined;
  }
}
