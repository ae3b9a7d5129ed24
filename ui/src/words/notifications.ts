import type { NotificationKind } from '$/protocol';

/** Words of what a person is told in the app. */
export const notifications = {
  title: 'Notifications',
  button: (unread: number) =>
    unread === 0 ? 'Notifications' : `Notifications, ${String(unread)} not seen yet`,
  needsYou: 'Needs you',
  others: 'Also',
  markAll: 'Mark all as seen',
  mark: 'Mark as seen',
  unread: 'Not seen yet',
  emptyTitle: 'Nothing to tell',
  emptyText: 'What needs you, and what became of your jobs and runners, appears here.',
  settings: 'Choose what to be told',
  more: 'Show older',
  arrived: (text: string) => `New notification: ${text}`,
  markRefused: 'They could not be marked as seen. They are shown as they were.',
} as const;

/** What each kind is about. */
export const notificationKind: Record<NotificationKind, { word: string; note: string }> = {
  approval_waiting: {
    word: 'An agent waits for permission',
    note: 'In jobs that you submitted or are on.',
  },
  question_waiting: { word: 'An agent has a question', note: 'In jobs that you submitted or are on.' },
  job_done: { word: 'A job of yours is done', note: 'Or waits for your review.' },
  job_failed: { word: 'A job of yours has failed', note: 'With the reason on its page.' },
  runner_offline: { word: 'A runner of yours is offline', note: 'After it was silent for a while.' },
  runner_disabled: {
    word: 'A runner of yours was disabled',
    note: 'By an admin, in one of your workspaces.',
  },
  membership_changed: {
    word: 'Your place in a workspace changed',
    note: 'Another role, or you were taken out.',
  },
};
