import { createHash, randomUUID } from 'node:crypto';

import { expect, type APIRequestContext } from '@playwright/test';

import { instance } from './instance';

/** A pause as a runner says it and is asked for it. */
interface Settings {
  name: string;
  pause_wish?: { revision: number; pause?: { for_ms?: number; note?: string } };
}

/**
 * A runner without a machine: it speaks the runner's interface as a real one does, says that it has
 * the demo agent, and takes no job by itself. For pages that need more runners than there are.
 */
export class StandIn {
  readonly #installation = randomUUID();
  readonly #boot = randomUUID();
  readonly #os: string;
  #token = '';
  #seq = 0;
  #paused: { since: number; until?: number; note?: string } | undefined;
  #revision = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  /** Its id, once it is registered. */
  id = '';
  /** The name that it got. */
  name: string;

  constructor(name: string, os: 'linux' | 'macos' | 'windows' = 'linux') {
    this.name = name;
    this.#os = os;
  }

  /** Signs in with a one-time token of the browser's account, registers, and stays connected. */
  async connect(request: APIRequestContext, token?: string): Promise<this> {
    return this.register(await this.#exchange(token ?? (await makeToken(request))));
  }

  /** Registers with the token of a sign-in, and stays connected. */
  async register(grant: string, beatMs = 5000): Promise<this> {
    const answer = await post('/api/runner/v1/register', grant, {
      protocol: { min: 1, max: 1 },
      installation_id: this.#installation,
      name: this.name,
      platform: this.#platform,
      runner_version: '0.1.0',
      machine_key: createHash('sha256').update(this.#installation).digest('hex'),
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { runner_id, name, tokens } = answer.body as {
      runner_id: string;
      name: string;
      tokens: { access_token: string };
    };
    this.id = runner_id;
    this.name = name;
    this.#token = tokens.access_token;
    expect(await this.sync()).toBe(200);
    this.#beat = setInterval(() => void this.sync(), beatMs);
    return this;
  }

  /** Says that it is there, and carries out a pause that is wished for; answers with the call's status. */
  async sync(): Promise<number> {
    this.#seq += 1;
    const capabilities = {
      platform: this.#platform,
      runner_version: '0.1.0',
      agents: [
        { name: 'demo', title: 'Demo', detection: 'detected', enabled: true, version: '1', sign_in: 'not_needed' },
      ],
    };
    const answer = await post('/api/runner/v1/sync', this.#token, {
      protocol: 1,
      boot_id: this.#boot,
      boot_number: 1,
      seq: this.#seq,
      request_id: randomUUID(),
      hold_ms: 0,
      // No free slot: the jobs of the other tests are for the real runner.
      slots: { total: 1, free: 0 },
      capabilities_digest: createHash('sha256').update(JSON.stringify(capabilities)).digest('hex'),
      capabilities,
      ...(this.#paused ? { paused: this.#paused } : {}),
      pause_revision: this.#revision,
      held: [],
    });
    if (answer.status === 200) this.#carryOut((answer.body as { settings: Settings }).settings);
    return answer.status;
  }

  /** Is heard of no more. */
  end(): void {
    clearInterval(this.#beat);
  }

  #carryOut({ pause_wish: wish }: Settings): void {
    if (wish === undefined || wish.revision <= this.#revision) return;
    this.#revision = wish.revision;
    const { pause } = wish;
    this.#paused = pause && {
      since: Date.now(),
      ...(pause.for_ms === undefined ? {} : { until: Date.now() + pause.for_ms }),
      ...(pause.note === undefined ? {} : { note: pause.note }),
    };
  }

  async #exchange(setupToken: string): Promise<string> {
    const response = await fetch(`${instance.url}/api/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:coord:params:oauth:grant-type:setup-token',
        client_id: 'coord-runner',
        setup_token: setupToken,
        machine: this.name,
        system: this.#os,
      }),
    });
    const body = (await response.json()) as { access_token?: string };
    expect(response.status, JSON.stringify(body)).toBe(200);
    return body.access_token ?? '';
  }

  get #platform() {
    return { os: this.#os, os_version: `${this.#os} 1`, arch: 'x86_64', hostname: `${this.name}.lan` };
  }
}

async function post(path: string, token: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(instance.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json().catch(() => undefined) };
}

/** The token of a command line that is signed in as the browser's account; it can register any number. */
export async function commandLineToken(request: APIRequestContext): Promise<string> {
  const form = { client_id: 'coord-cli', machine: 'stand-in', system: 'linux' };
  const asked = await request.post('/api/oauth/device_authorization', { form });
  const codes = (await asked.json()) as { device_code: string; user_code: string };
  const confirmed = await request.post(`/api/v1/device/${codes.user_code}`, {
    headers: { origin: instance.url },
    data: { decision: 'confirm' },
  });
  expect(confirmed.ok(), await confirmed.text()).toBe(true);
  const traded = await request.post('/api/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: codes.device_code,
      client_id: 'coord-cli',
    },
  });
  expect(traded.ok(), await traded.text()).toBe(true);
  return ((await traded.json()) as { access_token: string }).access_token;
}

async function makeToken(request: APIRequestContext): Promise<string> {
  const response = await request.post('/api/v1/account/setup-tokens', { headers: { origin: instance.url } });
  expect(response.ok(), await response.text()).toBe(true);
  return ((await response.json()) as { token: string }).token;
}

/** Removes runners that a test has made, so that the next one finds the fleet as it was. */
export async function removeAll(request: APIRequestContext, machines: readonly StandIn[]): Promise<void> {
  for (const machine of machines) {
    machine.end();
    if (machine.id !== '')
      await request.delete(`/api/v1/runners/${machine.id}`, { headers: { origin: instance.url } });
  }
}
