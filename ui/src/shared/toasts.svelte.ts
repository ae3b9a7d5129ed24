import { announce } from './announce.svelte';

/** A short message about something that was done, with at most one thing to do about it. */
export interface Toast {
  id: number;
  text: string;
  action?: { word: string; act: () => void } | undefined;
}

/** What is shown at the moment; drawn by Toasts.svelte. */
class ToastList {
  shown = $state.raw<readonly Toast[]>([]);
  #next = 0;

  /** Shows a message, and says it to a screen reader. */
  show(text: string, action?: Toast['action']): void {
    const id = (this.#next += 1);
    // More than three at once nobody reads; the oldest goes.
    this.shown = [...this.shown.slice(-2), { id, text, action }];
    announce(text);
  }

  close(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }
}

export const toasts = new ToastList();
