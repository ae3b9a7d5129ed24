import type { Event, EventEntry, ToolKind, ToolStatus } from '$/protocol';

/** One row of a timeline. */
export type Step =
  | {
      kind: 'tool';
      n: number;
      at: number;
      tool: ToolKind;
      title: string;
      detail: string | undefined;
      /** None while it runs. */
      status: ToolStatus | undefined;
      result: string | undefined;
      endedAt: number | undefined;
    }
  | { kind: 'event'; n: number; at: number; event: Event };

/** Events that only add to another row, or whose newest alone counts. */
const folded: readonly Event['type'][] = ['tool_ended', 'usage_reported', 'plan_updated'];

/** Events as rows: a tool call and its end are one, of plans only the newest is shown. */
export function steps(entries: readonly EventEntry[]): Step[] {
  const rows: Step[] = [];
  const tools = new Map<string, Extract<Step, { kind: 'tool' }>>();
  const plan = entries.findLast(({ event }) => event.type === 'plan_updated');
  for (const { n, at, event } of entries) {
    if (event.type === 'tool_started') {
      const row = {
        kind: 'tool' as const,
        n,
        at,
        tool: event.kind,
        title: event.title,
        detail: event.detail ?? undefined,
        status: undefined,
        result: undefined,
        endedAt: undefined,
      };
      tools.set(event.tool_call, row);
      rows.push(row);
    } else if (event.type === 'tool_ended') {
      const row = tools.get(event.tool_call);
      if (row) Object.assign(row, { status: event.status, result: event.result ?? undefined, endedAt: at });
    } else if (!folded.includes(event.type) || n === plan?.n) rows.push({ kind: 'event', n, at, event });
  }
  return rows;
}
