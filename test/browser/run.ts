// `npm run test:browser`: people use the pages in a real Chromium, as Debian packages it (`apt install chromium`). Screenshots
// go to .countersign/browser. Ends with one line `N passed, N failed`.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import { CHROMIUM } from './chromium.ts';

if (!existsSync(CHROMIUM)) {
  console.error(`There is no ${CHROMIUM}. Install Chromium (Debian: apt install chromium), or name yours in CHROMIUM.`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
const outputFile = join(folder, 'report.json');
const vitest = await startVitest('test', [], {
  config: 'test/browser/vitest.config.ts',
  watch: false,
  reporters: ['default', ['json', { outputFile }]],
});
await vitest?.close();
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(outputFile, 'utf8')) as Record<string, number>;
rmSync(folder, { recursive: true });
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(numPassedTests === 0 || numFailedTests !== 0 ? 1 : 0);
