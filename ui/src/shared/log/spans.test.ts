import { describe, expect, it } from 'vitest';

import { lineCharactersMax, marked, spans } from './spans';

const text = (line: string): string =>
  spans(line)
    .map((span) => span.text)
    .join('');

describe('a log line as runs', () => {
  it('turns terminal colours into tokens', () => {
    expect(spans('\u001b[31mred\u001b[0m plain \u001b[1mbold')).toEqual([
      { text: 'red', look: 'text-failed' },
      { text: ' plain ', look: '' },
      { text: 'bold', look: 'font-strong' },
    ]);
  });

  it('keeps what stands after the last carriage return', () => {
    expect(text('10 %\r50 %\r100 %')).toBe('100 %');
    expect(text('windows line\r')).toBe('windows line');
  });

  it('shows control characters instead of obeying them', () => {
    expect(text('a\u0000b\u0007c\u007f')).toBe('a␀b␇c␡');
  });

  it('never takes markup for markup', () => {
    expect(spans('<img src=x onerror=alert(1)>')).toEqual([
      { text: '<img src=x onerror=alert(1)>', look: '' },
    ]);
  });

  it('draws no more of an endless line than it must', () => {
    expect(text('x'.repeat(5_000_000))).toHaveLength(lineCharactersMax);
  });

  it('marks every place that was searched for', () => {
    expect(marked(spans('Error: an error'), 'ERROR').map(({ text: part, found }) => [part, found])).toEqual([
      ['Error', true],
      [': an ', false],
      ['error', true],
    ]);
  });
});
