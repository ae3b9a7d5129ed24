/** An error in the three parts that a person needs, with a code to quote. */
export interface Trouble {
  /** What happened. */
  what: string;
  /** Why, most likely. */
  why?: string | undefined;
  /** What to do about it. */
  todo?: string | undefined;
  /** The code, for programs and for asking. */
  code?: string | undefined;
  /** Finds the request in the server's log. */
  request?: string | undefined;
}
