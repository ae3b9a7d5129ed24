/** Words of the logs and of the history. */
export const records = {
  logs: 'Logs',
  history: 'History',
  attempt: 'Job',
  running: 'Running',
  ended: 'Ended',
  noLogs: 'No log yet',
  noLogsText: 'What agents say while they work on jobs can be read here, live.',
  option: (number: number, title: string, attempt: number) =>
    `#${String(number)} ${title}${attempt > 1 ? ` (attempt ${String(attempt)})` : ''}`,
  folder: 'Open folder',
  openJob: 'Open job in browser',
  retry: 'Read again',
  filter: 'Filter',
  noHistory: 'No job has ended here yet',
  noHistoryText: 'Finished jobs are listed here with their outcome, duration and folder.',
  noMatch: 'Nothing matches',
  noMatchText: 'No ended job has these words in its number, title or agent.',
  columns: { outcome: 'Result', job: 'Job', ended: 'Ended', took: 'Took', usage: 'Tokens' },
  actions: 'Actions',
  outcomes: {
    succeeded: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    interrupted: 'Interrupted',
    runner_removed: 'Runner removed',
    lost: 'Lost',
  },
  log: 'Log',
  tokens: (input: number, output: number) =>
    `${input.toLocaleString('en')} in, ${output.toLocaleString('en')} out`,
  cost: (usd: number) => `$${usd.toFixed(2)}`,
} as const;
