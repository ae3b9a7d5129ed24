import { parseAnsiSequences } from 'ansi-sequence-parser';

/** A run of text with one look. */
export interface Span {
  text: string;
  look: string;
}

/** Longest part of a line that is drawn; the plain-text log has the rest. */
export const lineCharactersMax = 8000;

/** Terminal colours as tokens, since a terminal's own would not be readable in both themes. */
const colours: Record<string, string> = {
  red: 'text-failed',
  green: 'text-ok',
  yellow: 'text-needs',
  blue: 'text-running',
  magenta: 'text-link',
  cyan: 'text-running',
  black: 'text-muted',
};

/** What is left of a line when a terminal has obeyed its carriage returns. */
function settled(text: string): string {
  if (!text.includes('\r')) return text;
  const written = text.split('\r').filter((part) => part !== '');
  return written.at(-1) ?? '';
}

/** Control characters as visible signs; nothing that a program prints is ever obeyed. */
// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const sign = (character: string): string =>
  character === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + character.charCodeAt(0));

/** Splits a line into runs; colours and weights of a terminal become tokens, all else plain text. */
export function spans(line: string): Span[] {
  const text = settled(line.slice(0, lineCharactersMax));
  if (!text.includes('\u001b')) return [{ text: text.replace(control, sign), look: '' }];
  return parseAnsiSequences(text)
    .filter((token) => token.value !== '')
    .map((token) => {
      const look = [];
      if (token.foreground?.type === 'named') {
        const name = token.foreground.name.replace('bright', '').toLowerCase();
        look.push(colours[name] ?? '');
      }
      if (token.decorations.has('bold')) look.push('font-strong');
      if (token.decorations.has('italic')) look.push('italic');
      if (token.decorations.has('underline')) look.push('underline');
      return { text: token.value.replace(control, sign), look: look.join(' ').trim() };
    });
}

/** A run, or the part of it that was searched for. */
export interface Marked extends Span {
  found: boolean;
}

/** Marks every place where `query` stands within one run. */
export function marked(runs: readonly Span[], query: string): Marked[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return runs.map((run) => ({ ...run, found: false }));
  return runs.flatMap((run) => {
    const parts: Marked[] = [];
    const lower = run.text.toLowerCase();
    // Lower-casing can change the length of a text; without a safe position nothing is marked.
    if (lower.length !== run.text.length) return [{ ...run, found: false }];
    let from = 0;
    for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
      if (at > from) parts.push({ ...run, text: run.text.slice(from, at), found: false });
      parts.push({ ...run, text: run.text.slice(at, at + wanted.length), found: true });
      from = at + wanted.length;
    }
    if (from < run.text.length) parts.push({ ...run, text: run.text.slice(from), found: false });
    return parts;
  });
}
