// Test suites that run in processes of their own, and their counts.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPECTED_FAILURES, FIRST_FILES, LEFT_OUT_FILES, SECOND_FILES } from './differences.ts';
import { exitCodeOf, tail } from './process.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export interface SuiteOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder of logs and reports. */
  readonly folder: string;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

export interface SuiteResult extends Counts {
  /** Full names of the tests that were there. */
  readonly names: readonly string[];
}

const FAILURE_LINES = 120;

/** Runs vitest; prints the end of its log when something failed or was skipped. */
export const runSuite = async ({ name, args, env, folder }: SuiteOptions): Promise<SuiteResult> => {
  const log = join(folder, `${name}.log`);
  const file = join(folder, `${name}.json`);
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`];
  const code = await exitCodeOf('vitest', ['run', ...args, ...reporters], { env, log });
  const tests = existsSync(file) ? testsOf(JSON.parse(readFileSync(file, 'utf8')) as Report) : [];
  const passed = tests.filter(({ status }) => status === 'passed').length;
  // A skipped test proves nothing, so it counts as failed; so does a suite that died.
  const failed = Math.max(tests.length - passed, code === 0 && tests.length > 0 ? 0 : 1);
  if (failed > 0) console.log(tail(log, FAILURE_LINES));
  return { passed, failed, names: tests.map(({ fullName }) => fullName) };
};

const testsOf = ({ testResults }: Report) =>
  testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ ancestorTitles, title, status }) => ({ status, fullName: [...ancestorTitles, title].join(' > ') }));

/** Runs a script and counts its lines that begin with `ok` and `FAILED`. */
export const runScript = async ({ name, args, env, folder }: SuiteOptions): Promise<Counts> => {
  const log = join(folder, `${name}.log`);
  const code = await exitCodeOf(process.execPath, args, { env, log });
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  console.log(lines.map((line) => `  ${line}`).join('\n'));
  const count = (word: string) => lines.filter((line) => line.startsWith(word)).length;
  return { passed: count('ok '), failed: Math.max(count('FAILED '), code === 0 ? 0 : 1) };
};

/** Entries of differences.ts that name nothing any more. */
export const staleDifferences = (names: readonly string[]): readonly string[] => [
  ...Object.keys(EXPECTED_FAILURES).filter((name) => !names.includes(name)),
  ...[...SECOND_FILES, ...FIRST_FILES].filter((file) => !existsSync(file)),
  ...Object.keys(LEFT_OUT_FILES).filter(
    (file) =>
      !existsSync(file) || !/makeKillableGateway|dataDir|overlay: |upstreams: /.test(readFileSync(file, 'utf8')),
  ),
];
