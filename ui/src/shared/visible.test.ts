import { describe, expect, it } from 'vitest';

import { pieces } from './visible';

describe('invisible characters', () => {
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
