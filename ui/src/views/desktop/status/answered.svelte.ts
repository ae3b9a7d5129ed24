import type { ServiceState, SettledAsk, WaitingApproval } from '../service';

/** How long a card stays that was answered: long enough to read by whom. */
const keptMs = 3000;

/** A card, with its answer once there is one. */
export interface Card {
  waits: WaitingApproval;
  settled: SettledAsk | undefined;
}

/** Cards of what waits, and for a moment those that were answered, here or elsewhere. */
export class AnsweredCards {
  #kept = $state.raw<readonly Card[]>([]);
  #waited: readonly WaitingApproval[] = [];
  readonly #state: () => ServiceState;

  constructor(state: () => ServiceState) {
    this.#state = state;
    $effect(() => this.#follow(state()));
  }

  get approvals(): readonly Card[] {
    const open = this.#state().approvals.map((waits) => ({ waits, settled: undefined }));
    return [...this.#kept, ...open];
  }

  #follow({ approvals, settled }: ServiceState): void {
    const open = approvals.map(({ approval }) => approval.id);
    const closed = this.#waited
      .filter(({ approval }) => !open.includes(approval.id))
      .map((waits) => ({ waits, settled: settled?.find(({ id }) => id === waits.approval.id) }))
      .filter((card): card is Card => card.settled !== undefined);
    this.#waited = approvals;
    if (closed.length === 0) return;
    const ids = closed.map(({ waits }) => waits.approval.id);
    this.#kept = [...this.#kept, ...closed];
    setTimeout(
      () => (this.#kept = this.#kept.filter(({ waits }) => !ids.includes(waits.approval.id))),
      keptMs,
    );
  }
}
