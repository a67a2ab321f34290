import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { DAMAGING_FILES, LEFT_OUT_FILES } from './differences.ts';

const placeOf = ({ moduleId }: TestSpecification): number =>
  DAMAGING_FILES.findIndex((file) => moduleId.endsWith(file));

/** By name, and those last that leave the log damaged. */
class DamagingLast extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.moduleId < b.moduleId ? -1 : 1)));
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
    sequence: { sequencer: DamagingLast },
    testTimeout: 40_000,
    hookTimeout: 60_000,
  },
});
