import type { APIRequestContext } from '@playwright/test';

import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { expect, test } from '../support/test';

interface Device {
  device_code: string;
  user_code: string;
  verification_uri_complete: string;
}

/** Begins the sign-in of a command line, as that would. */
async function beginDevice(request: APIRequestContext, machine: string): Promise<Device> {
  const response = await request.post('/api/oauth/device_authorization', {
    form: { client_id: 'coord-cli', machine, system: 'Test system 1.0' },
  });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as Device;
}

/** Asks once whether the device was confirmed. */
async function askToken(
  request: APIRequestContext,
  device: Device,
): Promise<{ error?: string; token_type?: string }> {
  const response = await request.post('/api/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: 'coord-cli',
    },
  });
  return (await response.json()) as { error?: string; token_type?: string };
}

test('a wrong code is refused, and another can be entered', async ({ page }) => {
  await page.goto('/device');
  await expectAccessible(page, 'device-code');
  await page.getByLabel('Code').fill('abc');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('A code has eight letters or digits.')).toBeVisible();

  await page.getByLabel('Code').fill('bcdf ghjk');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/code=BCDF-GHJK/);
  await expect(page.getByRole('alert').filter({ hasText: 'This code is not known' })).toBeVisible();
  await expectAccessible(page, 'device-refused');
  await page.getByRole('button', { name: 'Enter another code' }).click();
  await expect(page.getByLabel('Code')).toBeVisible();
});

test('a device is confirmed after its facts were shown', async ({ page, playwright }) => {
  const outside = await playwright.request.newContext({ baseURL: instance.url });
  const device = await beginDevice(outside, 'ada-laptop');
  expect((await askToken(outside, device)).error).toBe('authorization_pending');

  await page.goto(
    new URL(device.verification_uri_complete).pathname + new URL(device.verification_uri_complete).search,
  );
  await expect(page.getByText(device.user_code)).toBeVisible();
  await expect(page.getByText('ada-laptop')).toBeVisible();
  await expect(page.getByText('Test system 1.0')).toBeVisible();
  await expect(page.getByText('Only continue if you started this yourself')).toBeVisible();
  await expectAccessible(page, 'device');

  const password = page.getByLabel('Your password, again');
  if (await password.isVisible()) await password.fill(instance.password);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { name: 'The device is signed in' })).toBeVisible();
  await expect(page.getByText('You can close this tab')).toBeVisible();
  await expectAccessible(page, 'device-confirmed');

  await expect
    .poll(async () => (await askToken(outside, device)).token_type, { intervals: [1100], timeout: 40_000 })
    .toBe('Bearer');
  await outside.dispose();
});

test('a device that is not mine is refused', async ({ page, playwright }) => {
  const outside = await playwright.request.newContext({ baseURL: instance.url });
  const device = await beginDevice(outside, 'stranger');
  await page.goto(`/device?code=${device.user_code}`);
  await page.getByRole('button', { name: 'Not mine' }).click();
  await expect(page.getByRole('heading', { name: 'The device was refused' })).toBeVisible();
  await expect
    .poll(async () => (await askToken(outside, device)).error, { intervals: [1100] })
    .toBe('access_denied');
  await outside.dispose();
});
