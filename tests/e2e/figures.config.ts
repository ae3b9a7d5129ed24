import { defineConfig } from '@playwright/test';

import tests from './playwright.config';

/** What `cargo xtask bench fleet` takes in a browser: figures, not tests; nothing is recorded beside them. */
export default defineConfig(tests, {
  testDir: './figures',
  testMatch: 'pages.ts',
  outputDir: './test-results/figures',
  workers: 1,
  timeout: 600_000,
  use: { trace: 'off', screenshot: 'off' },
});
