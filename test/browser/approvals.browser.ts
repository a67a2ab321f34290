// Two people approve a wire from the link of a message: one with the mouse, one on a phone with the keyboard.

import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFrontPage } from '../../local/front-page/front-page.ts';
import { type Approvers, makeApprovers, wire } from '../support/approvers.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { isTooWide, launch, namelessControls, openAs, press, screenshot, textOf } from './chromium.ts';

let stack: TestStack;
let approvers: Approvers;
let browser: Browser;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: 0 } } });
  approvers = makeApprovers(stack);
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  approvers.close();
  await stack.close();
});

const order = async (args: object): Promise<string> => {
  const answer = await call(stack.url('core-banking'), {
    token: await stack.tokenOf('ana'),
    ...modern('tools/call', { name: 'wire_transfer', arguments: args }),
  });
  return JSON.stringify(answer.message);
};
const linkIn = (text: string): string => /http[^\s"\\]*\/console\/approvals\/[0-9a-f-]{36}/.exec(text)?.[0] ?? '';

describe('a link to a held call', () => {
  it('leads through the sign-in to what will run; two people approve it, and it runs once', async () => {
    const args = wire();
    const link = linkIn(await order(args));

    const paul = await openAs(browser, 'paul', link);
    expect(paul.page.url()).toBe(link);
    const seen = await textOf(paul.page);
    for (const shown of [args.to, args.reference, '250.00', 'Ana Silva', args.approval_reason, 'Sends money']) {
      expect(seen).toContain(shown);
    }
    await screenshot(paul.page, 'request');
    await press(paul.page, 'button[value="approve"]');
    expect(await textOf(paul.page)).toContain('still missing: 1 of payments-approvers');
    await screenshot(paul.page, 'approved-by-one');

    const petra = await openAs(browser, 'petra', link, 390);
    expect(await isTooWide(petra.page)).toBe(false);
    expect(await namelessControls(petra.page)).toEqual([]);
    await screenshot(petra.page, 'request-on-a-phone');
    await petra.page.focus('#reason');
    await petra.page.keyboard.press('Tab');
    await Promise.all([petra.page.waitForNavigation(), petra.page.keyboard.press('Enter')]);
    expect(await textOf(petra.page)).toContain('Approved, not used yet');

    expect(approvers.wiresSent(args.reference)).toBe(0);
    await order(args);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    expect([...paul.complaints, ...petra.complaints]).toEqual([]);
  });

  it('takes a denial with its reason, and asks for one that is missing', async () => {
    const args = wire();
    const link = linkIn(await order(args));
    const { page, complaints } = await openAs(browser, 'paul', link);
    await press(page, 'button[value="deny"]');
    expect(await textOf(page)).toContain('say why');
    await screenshot(page, 'denied-without-a-reason');
    await page.type('#reason', 'the payee is unknown');
    await press(page, 'button[value="deny"]');
    expect(await textOf(page)).toContain('the payee is unknown');
    await screenshot(page, 'denied');
    expect(await order(args)).toContain('DENIED by Paul Meyer');
    // The page that asks for a reason comes with its own status.
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  });

  it('shows the requester how it stands, and lets them withdraw', async () => {
    const link = linkIn(await order(wire()));
    const { page } = await openAs(browser, 'ana', link);
    expect(await textOf(page)).toContain('your own request');
    expect(await page.$('button[value="approve"]')).toBeNull();
    await screenshot(page, 'own-request');
    await press(page, 'button[value="withdraw"]');
    expect(await textOf(page)).toContain('Withdrawn');
  });

  it('shows nothing to whoever is not asked', async () => {
    const { page } = await openAs(browser, 'amir', linkIn(await order(wire())));
    expect(await textOf(page)).toContain('not for you to see');
    await screenshot(page, 'not-asked');
  });
});

describe('a glass that was broken', () => {
  it('is in the inbox of whoever may review it, and takes their words', async () => {
    const { message } = await call(stack.url('core-banking'), {
      token: await stack.tokenOf('ivo'),
      ...modern('tools/call', {
        name: 'freeze_card',
        arguments: { cardId: 'CRD-00011', reason: 'skimmed', break_glass_reason: 'cards are being skimmed right now' },
      }),
    });
    expect(JSON.stringify(message)).not.toContain('NOT run');
    const { page, complaints } = await openAs(browser, 'petra', `${stack.publicUrl}/console`);
    await screenshot(page, 'inbox-with-a-review');
    const link = await page.$$eval('a', (links) => links.find((one) => one.textContent === 'freeze_card')?.href);
    await page.goto(link ?? '');
    const seen = await textOf(page);
    for (const shown of ['CRD-00011', 'cards are being skimmed right now', 'It was not justified']) {
      expect(seen).toContain(shown);
    }
    expect(await namelessControls(page)).toEqual([]);
    await screenshot(page, 'review');
    await press(page, 'button[value="justified"]');
    expect(await textOf(page)).toContain('Justified');
    await screenshot(page, 'reviewed');
    expect(complaints).toEqual([]);
  });
});

describe('the inbox', () => {
  it('has what waits, what one asked for and what was decided, on every width', async () => {
    const { page, complaints } = await openAs(browser, 'petra', `${stack.publicUrl}/console`);
    expect(await textOf(page)).toContain('For you to decide');
    await screenshot(page, 'inbox');
    await page.setViewport({ width: 360, height: 800 });
    expect(await isTooWide(page)).toBe(false);
    expect(await namelessControls(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('the pages of the laptop', () => {
  it('show the messages that would have been sent, and lead to the request', async () => {
    const front = await startFrontPage(stack as never, 0);
    const { page, complaints } = await openAs(browser, 'nobody', front.url);
    await screenshot(page, 'front-page');
    await Promise.all([page.waitForNavigation(), page.click('a[href="/outbox"]')]);
    const seen = await textOf(page);
    expect(seen).toContain('Approval needed: wire_transfer');
    // Values are for those who sign in.
    expect(seen).not.toContain('250.00');
    expect(seen).not.toContain('approval_reason');
    await screenshot(page, 'outbox');
    const link = await page.$eval('section a', ({ href }) => href);
    expect(linkIn(link)).toBe(link);
    expect(complaints).toEqual([]);
    await front.close();
  });
});
