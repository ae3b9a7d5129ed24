import { fileURLToPath } from 'node:url';

/** The value of a variable of the environment; a missing one fails the tests that need it. */
export function needed(name: string, what: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: it names ${what}. \`cargo xtask test browser\` sets them all.`);
  return value;
}

/** The coordinator under test, and an owner's way into it. */
export const instance = {
  url: needed('COORD_E2E_URL', 'the address of a coordinator with an online runner').replace(/\/$/, ''),
  email: needed('COORD_E2E_EMAIL', 'its owner'),
  password: needed('COORD_E2E_PASSWORD', 'its owner’s password'),
  workspace: needed('COORD_E2E_WORKSPACE', 'its workspace, as in addresses'),
};

/** Where the browser's session is kept between tests. */
export const session = fileURLToPath(new URL('../test-results/session.json', import.meta.url));

/** Where pictures of the pages are kept. */
export const pictures = fileURLToPath(new URL('../test-results/pages', import.meta.url));
