// Set up before each end-to-end test on a deployment: one that differences.ts lists must fail.

import { beforeEach, type RunnerTestCase } from 'vitest';
import { EXPECTED_FAILURES } from './differences.ts';

const nameOf = (task: Readonly<RunnerTestCase>): string => {
  const names = [task.name];
  for (let suite = task.suite; suite !== undefined && suite.name !== ''; suite = suite.suite) names.unshift(suite.name);
  return names.join(' > ');
};

beforeEach(({ task }) => {
  // Declared read-only; vitest reads it after the test, as for `it.fails`.
  if (EXPECTED_FAILURES[nameOf(task)] !== undefined) Object.assign(task, { fails: true });
});
