import type { LogKind } from '$/protocol';

/** A line as it is read: entries that continue each other are one line. */
export interface LogLine {
  /** Number of its first entry. */
  n: number;
  at: number;
  kind: LogKind;
  text: string;
}
