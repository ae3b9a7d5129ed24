/** Words that every area uses. */
export const common = {
  product: 'Coord',
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back',
  retry: 'Try again',
  reload: 'Reload',
  undo: 'Undo',
  showAll: (n: number) => `Show all ${String(n)}`,
  messages: 'Messages',
  dismiss: 'Dismiss message',
  code: 'Code: ',
  copy: (what: string) => `Copy ${what}`,
  copied: (what: string) => `Copied ${what}`,
  copyRefused: 'The browser did not allow copying. Select the text and copy it by hand.',
  page: (title: string) => `${title} · Coord`,
} as const;
