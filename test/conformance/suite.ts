/**
 * Runs the official conformance CLI and reads what it found, check by check.
 * The CLI is spawned with the Node 24 of devDependencies: it crashes on Node 20 whatever the machine has.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

export type SpecVersion = '2025-11-25' | '2026-07-28';

/** `scenario/check-id`; a check a scenario makes again under the same id is `scenario/check-id#2` and so on. */
export type CheckId = string;

/** A warning (an unmet SHOULD) counts as a fail; checks that only inform or were skipped are left out, as by the CLI. */
export type Verdict = 'pass' | 'fail';

export interface SuiteRun {
  readonly url: string;
  readonly specVersion: SpecVersion;
  /**
   * Runs this scenario alone.
   * @default every scenario of the revision
   */
  readonly scenario?: string;
  /** Where the CLI writes its files; each run makes its own folder in it. */
  readonly outDir: string;
}

export interface Comparison {
  /** Passed directly, but failed or missing through the gateway. */
  readonly worse: CheckId[];
  /** Failed or missing directly, but passed through the gateway. */
  readonly better: CheckId[];
}

const Checks = z.array(
  z.object({ id: z.string(), status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'INFO', 'SKIPPED']) }),
);
type Check = z.infer<typeof Checks>[number];

const { resolve } = createRequire(import.meta.url);

/** Runs the scenarios of `specVersion` against `url`. Throws if the CLI itself could not run. */
export async function runSuite({ url, specVersion, outDir, scenario }: SuiteRun): Promise<Map<CheckId, Verdict>> {
  await mkdir(outDir, { recursive: true });
  const results = await mkdtemp(join(outDir, `${specVersion}-`));
  const which = scenario === undefined ? ['--suite', 'all'] : ['--scenario', scenario];
  const output = await runCli(['server', '--url', url, ...which, '--spec-version', specVersion, '-o', results]);
  const verdicts = new Map<CheckId, Verdict>();
  for (const folder of (await readdir(results)).sort()) {
    const checks = Checks.parse(JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')));
    for (const [id, verdict] of verdictsOf(scenarioOf(folder), checks)) verdicts.set(id, verdict);
  }
  if (verdicts.size === 0) throw new Error(`The conformance CLI reported no checks:\n${output}`);
  return verdicts;
}

/** Exit code 1 only says that a check failed, which the result files say better. */
function runCli(args: string[]): Promise<string> {
  const cli = resolve('@modelcontextprotocol/conformance/dist/index.js');
  const child = spawn(resolve('node/bin/node'), [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', () => done(output));
  });
}

/** Result folders are called `server-<scenario>-<ISO time with dashes>`. */
function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
}

/** The verdicts of one scenario, each under an id of its own. */
export function verdictsOf(scenario: string, checks: readonly Check[]): Map<CheckId, Verdict> {
  const seen = new Map<string, number>();
  const verdicts = new Map<CheckId, Verdict>();
  for (const { id, status } of checks) {
    if (status === 'INFO' || status === 'SKIPPED') continue;
    const nth = (seen.get(id) ?? 0) + 1;
    seen.set(id, nth);
    verdicts.set(`${scenario}/${id}${nth > 1 ? `#${nth}` : ''}`, status === 'SUCCESS' ? 'pass' : 'fail');
  }
  return verdicts;
}

/** What changes when the gateway stands in between. A check that was not made did not pass. */
export function compare(direct: ReadonlyMap<CheckId, Verdict>, through: ReadonlyMap<CheckId, Verdict>): Comparison {
  const passedOnlyIn = (one: ReadonlyMap<CheckId, Verdict>, other: ReadonlyMap<CheckId, Verdict>) =>
    [...one].filter(([id, verdict]) => verdict === 'pass' && other.get(id) !== 'pass').map(([id]) => id);
  return { worse: passedOnlyIn(direct, through), better: passedOnlyIn(through, direct) };
}
