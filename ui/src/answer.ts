import type { Decision, RuleDraft } from '$/protocol';

/** What a person answers to a request for permission. */
export interface GivenAnswer {
  decision: Decision;
  /** Words for the agent, with a denial. */
  note?: string;
  /** The rule to keep, with *always*. */
  rule?: RuleDraft;
}

/** As it is sent, without what is empty. */
export function answerBody(digest: string, { decision, note, rule }: GivenAnswer) {
  return { decision, digest, ...(note ? { note } : {}), ...(rule ? { rule } : {}) };
}
