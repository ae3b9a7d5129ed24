import type { NewJob, Target } from '$/protocol';

/** The form of a new job, as far as it is filled in. */
export interface Draft {
  title: string;
  instructions: string;
  target: Target['kind'];
  runner: string;
  agent: string;
}

const empty: Draft = { title: '', instructions: '', target: 'my', runner: '', agent: '' };
export const titleCharactersMax = 200;
const instructionsBytesMax = 1024 * 1024;

/** What is missing or too much, by field. */
export type DraftFault =
  'title-missing' | 'title-long' | 'instructions-missing' | 'instructions-long' | 'runner-missing';

/** What stands in the way of submitting a draft. */
export function faults(draft: Draft): DraftFault[] {
  const found: DraftFault[] = [];
  const title = draft.title.trim();
  if (title === '') found.push('title-missing');
  // The limit counts code points, as the coordinator does, not the halves of which some are made.
  if (Array.from(title).length > titleCharactersMax) found.push('title-long');
  if (draft.instructions.trim() === '') found.push('instructions-missing');
  if (new Blob([draft.instructions]).size > instructionsBytesMax) found.push('instructions-long');
  if (draft.target === 'runner' && draft.runner === '') found.push('runner-missing');
  return found;
}

/** The target that a draft names; a specific runner counts only once it is chosen. */
export function targetOf(draft: Draft): Target | undefined {
  if (draft.target !== 'runner') return { kind: draft.target };
  return draft.runner === '' ? undefined : { kind: 'runner', runner_id: draft.runner };
}

/** A draft as the coordinator takes it; always begins in Backlog, so that attachments can follow. */
export function jobOf(draft: Draft): NewJob {
  return {
    title: draft.title.trim(),
    instructions: draft.instructions,
    context: 'local',
    target: targetOf(draft) ?? { kind: 'my' },
    agent: draft.agent === '' ? null : draft.agent,
    ready: false,
  };
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(empty).every((name) => typeof (value as Record<string, unknown>)[name] === 'string')
  );
}

/** A draft that survives a closed tab, kept in the browser for one workspace. */
export class KeptDraft {
  fields = $state<Draft>({ ...empty });
  readonly #key: string;

  constructor(workspace: string) {
    this.#key = `coord.draft:${workspace}`;
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? 'null');
      if (isDraft(kept) && ['my', 'team', 'any', 'runner'].includes(kept.target)) this.fields = kept;
    } catch {
      // A draft that cannot be read is no draft.
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
