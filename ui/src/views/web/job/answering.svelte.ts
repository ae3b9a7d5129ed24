import { createMutation, useQueryClient } from '@tanstack/svelte-query';

import { asApiError } from '$/client/problem';
import { applyChange } from '$/client/queries';
import type { Trouble } from '$/shared/trouble';

import { useWorkspace } from '../shell/context';
import { shownTrouble } from '../shown-trouble';

/** Answering something that an agent asks: the call that does it, and what went wrong with it. */
export class Answering<T> {
  readonly #call;

  constructor(job: () => string, send: (given: T) => Promise<unknown>) {
    const context = useWorkspace();
    const client = useQueryClient();
    this.#call = createMutation(() => ({
      mutationFn: send,
      onSettled: () => applyChange(client, context.workspace.id, { what: 'job', job_id: job() }),
    }));
  }

  get busy(): boolean {
    return this.#call.isPending;
  }

  /** Nothing when somebody else was first: the card says who, so that is no error to show. */
  get trouble(): Trouble | undefined {
    const { error } = this.#call;
    return error && asApiError(error).code !== 'conflict' ? shownTrouble(error) : undefined;
  }

  give(given: T): void {
    this.#call.mutate(given);
  }
}
