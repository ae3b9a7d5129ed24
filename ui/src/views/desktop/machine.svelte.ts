import { getContext, setContext } from 'svelte';

import type { Problem } from '$/protocol';

import { problemFrom, type Asked, type Link, type Reply, type Request, type Shell } from './service';

export type Tab = 'status' | 'logs' | 'history' | 'settings';

const key = Symbol('machine');
const tabKey = 'coord.tab';
const setupKey = 'coord.setup';

const remembered = (name: string): string | null => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const remember = (name: string, value: string): void => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Without storage the window begins at its first tab; nothing else is lost.
  }
};
const isTab = (text: string | null): text is Tab =>
  text === 'status' || text === 'logs' || text === 'history' || text === 'settings';

/** This machine as the window knows it: the service's state, and where the window is. */
export class Machine {
  readonly shell: Shell;
  link = $state.raw<Link>({ link: 'starting' });
  tab = $state<Tab>('status');
  /** The attempt whose log is open; the newest one when none is chosen. */
  attempt = $state<string | null>(null);
  quitting = $state(false);
  /** Whether this desktop shows no tray, which is said once. */
  noTray = $state(false);
  /** Whether the first steps are under way. */
  settingUp = $state(false);
  /** Whether this window began the sign-in under way, and so opens the browser by itself. */
  signingIn = $state(false);
  /** Rises when the sign-in was asked for from outside of the window. */
  signInWished = $state(0);

  constructor(shell: Shell) {
    this.shell = shell;
    const tab = remembered(tabKey);
    if (isTab(tab)) this.tab = tab;
    this.settingUp = remembered(setupKey) === 'begun';
    const restored = this.settingUp;
    shell.watch((signal) => {
      if (signal.signal !== 'service') {
        this.#go(signal.asked);
        return;
      }
      this.link = signal.service;
      if (!restored || !this.settingUp || signal.service.link !== 'running') return;
      // A window that was killed may have lost that the first steps are done; a machine at work is
      // set up, and a service that has just begun says only later that it is at work.
      if (signal.service.state.attempts.length > 0) this.setUp(false);
    });
  }

  /** The service's state while it answers. */
  readonly state = $derived(this.link.link === 'running' ? this.link.state : undefined);

  go(tab: Tab): void {
    this.tab = tab;
    remember(tabKey, tab);
  }

  openLog(attempt: string): void {
    this.attempt = attempt;
    this.go('logs');
  }

  setUp(under: boolean): void {
    this.settingUp = under;
    remember(setupKey, under ? 'begun' : 'done');
  }

  /** Begins to sign in; the browser opens once there is a code. */
  signIn(): Promise<Reply> {
    this.signingIn = true;
    return this.ask({ request: 'sign_in' });
  }

  /** Asks the service; the error is a `Problem`. */
  ask(request: Request): Promise<Reply> {
    return this.shell.control(request);
  }

  #go(asked: Asked): void {
    this.noTray ||= asked.no_tray;
    if (asked.page === 'quit') this.quitting = true;
    else if (asked.page === 'sign_in') {
      this.go('status');
      this.signInWished += 1;
    } else if (asked.page === 'logs') {
      this.attempt = asked.of;
      this.go('logs');
    } else if (asked.page !== 'last') this.go(asked.page);
  }
}

/** Makes the machine known to every view below. */
export function provide(machine: Machine): Machine {
  return setContext(key, machine);
}

/** The machine that the window shows. */
export function useMachine(): Machine {
  return getContext<Machine>(key);
}

/** Something that a button does: whether it is under way, and why it failed last. */
export class Doing {
  busy = $state(false);
  problem = $state.raw<Problem>();
  #running = false;

  /** Does it once; a second press while it is under way does nothing. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    // Not the rune: an effect that does something must not run again when it is done.
    if (this.#running) return undefined;
    this.#running = true;
    this.busy = true;
    this.problem = undefined;
    try {
      return await work();
    } catch (error) {
      this.problem = problemFrom(error);
      return undefined;
    } finally {
      this.#running = false;
      this.busy = false;
    }
  }
}
