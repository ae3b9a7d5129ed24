import { useQueryClient, type QueryClient } from '@tanstack/svelte-query';
import { createContext } from 'svelte';

import { fleetApi } from '$/client/fleet';
import { asApiError } from '$/client/problem';
import type { RunnerAction, RunnerView } from '$/protocol';
import { toasts } from '$/shared/toasts.svelte';
import type { Trouble } from '$/shared/trouble';
import { common } from '$/words/common';
import { doneWord, runnerActions as words } from '$/words/runner-actions';

import type { WorkspaceContext } from '../shell/context';

/** A question that stands open: what to do, and to which runners. */
export interface Asked {
  action: RunnerAction;
  runners: readonly RunnerView[];
}

/** How many runners are changed at the same time. */
const atOnceMax = 4;

/** What people do to runners: asks where that is due, does it, and says what came of it. */
export class RunnerDeeds {
  /** The question that stands open. */
  asked = $state.raw<Asked>();
  /** The runner whose name is being written. */
  renaming = $state<string>();
  busy = $state(false);
  trouble = $state.raw<Trouble>();
  /** Told when a question has been answered and done. */
  ondone: (() => void) | undefined;

  readonly #client: QueryClient;
  readonly #context: WorkspaceContext;

  constructor(context: WorkspaceContext) {
    this.#client = useQueryClient();
    this.#context = context;
  }

  /** Begins an action; what needs no question is done at once. */
  begin(action: RunnerAction, runners: readonly RunnerView[]): void {
    this.trouble = undefined;
    const [first] = runners;
    if (first === undefined) return;
    if (action === 'rename') this.renaming = first.id;
    else if (action === 'enable') void this.enable(runners);
    else if (action === 'resume') void this.resume(runners);
    else this.asked = { action, runners };
  }

  enable = (runners: readonly RunnerView[]): Promise<boolean> =>
    this.#each('enable', runners, ({ id }) => fleetApi.enable(this.#workspace, id));

  resume = (runners: readonly RunnerView[]): Promise<boolean> =>
    this.#each('resume', runners, ({ id }) => fleetApi.resume(id));

  share = (runners: readonly RunnerView[]): Promise<boolean> =>
    this.#each('share', runners, ({ id }) => fleetApi.share(this.#workspace, id, 'shared'));

  unshare = (runners: readonly RunnerView[]): Promise<boolean> =>
    this.#each('unshare', runners, ({ id }) => fleetApi.share(this.#workspace, id, 'private'));

  disable = (runners: readonly RunnerView[], reason: string): Promise<boolean> =>
    this.#each('disable', runners, ({ id }) => fleetApi.disable(this.#workspace, id, reason));

  pause = (runners: readonly RunnerView[], forMs: number | undefined, note: string): Promise<boolean> =>
    this.#each('pause', runners, ({ id }) =>
      fleetApi.pause(id, {
        ...(forMs === undefined ? {} : { for_ms: forMs }),
        ...(note === '' ? {} : { note }),
      }),
    );

  remove = (runners: readonly RunnerView[]): Promise<boolean> =>
    this.#each('remove', runners, ({ id }) => fleetApi.remove(id));

  /** Gives a runner another name; the former one can be had back. Throws when it is refused. */
  async rename(runner: RunnerView, name: string): Promise<void> {
    await fleetApi.rename(runner.id, name);
    const former = runner.name;
    await this.#refresh();
    toasts.show(words.renamed(former, name), {
      word: common.undo,
      act: () => void this.#undoRename(runner.id, name, former),
    });
  }

  async #undoRename(id: string, name: string, former: string): Promise<void> {
    try {
      await fleetApi.rename(id, former);
      toasts.show(words.renamed(name, former));
    } catch (error) {
      toasts.show(asApiError(error).message);
    }
    await this.#refresh();
  }

  get #workspace(): string {
    return this.#context.workspace.id;
  }

  /** Does one thing to each; says how it went. True when all went well. */
  async #each(
    action: RunnerAction,
    runners: readonly RunnerView[],
    act: (runner: RunnerView) => Promise<void>,
  ): Promise<boolean> {
    this.busy = true;
    this.trouble = undefined;
    const failures: { runner: RunnerView; error: unknown }[] = [];
    const waiting = [...runners];
    const work = async (): Promise<void> => {
      for (let runner = waiting.shift(); runner !== undefined; runner = waiting.shift()) {
        try {
          await act(runner);
        } catch (error) {
          failures.push({ runner, error });
        }
      }
    };
    await Promise.all(Array.from({ length: atOnceMax }, work));
    this.busy = false;
    await this.#refresh();
    if (failures.length === 0) {
      toasts.show(doneWord[action](words.subject(runners.map(({ name }) => name))));
      this.asked = undefined;
      this.ondone?.();
      return true;
    }
    this.#failed(action, runners, failures);
    return false;
  }

  #failed(
    action: RunnerAction,
    runners: readonly RunnerView[],
    failures: readonly { runner: RunnerView; error: unknown }[],
  ): void {
    const [first] = failures;
    const { code, message, hint } = asApiError(first?.error);
    this.trouble = {
      what: words.failed(failures.length, runners.length),
      why: runners.length === 1 ? message : `${first?.runner.name ?? ''}: ${message}`,
      todo: hint,
      code,
    };
    if (this.asked === undefined) toasts.show(`${this.trouble.what}. ${this.trouble.why ?? ''}`);
    // What is asked again concerns only those that are left.
    else this.asked = { action, runners: failures.map(({ runner }) => runner) };
  }

  /** What the server holds now is fetched at once rather than with the next change that is told. */
  async #refresh(): Promise<void> {
    await this.#client.invalidateQueries({
      predicate: ({ queryKey }) =>
        queryKey[0] === 'workspace' && typeof queryKey[2] === 'string' && queryKey[2].startsWith('runner'),
    });
  }
}

export const [useDeeds, setDeeds] = createContext<RunnerDeeds>();
