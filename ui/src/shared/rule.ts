import type { Action, RuleDraft, RuleMatch } from '$/protocol';

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

/** Where in the job's folder the file at `path` is, for which `pattern` was proposed. */
function placeOf(path: string, pattern: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  return pattern.endsWith('**') ? pattern.slice(0, -2) + name : pattern;
}

/** Whether a file in the job's folder fits a pattern: `*` is part of a name, `**` any folders. */
function fits(pattern: string, place: string): boolean {
  const plain = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const part = (name: string): string => (name === '**' ? '.+' : name.split('*').map(plain).join('[^/]*'));
  return new RegExp(`^${pattern.split('/').map(part).join('/')}$`, 'i').test(place);
}

/** What is wrong with a rule that a person wrote for a request. */
export type Fault = 'empty' | 'all' | 'other';

/** Whether a rule is empty, for every file there is, or made for something else than what is asked. */
export function faultOf(proposed: RuleMatch, text: string, asked: Action): Fault | undefined {
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
  if (written.kind === 'path' && proposed.kind === 'path' && asked.kind === 'edit') {
    if (/^[*/]+$/.test(written.pattern)) return 'all';
    return fits(written.pattern, placeOf(asked.path, proposed.pattern)) ? undefined : 'other';
  }
  return undefined;
}

/** Whether a rule allows more than the one that was proposed for the same request. */
export function reachesBeyond(proposed: RuleMatch, text: string): boolean {
  const written = withText(proposed, text);
  if (written.kind === 'command' && proposed.kind === 'command')
    return written.words.length < proposed.words.length;
  if (written.kind === 'path' && proposed.kind === 'path') {
    const folder = proposed.pattern.endsWith('**') ? proposed.pattern.slice(0, -2) : '';
    const within = folder !== '' && written.pattern.startsWith(folder);
    return written.pattern !== proposed.pattern && !within;
  }
  return false;
}
