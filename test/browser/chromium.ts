// A real Chromium, and a person in front of it. Scripts of pages are off: the console must not need any.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const SCREENSHOTS = '.countersign/browser';

export const launch = (): Promise<Browser> =>
  // Chromium will not start its sandbox as root, which CI is; the pages are our own.
  puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], headless: true });

export interface Person {
  readonly page: Page;
  /** What the browser said was wrong with a page: refused styles, scripts, forms. */
  readonly complaints: string[];
}

/** Opens a link in a fresh browser profile, and signs in where the way leads there. */
export const openAs = async (browser: Browser, name: string, link: string, width = 1000): Promise<Person> => {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.setJavaScriptEnabled(false);
  await page.setViewport({ width, height: 900 });
  await page.goto(link);
  for (let step = 0; step < 4 && !page.url().startsWith(link); step += 1) await press(page, signInButton(name));
  return { page, complaints };
};

const signInButton = (name: string): string =>
  `button[name="person"][value="${name}"], button[name="action"][value="allow"]`;

/** Presses a button and waits for the page that comes of it. */
export const press = async (page: Page, selector: string): Promise<void> => {
  const button = await page.waitForSelector(selector, { timeout: 5000 });
  await Promise.all([page.waitForNavigation(), button?.click()]);
};

export const textOf = (page: Page): Promise<string> => page.$eval('body', ({ textContent }) => textContent ?? '');

export const screenshot = async (page: Page, name: string): Promise<void> => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) as `${string}.png`, fullPage: true });
};

/** Whether a page is wider than the window: on a phone one would have to push it about. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.$eval('html', ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);

/** Controls that a screen reader would announce without a name. */
export const namelessControls = async (page: Page): Promise<readonly string[]> => {
  const tree = await page.accessibility.snapshot({ interestingOnly: true });
  const nodes = [tree];
  const nameless: string[] = [];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (node === null) continue;
    if (/^(?:button|link|textbox|combobox|checkbox)$/.test(node.role) && !node.name) nameless.push(node.role);
    nodes.push(...(node.children ?? []));
  }
  return nameless;
};
