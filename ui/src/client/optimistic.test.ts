import { QueryClient, QueryObserver } from '@tanstack/svelte-query';
import { describe, expect, it } from 'vitest';

import { showAtOnce } from './optimistic';

describe('a change that is shown at once', () => {
  it('is seen, and can be taken back', async () => {
    const client = new QueryClient();
    client.setQueryData(['members'], ['ada', 'bob']);
    const undo = await showAtOnce<string[]>(client, ['members'], (all) => all.filter((one) => one !== 'bob'));
    expect(client.getQueryData(['members'])).toEqual(['ada']);
    undo();
    expect(client.getQueryData(['members'])).toEqual(['ada', 'bob']);
  });

  it('is not overwritten by an answer from before it', async () => {
    const client = new QueryClient();
    client.setQueryData(['members'], ['ada', 'bob']);
    let answer: (value: string[]) => void = () => undefined;
    const observer = new QueryObserver(client, {
      queryKey: ['members'],
      queryFn: () => new Promise<string[]>((resolve) => (answer = resolve)),
      staleTime: 0,
    });
    const stop = observer.subscribe(() => undefined);
    await showAtOnce<string[]>(client, ['members'], () => ['ada']);
    answer(['ada', 'bob']);
    await Promise.resolve();
    stop();
    expect(client.getQueryData(['members'])).toEqual(['ada']);
  });

  it('changes nothing where nothing is known', async () => {
    const client = new QueryClient();
    const undo = await showAtOnce<string[]>(client, ['members'], () => ['ada']);
    expect(client.getQueryData(['members'])).toBeUndefined();
    undo();
    expect(client.getQueryData(['members'])).toBeUndefined();
  });
});
