/**
 * Characters that change what a reader sees without being seen themselves: control and format
 * characters, line and paragraph separators, and whatever fonts leave out. A variation selector
 * after an emoji is left alone: it is part of how that emoji is written.
 */
const hidden =
  /(?![\n\t]|(?<=\p{Extended_Pictographic})\u{fe0f})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A piece of text: as it stands, or the name of a character that would not be seen. */
export interface Piece {
  text: string;
  /** Whether `text` names an invisible character. */
  hidden: boolean;
}

/** How an invisible character is named: `U+202E`. */
function nameOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text in one line, with invisible characters by their names, for places without room. */
export function inOneLine(text: string): string {
  return visible(text.replace(/[\n\t ]+/g, ' ').trim());
}

/** The whole text, with invisible characters as `[U+202E]`; line feeds and tabs stay. */
export function visible(text: string): string {
  return pieces(text)
    .map((piece) => (piece.hidden ? `[${piece.text}]` : piece.text))
    .join('');
}

/** Splits a text, so that every invisible or direction-changing character can be shown by its name. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), hidden: false });
    found.push({ text: nameOf(match[0]), hidden: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from), hidden: false });
  return found;
}
