import { test as base, type BrowserContext } from '@playwright/test';

import { instance } from './instance';

export { expect } from '@playwright/test';

/** What a browser has kept of a session. */
type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** A test whose browser begins signed in as this worker's owner; the page for it is tested in `sign-in`. */
export const test = base.extend<object, { session: Session }>({
  storageState: ({ session }, use) => use(session),
  session: [
    async ({ playwright }, use) => {
      const request = await playwright.request.newContext({ baseURL: instance.url });
      const answer = await request.post('/api/v1/auth/sign-in', {
        // A browser says where a request comes from; without it the coordinator refuses a cookie.
        headers: { origin: instance.url },
        data: { email: instance.email, password: instance.password },
      });
      if (!answer.ok()) throw new Error(await answer.text());
      await use(await request.storageState());
      await request.dispose();
    },
    { scope: 'worker' },
  ],
});
