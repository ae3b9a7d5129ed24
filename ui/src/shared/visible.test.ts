import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { pieces, visible } from './visible';

/** The examples that the command line and the notifications are held to as well. */
const examples = JSON.parse(
  readFileSync(new URL('../../../crates/protocol/fixtures/visible.json', import.meta.url), 'utf8'),
) as { text: string; shown: string }[];

describe('invisible characters', () => {
  it.each(examples)('shows $text as $shown', ({ text, shown }) => {
    expect(visible(text)).toBe(shown);
  });

  it('shows a character that turns the text around', () => {
    expect(pieces('rm \u202efdp.exe')).toEqual([
      { text: 'rm ', hidden: false },
      { text: 'U+202E', hidden: true },
      { text: 'fdp.exe', hidden: false },
    ]);
  });

  it.each(['\u0000', '\u001b', '\r', '\u00ad', '\u200b', '\u2066', '\ufeff', '\u{e0041}', '\u3164'])(
    'finds %j',
    (character) => {
      expect(pieces(`a${character}b`)[1]?.hidden).toBe(true);
    },
  );

  it('leaves ordinary text of any script alone', () => {
    for (const text of ['ls -l\n\tcd ..', 'größe', 'שלום', '日本語', '😀', '✔️ done'])
      expect(pieces(text)).toEqual([{ text, hidden: false }]);
  });

  it('keeps every character of the rest', () => {
    const text = 'a\u200bb\u202ec';
    const shown = pieces(text)
      .filter((piece) => !piece.hidden)
      .map((piece) => piece.text)
      .join('');
    expect(shown).toBe('abc');
  });
});
