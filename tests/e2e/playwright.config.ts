import { defineConfig } from '@playwright/test';

import { instance, owners } from './support/instance';

/**
 * Browser tests against a running coordinator with one online runner that has the demo agent.
 * They bring no browser: `COORD_TEST_CHROMIUM` names one, by default the system's.
 */
export default defineConfig({
  testDir: './specs',
  outputDir: './test-results/runs',
  // Each worker has an account, a workspace and a runner of its own; the tests of a file take turns.
  workers: owners.length,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  // Two browsers, a coordinator and its runners share what may be two cores.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: instance.url,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['COORD_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
      // Containers and CI machines offer no user namespaces for the sandbox.
      args: ['--no-sandbox'],
    },
  },
});
