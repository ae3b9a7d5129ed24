/** One row of a menu; without a word it is a line between rows. */
export interface MenuEntry {
  word?: string;
  /** Where it leads. */
  href?: string;
  /** What it does. */
  act?: () => void;
  /** Whether it is the chosen one, where one of several is. */
  checked?: boolean;
}
