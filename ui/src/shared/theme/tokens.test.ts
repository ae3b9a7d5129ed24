import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

type Colour = readonly [lightness: number, chroma: number, hue: number];

/** The tokens of one theme, as they stand in the style sheet. */
function tokens(theme: 'light' | 'dark'): Map<string, Colour> {
  const sheet = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
  const block = new RegExp(`^:root\\[data-theme='${theme}'\\] \\{([^}]+)\\}`, 'm').exec(sheet)?.[1] ?? '';
  const found = block.matchAll(/--([\w-]+): oklch\(([\d.]+)(%?) ([\d.]+) ([\d.]+)\);/g);
  return new Map(
    [...found].map(([, name = '', lightness, percent, chroma, hue]) => [
      name,
      [Number(lightness) / (percent === '%' ? 100 : 1), Number(chroma), Number(hue)],
    ]),
  );
}

/** Relative luminance (WCAG 2) of a colour in OKLCH, cut to what a screen can show. */
function luminance([lightness, chroma, hue]: Colour): number {
  const angle = (hue * Math.PI) / 180;
  const a = chroma * Math.cos(angle);
  const b = chroma * Math.sin(angle);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number): number => Math.min(1, Math.max(0, value));
  const red = cut(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  const green = cut(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  const blue = cut(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ['surface', 'raised', 'sunken', 'hover', 'selected'];
const texts = ['text', 'muted', 'faint', 'link'];
const states = ['ok', 'running', 'needs', 'warning', 'failed', 'off'];

const readable: [text: string, ground: string][] = [
  ...texts.flatMap((text) => grounds.map((ground): [string, string] => [text, ground])),
  ...states.flatMap((state): [string, string][] => [
    [state, `${state}-soft`],
    ...['surface', 'raised', 'sunken', 'hover'].map((ground): [string, string] => [state, ground]),
  ]),
  ...states.flatMap((state): [string, string][] => [
    ['text', `${state}-soft`],
    ['muted', `${state}-soft`],
  ]),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-accent', 'danger'],
  ['on-accent', 'danger-hover'],
];
const visible: [mark: string, ground: string][] = ['edge', 'focus'].flatMap((mark) =>
  ['surface', 'raised', 'sunken'].map((ground): [string, string] => [mark, ground]),
);

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const found = tokens(theme);
  const colour = (name: string): Colour => {
    const value = found.get(name);
    if (value === undefined) throw new Error(`no token --${name} in the ${theme} theme`);
    return value;
  };

  it('can be read: every text on every ground that it may stand on', () => {
    const poor = readable.filter(([text, ground]) => contrast(colour(text), colour(ground)) < 4.5);
    expect(poor.map(([text, ground]) => `${text} on ${ground}`)).toEqual([]);
  });

  it('can be seen: edges of controls and the focus', () => {
    const poor = visible.filter(([mark, ground]) => contrast(colour(mark), colour(ground)) < 3);
    expect(poor.map(([mark, ground]) => `${mark} on ${ground}`)).toEqual([]);
  });
});
