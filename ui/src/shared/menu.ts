/** One row of a menu; without a word it is a line between rows. */
export interface MenuEntry {
  word?: string;
  /** Where it leads. */
  href?: string;
  /** What it does. */
  act?: () => void;
  /** Whether it is the chosen one, where one of several is. */
  checked?: boolean;
  /** What it means, in a line below. */
  note?: string | undefined;
  /** Why it cannot be done now; shown in a line below, and it does nothing then. */
  refused?: string | undefined;
  /** Whether it takes something away for good. */
  danger?: boolean;
}
