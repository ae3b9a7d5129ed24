import {
  createInfiniteQuery,
  createMutation,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/svelte-query';

import { accountApi, accountQueries } from '$/client/account';
import { showAtOnce } from '$/client/optimistic';
import type { NotificationList, NotificationView } from '$/protocol';

import { seen } from './groups';

/** What the reader is told in the app, kept up to date by the live stream. */
export class NotificationFeed {
  readonly #client = useQueryClient();
  readonly query = createInfiniteQuery(() => ({
    queryKey: accountQueries.notificationsKey,
    queryFn: ({ pageParam }: { pageParam: string | undefined }) => accountApi.notifications(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  }));
  readonly #mark = createMutation(() => ({
    mutationFn: accountApi.markRead,
    onMutate: (ids: string[]) =>
      showAtOnce<InfiniteData<NotificationList>>(this.#client, accountQueries.notificationsKey, (data) =>
        seen(data, ids),
      ),
    onError: (_error, _ids, undo) => undo?.(),
    onSettled: () => this.#client.invalidateQueries({ queryKey: accountQueries.notificationsKey }),
  }));

  readonly all = $derived(this.query.data?.pages.flatMap((page) => page.notifications) ?? []);
  readonly unread = $derived(this.query.data?.pages[0]?.unread ?? 0);

  /** Whether the last marking was refused, so that everything is shown as it was. */
  get refused(): boolean {
    return this.#mark.isError;
  }

  /** Marks these as seen. */
  mark(these: readonly NotificationView[]): void {
    const ids = these.filter(({ read }) => !read).map(({ id }) => id);
    if (ids.length > 0) this.#mark.mutate(ids);
  }

  /** Marks everything as seen. */
  markAll(): void {
    this.#mark.mutate([]);
  }
}
