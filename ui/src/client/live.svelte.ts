import type { Change, LiveEvent } from '$/protocol';

type Listener = (change: Change) => void;

const retryMsFirst = 1000;
const retryMsMax = 15_000;

/**
 * The live stream of a workspace. Tabs of one browser share one connection: the tab that holds the
 * lock keeps it and tells the others. Where the browser has no locks, each tab keeps its own.
 */
export class LiveFeed {
  /** Whether this tab is told of changes as they happen. */
  connected = $state(false);

  readonly #url: string;
  #listeners: readonly Listener[] = [];
  readonly #end = new AbortController();
  readonly #channel: BroadcastChannel;
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = retryMsFirst;
  #leading = false;

  constructor(workspace: string) {
    this.#url = `/api/v1/workspaces/${encodeURIComponent(workspace)}/live`;
    const name = `coord-live:${workspace}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<ChannelMessage>) => this.#heard(data);
    this.#channel.postMessage({ kind: 'asks' } satisfies ChannelMessage);
    void this.#lead(name);
  }

  /** Tells `listener` every change until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Ends the stream; another tab takes the connection over. */
  close(): void {
    this.#end.abort();
    this.#disconnect();
    this.#channel.close();
    this.#listeners = [];
  }

  async #lead(name: string): Promise<void> {
    // Browsers offer locks in secure contexts only, and a coordinator may stand in a plain local network.
    const locks = (navigator as { locks?: LockManager }).locks;
    if (locks === undefined) {
      this.#connect();
      return;
    }
    const held = new Promise<void>((resolve) => {
      this.#end.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await locks.request(name, { signal: this.#end.signal }, async () => {
        this.#leading = true;
        this.#connect();
        await held;
      });
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }

  #connect(): void {
    if (this.#end.signal.aborted) return;
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => {
      this.#retryMs = retryMsFirst;
      this.#tell({ kind: 'connected', connected: true });
      // Something may have changed while nobody listened.
      this.#tell({ kind: 'change', change: { what: 'everything' } });
    };
    source.addEventListener('change', ({ data }: MessageEvent<string>) => {
      const change = parse(data);
      if (change !== undefined) this.#tell({ kind: 'change', change });
    });
    source.onerror = () => {
      this.#tell({ kind: 'connected', connected: false });
      // A browser gives up by itself after an answer that is no stream; we do not.
      if (source.readyState === EventSource.CLOSED) this.#reconnect();
    };
  }

  #reconnect(): void {
    this.#disconnect();
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMsMax);
  }

  #disconnect(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  #tell(message: ChannelMessage): void {
    if (this.#end.signal.aborted) return;
    if (this.#leading) this.#channel.postMessage(message);
    this.#heard(message);
  }

  #heard(message: ChannelMessage): void {
    if (message.kind === 'asks') {
      if (this.#leading) this.#channel.postMessage({ kind: 'connected', connected: this.connected });
    } else if (message.kind === 'connected') this.connected = message.connected;
    else for (const listener of this.#listeners) listener(message.change);
  }
}

/** What tabs tell each other. */
type ChannelMessage =
  { kind: 'asks' } | { kind: 'connected'; connected: boolean } | { kind: 'change'; change: Change };

const known: readonly string[] = [
  'job',
  'jobs',
  'log',
  'logs',
  'runner',
  'runners',
  'workspace',
  'notifications',
  'everything',
] satisfies Change['what'][];

/** The change that a message of the stream holds; a newer server may say what we do not know. */
function parse(data: string): Change | undefined {
  try {
    const { change } = JSON.parse(data) as LiveEvent;
    return known.includes(change.what) ? change : undefined;
  } catch {
    return undefined;
  }
}
