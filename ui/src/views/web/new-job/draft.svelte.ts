import type { NewJob, Priority, Target, TeamChange } from '$/protocol';

/** Who may take a job, as far as it is chosen. */
export interface Wish {
  target: Target['kind'];
  runner: string;
  agent: string;
}

/** The form of a new job, as far as it is filled in. */
export interface Draft extends Wish {
  title: string;
  instructions: string;
  model: string;
  /** Arguments for the agent, one a line. */
  extra: string;
  priority: Priority;
  team: TeamChange[];
}

const empty: Draft = {
  title: '',
  instructions: '',
  target: 'my',
  runner: '',
  agent: '',
  model: '',
  extra: '',
  priority: 'normal',
  team: [],
};
export const titleCharactersMax = 200;
const instructionsBytesMax = 1024 * 1024;

export const targets: readonly Target['kind'][] = ['my', 'team', 'any', 'runner'];
export const priorities: readonly Priority[] = ['low', 'normal', 'high', 'urgent'];

/** What is missing or too much, by field. */
export type DraftFault =
  'title-missing' | 'title-long' | 'instructions-missing' | 'instructions-long' | 'runner-missing';

/** What is wrong with a job's text. */
export function textFaults({ title, instructions }: Pick<Draft, 'title' | 'instructions'>): DraftFault[] {
  const found: DraftFault[] = [];
  const line = title.trim();
  if (line === '') found.push('title-missing');
  // The limit counts code points, as the coordinator does, not the halves of which some are made.
  if (Array.from(line).length > titleCharactersMax) found.push('title-long');
  if (instructions.trim() === '') found.push('instructions-missing');
  if (new Blob([instructions]).size > instructionsBytesMax) found.push('instructions-long');
  return found;
}

/** What stands in the way of submitting a draft. */
export function faults(draft: Draft): DraftFault[] {
  const found = textFaults(draft);
  if (draft.target === 'runner' && draft.runner === '') found.push('runner-missing');
  return found;
}

/** The target that is wished for; a specific runner counts only once it is chosen. */
export function targetOf(wish: Wish): Target | undefined {
  if (wish.target !== 'runner') return { kind: wish.target };
  return wish.runner === '' ? undefined : { kind: 'runner', runner_id: wish.runner };
}

/** A draft as the coordinator takes it; always begins in Backlog, so that attachments can follow. */
export function jobOf(draft: Draft): NewJob {
  return {
    title: draft.title.trim(),
    instructions: draft.instructions,
    context: 'local',
    target: targetOf(draft) ?? { kind: 'my' },
    agent: draft.agent === '' ? null : draft.agent,
    model: draft.model.trim() === '' ? null : draft.model.trim(),
    extra_arguments: draft.extra
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    priority: draft.priority,
    team: draft.team,
    ready: false,
  };
}

function isTeam(value: unknown): value is TeamChange[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: Partial<TeamChange> | null) =>
        typeof one?.account_id === 'string' && ['lead', 'editor', 'viewer'].includes(one.role ?? ''),
    )
  );
}

/** A draft as it was kept; whatever in it cannot be read is left as in an empty one. */
export function readDraft(text: string | null): Draft {
  const draft: Draft = { ...empty, team: [] };
  let kept: Partial<Record<keyof Draft, unknown>> | null;
  try {
    kept = JSON.parse(text ?? 'null') as typeof kept;
  } catch {
    return draft;
  }
  if (typeof kept !== 'object' || kept === null) return draft;
  for (const name of ['title', 'instructions', 'runner', 'agent', 'model', 'extra'] as const) {
    if (typeof kept[name] === 'string') draft[name] = kept[name];
  }
  draft.target = targets.find((kind) => kind === kept.target) ?? draft.target;
  draft.priority = priorities.find((priority) => priority === kept.priority) ?? draft.priority;
  if (isTeam(kept.team)) draft.team = kept.team;
  return draft;
}

/** A draft that survives a closed tab, kept in the browser for one workspace. */
export class KeptDraft {
  fields = $state<Draft>({ ...empty, team: [] });
  readonly #key: string;

  constructor(workspace: string) {
    this.#key = `coord.draft:${workspace}`;
    try {
      this.fields = readDraft(localStorage.getItem(this.#key));
    } catch {
      // Without storage every visit begins with an empty draft.
    }
  }

  /** Whether anything has been written. */
  get begun(): boolean {
    return this.fields.title !== '' || this.fields.instructions !== '';
  }

  /** Keeps what is filled in. */
  keep(): void {
    try {
      if (this.begun) localStorage.setItem(this.#key, JSON.stringify(this.fields));
      else localStorage.removeItem(this.#key);
    } catch {
      // Without storage, or with a full one, the draft lasts as long as the tab.
    }
  }

  /** Forgets what is written; choices stay, since the next job is often like the last. */
  discard(): void {
    this.fields.title = '';
    this.fields.instructions = '';
    this.keep();
  }
}
