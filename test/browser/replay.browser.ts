// An auditor replays a session, masked; a records officer has one exchange opened, on record.

import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCustomer, openBank } from '../../local/bank/operations.ts';
import { startFrontPage } from '../../local/front-page/front-page.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { isTooWide, launch, namelessControls, openAs, press, screenshot, textOf } from './chromium.ts';

const QUENTIN = findCustomer(openBank(), 'CUS-0001');

let stack: TestStack;
let browser: Browser;

beforeAll(async () => {
  stack = await startTestStack();
  browser = await launch();
  await call(stack.url('core-banking'), {
    token: await stack.tokenOf('ana'),
    ...modern('tools/call', { name: 'get_customer', arguments: { customerId: QUENTIN.id } }),
  });
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

const unfold = async (page: Page): Promise<void> => {
  for (const summary of await page.$$('summary')) await summary.click();
};
/** What a person can see, and what the page holds besides. */
const everything = (page: Page): Promise<string> => page.content();

describe('the replay of a session', () => {
  it('shows an auditor what the analyst saw and what proves it, and no more', async () => {
    const { page, complaints } = await openAs(browser, 'amir', `${stack.publicUrl}/console/sessions`);
    await screenshot(page, 'sessions');
    await press(page, 'td a');
    await unfold(page);
    const seen = await textOf(page);
    for (const shown of ['get_customer', '‹ssn›', '‹email›', 'us-bank.ssn-field@2', 'hmac:'])
      expect(seen).toContain(shown);
    for (const hidden of [QUENTIN.ssn, QUENTIN.email, QUENTIN.phone])
      expect(await everything(page)).not.toContain(hidden);
    expect(await page.$('form[action$="/raw"]')).toBeNull();
    expect(await namelessControls(page)).toEqual([]);
    await screenshot(page, 'replay');
    await page.setViewport({ width: 390, height: 900 });
    expect(await isTooWide(page)).toBe(false);
    await screenshot(page, 'replay-on-a-phone');
    expect(complaints).toEqual([]);
  });

  it('shows the same on the page of the laptop', async () => {
    const front = await startFrontPage(stack as never, 0);
    try {
      const { page, complaints } = await openAs(browser, 'amir', front.url);
      await press(page, 'td a[href^="/sessions/"]');
      await unfold(page);
      expect(await textOf(page)).toContain('‹ssn›');
      expect(await everything(page)).not.toContain(QUENTIN.ssn);
      expect(complaints).toEqual([]);
      await screenshot(page, 'front-page-replay');
    } finally {
      await front.close();
    }
  });
});

describe('the original', () => {
  it('takes a grant of its own, a fresh sign-in and a reason; then it is there, and on record', async () => {
    const { page, complaints } = await openAs(browser, 'rita', `${stack.publicUrl}/console/sessions`);
    await press(page, 'td a');
    expect(await page.$('form[action$="/raw"]')).toBeNull();
    await screenshot(page, 'replay-needs-a-fresh-sign-in');
    await press(page, 'p.note a');
    for (let step = 0; step < 4 && !page.url().includes('/console/sessions/'); step += 1)
      await press(page, 'button[name="person"][value="rita"], button[name="action"][value="allow"]');
    expect(await everything(page)).not.toContain(QUENTIN.ssn);
    await unfold(page);
    expect(await namelessControls(page)).toEqual([]);
    await screenshot(page, 'replay-of-a-records-officer');

    await page.type('input[name="reason"]', 'case 2026-114, disputed transfer');
    await press(page, 'form[action$="/raw"] button');
    const seen = await textOf(page);
    for (const shown of [
      QUENTIN.ssn,
      QUENTIN.email,
      'content.opened',
      'case 2026-114',
      'Exactly what the log commits to',
    ])
      expect(seen).toContain(shown);
    await screenshot(page, 'original');
    await page.setViewport({ width: 390, height: 900 });
    expect(await isTooWide(page)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
