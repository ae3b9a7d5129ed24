import type { Tool } from '$/protocol';
import { tools as words } from '$/words/tools';

import type { Shape, Tone } from './tone';

/** How a tool does, as a chip shows it. */
export function toolState(tool: Tool): { tone: Tone; shape: Shape; word: string } {
  if (tool.name === 'sandbox') {
    const level = tool.detail ?? 'none';
    return level === 'none'
      ? { tone: 'off', shape: 'ring', word: words.noSandbox }
      : { tone: 'ok', shape: 'check', word: words.sandbox(level) };
  }
  if (tool.detail) return { tone: 'warning', shape: 'triangle', word: tool.detail };
  if (!tool.version) return { tone: 'off', shape: 'ring', word: words.notFound };
  return { tone: 'ok', shape: 'check', word: words.found };
}
