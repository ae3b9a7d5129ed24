import { fileURLToPath } from 'node:url';

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(
      `${name} is not set. Start a coordinator and a runner, then set COORD_E2E_URL, COORD_E2E_EMAIL, ` +
        'COORD_E2E_PASSWORD and COORD_E2E_WORKSPACE (its name in addresses).',
    );
  return value;
}

/** The coordinator under test, and an owner's way into it. */
export const instance = {
  url: needed('COORD_E2E_URL').replace(/\/$/, ''),
  email: needed('COORD_E2E_EMAIL'),
  password: needed('COORD_E2E_PASSWORD'),
  workspace: needed('COORD_E2E_WORKSPACE'),
};

/** Where the browser's session is kept between tests. */
export const session = fileURLToPath(new URL('../test-results/session.json', import.meta.url));

/** Where pictures of the pages are kept. */
export const pictures = fileURLToPath(new URL('../test-results/pages', import.meta.url));
