import { defineConfig } from 'vitest/config';
import { LEFT_OUT_FILES } from './differences.ts';

/** The end-to-end suite on a deployment: one file after another, since they share its ports and its ledger. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['test/e2e/**/*.test.ts', 'test/deploy/*.check.ts'],
    exclude: Object.keys(LEFT_OUT_FILES),
    setupFiles: ['test/deploy/expected-failures.ts'],
    fileParallelism: false,
    testTimeout: 40_000,
    hookTimeout: 60_000,
  },
});
