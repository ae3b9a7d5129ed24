import type { InfiniteData } from '@tanstack/svelte-query';

import type { NotificationList, NotificationView, WorkspaceRef } from '$/protocol';

import { to } from '../routes';

/** The kinds that wait for a person. */
const waiting: readonly string[] = [
  'approval_waiting',
  'question_waiting',
] satisfies NotificationView['kind'][];

/** Those that wait for the reader, and all others; each newest first. */
export function grouped(all: readonly NotificationView[]): {
  needsYou: NotificationView[];
  others: NotificationView[];
} {
  const needs = ({ kind, read }: NotificationView): boolean => !read && waiting.includes(kind);
  return { needsYou: all.filter(needs), others: all.filter((one) => !needs(one)) };
}

/** Where a notification leads. */
export function leadsTo({ kind, workspace, job_number, runner }: NotificationView): string {
  if (workspace == null) return runner == null ? to.home() : to.account('runners');
  return within(workspace, kind, job_number ?? undefined, runner?.name);
}

function within(
  { slug }: WorkspaceRef,
  kind: NotificationView['kind'],
  job: number | undefined,
  runner: string | undefined,
): string {
  if (job !== undefined) return to.job(slug, job);
  if (runner !== undefined) return `${to.runners(slug)}?search=${encodeURIComponent(runner)}`;
  return kind === 'membership_changed' ? to.people(slug) : to.jobs(slug);
}

/** The pages as they are once these were seen; all of them when none is named. */
export function seen(
  data: InfiniteData<NotificationList>,
  ids: readonly string[],
): InfiniteData<NotificationList> {
  const becomes = (one: NotificationView): boolean => !one.read && (ids.length === 0 || ids.includes(one.id));
  const fewer = data.pages.flatMap((page) => page.notifications).filter(becomes).length;
  return {
    ...data,
    pages: data.pages.map((page) => ({
      ...page,
      unread: ids.length === 0 ? 0 : Math.max(0, page.unread - fewer),
      notifications: page.notifications.map((one) => (becomes(one) ? { ...one, read: true } : one)),
    })),
  };
}
