import type { RuleDraft, RuleMatch } from '$/protocol';

/** What of a rule a person edits, as one text. */
export function textOf(matches: RuleMatch): string {
  if (matches.kind === 'command') return matches.words.join(' ');
  return matches.kind === 'path' ? matches.pattern : matches.tool;
}

/** The rule of the same kind with another text. */
export function withText(matches: RuleMatch, text: string): RuleMatch {
  const plain = text.trim();
  if (matches.kind === 'command') return { kind: 'command', words: plain.split(/\s+/).filter(Boolean) };
  return matches.kind === 'path' ? { kind: 'path', pattern: plain } : { kind: 'tool', tool: plain };
}

/** What a person has chosen around a rule's text. */
export interface Chosen {
  text: string;
  agent: string | undefined;
  workspace: string | undefined;
  days: number;
}

/** The rule as it is sent. */
export function draftOf(matches: RuleMatch, { text, agent, workspace, days }: Chosen): RuleDraft {
  return {
    matches: withText(matches, text),
    ...(agent === undefined ? {} : { agent }),
    ...(workspace === undefined ? {} : { workspace }),
    days,
  };
}

/** What is wrong with a rule that a person wrote for a request: it is empty, or made for something else. */
export function faultOf(proposed: RuleMatch, text: string): 'empty' | 'other' | undefined {
  const written = withText(proposed, text);
  if (text.trim() === '') return 'empty';
  if (written.kind === 'tool' && proposed.kind === 'tool')
    return written.tool === proposed.tool ? undefined : 'other';
  if (written.kind === 'command' && proposed.kind === 'command') {
    // What was proposed may be shorter than the command, so a longer rule may still cover it.
    const differs = written.words.some(
      (word, at) => at < proposed.words.length && word !== proposed.words[at],
    );
    return differs ? 'other' : undefined;
  }
  return undefined;
}
