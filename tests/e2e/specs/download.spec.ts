import { expectAccessible } from '../support/accessible';
import { instance } from '../support/instance';
import { StandIn, removeAll } from '../support/stand-in';
import { expect, test } from '../support/test';

const download = `/w/${instance.workspace}/runners/download`;

test('the page offers what the server has, and says so where it has nothing', async ({ page }) => {
  await page.goto(`/w/${instance.workspace}/runners`);
  await page.getByRole('link', { name: 'Download Runner' }).click();
  await expect(page).toHaveURL(new RegExp(`${download}$`));
  const { files } = (await (await page.request.get('/api/v1/downloads')).json()) as { files: { kind: string }[] };
  const offered = page.getByRole('link', { name: /^Download for/ });
  if (files.some(({ kind }) => kind !== 'archive')) await expect(offered).toBeVisible();
  else await expect(page.getByText(/has no file of the desktop app/)).toBeVisible();
  await expectAccessible(page, 'download-desktop');
});

test('a machine connects with the one-time token, and the page says so by itself', async ({ page }) => {
  await page.goto(`${download}?way=command`);
  await page.getByRole('button', { name: 'Make a one-time token' }).click();
  const shown = page.locator('pre', { hasText: /^\S{40,}$/ });
  await expect(shown).toHaveCount(1);
  const token = (await shown.innerText()).trim();
  await expect(page.getByText('Shown this once.')).toBeVisible();
  await expect(page.locator('pre', { hasText: '--token-file -' })).not.toContainText(token);
  await expectAccessible(page, 'download-command');

  await expect(page.getByText('Waiting for your runner…')).toBeVisible();
  const machine = await new StandIn('headless-box').connect(page.request, token);
  try {
    await expect(page.getByText(`Connected as ${machine.name}`).first()).toBeVisible();
    await expect(page.getByText(token)).toHaveCount(0);
    await expectAccessible(page, 'download-connected');
    // It works once.
    await expect(new StandIn('thief').connect(page.request, token)).rejects.toThrow();
    await page.getByRole('link', { name: 'See it' }).click();
    await expect(page.getByRole('heading', { level: 1, name: machine.name })).toBeVisible();
  } finally {
    await removeAll(page.request, [machine]);
  }
});
