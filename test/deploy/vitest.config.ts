import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { FIRST_FILES, LEFT_OUT_FILES } from './differences.ts';

/** Of those that come first; all others share the place behind them. */
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = FIRST_FILES.findIndex((file) => moduleId.endsWith(file));
  return place === -1 ? FIRST_FILES.length : place;
};

class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = files.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.moduleId < b.moduleId ? -1 : 1));
    return Promise.resolve(sorted);
  }
}

/** The end-to-end suite on a deployment: one file after another, since they share its ports and its ledger. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['test/e2e/**/*.test.ts', 'test/deploy/*.check.ts'],
    exclude: Object.keys(LEFT_OUT_FILES),
    setupFiles: ['test/deploy/expected-failures.ts'],
    fileParallelism: false,
    sequence: { sequencer: InOrder },
    testTimeout: 40_000,
    hookTimeout: 60_000,
  },
});
