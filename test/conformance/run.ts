/**
 * `npm run test:conformance`: the official suite on our fixture, directly and through the gateway.
 * The gateway passes if no check that passes directly is worse through it. `--direct-only` leaves the gateway out.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFixture } from './fixture/fixture.ts';
import { startShim } from './shim.ts';
import { type CheckId, compare, runSuite, type SpecVersion, type Verdict } from './suite.ts';

/** Written by test/support/stack.ts: a gateway with one upstream per entry, and a signed-in client's token. */
type StartGatewayFor = (upstreams: Record<string, { url: string }>) => Promise<{
  url(server: string): string;
  token(): Promise<string>;
  close(): Promise<void>;
}>;

type Verdicts = Map<CheckId, Verdict>;

/** What the fixture scores alone. A suite that shrinks or a fixture that breaks must not make the gateway look good. */
const EXPECTED_DIRECT: Readonly<Record<SpecVersion, number>> = { '2025-11-25': 84, '2026-07-28': 152 };
const SPEC_VERSIONS = Object.keys(EXPECTED_DIRECT) as SpecVersion[];

const outDir = await mkdtemp(join(tmpdir(), 'countersign-conformance-'));
const fixture = await startFixture({ port: 0 });
try {
  const direct = await runBoth(fixture.url);
  const through = process.argv.includes('--direct-only') ? undefined : await runThroughGateway(fixture.url);
  process.exitCode = report(direct, through);
} finally {
  await fixture.close();
}

async function runThroughGateway(upstream: string): Promise<Map<SpecVersion, Verdicts>> {
  const gateway = await (await loadGateway())({ conformance: { url: upstream } });
  const shim = await startShim({ target: gateway.url('conformance'), token: gateway.token });
  try {
    return await runBoth(shim.url);
  } finally {
    await shim.close();
    await gateway.close();
  }
}

/** Loaded only when needed, so that `--direct-only` tries the fixture without building a gateway. */
async function loadGateway(): Promise<StartGatewayFor> {
  const stack: { startGatewayFor?: StartGatewayFor } = await import(
    new URL('../support/stack.ts', import.meta.url).href
  );
  if (stack.startGatewayFor === undefined) throw new Error('test/support/stack.ts does not export startGatewayFor');
  return stack.startGatewayFor;
}

/** One revision after the other: the suite measures time, and two runs at once would disturb each other. */
async function runBoth(url: string): Promise<Map<SpecVersion, Verdicts>> {
  const runs = new Map<SpecVersion, Verdicts>();
  for (const specVersion of SPEC_VERSIONS) runs.set(specVersion, await runSuite({ url, specVersion, outDir }));
  return runs;
}

/** Prints the table, the differing ids and the tally; returns the exit code. */
function report(direct: Map<SpecVersion, Verdicts>, through: Map<SpecVersion, Verdicts> | undefined): number {
  const tally = { passed: 0, failed: 0 };
  console.log(`revision     direct     ${through ? 'gateway' : ''}`);
  for (const specVersion of SPEC_VERSIONS) {
    const alone = direct.get(specVersion) ?? new Map();
    const behind = through?.get(specVersion);
    console.log(`${specVersion}   ${score(alone)}    ${behind ? score(behind) : ''}`);
    const failed = printFailures(specVersion, alone, behind);
    tally.failed += failed;
    tally.passed += alone.size - failed;
  }
  console.log(`Results of the suite: ${outDir}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 && allPassDirectly(direct) ? 0 : 1;
}

/** Prints what is worse or better through the gateway, or what fails directly if there is none; counts the bad ones. */
function printFailures(specVersion: SpecVersion, alone: Verdicts, behind: Verdicts | undefined): number {
  const { worse, better } = behind
    ? compare(alone, behind)
    : { worse: [...alone].filter(([, verdict]) => verdict === 'fail').map(([id]) => id), better: [] };
  for (const id of worse) console.log(`  ${behind ? 'worse' : 'failed'}   ${specVersion} ${id}`);
  for (const id of better) console.log(`  better  ${specVersion} ${id}`);
  return worse.length;
}

function allPassDirectly(direct: Map<SpecVersion, Verdicts>): boolean {
  const short = SPEC_VERSIONS.filter((version) => passed(direct.get(version) ?? new Map()) < EXPECTED_DIRECT[version]);
  for (const version of short)
    console.log(`The fixture alone should pass ${EXPECTED_DIRECT[version]} checks of ${version}.`);
  return short.length === 0;
}

function score(verdicts: Verdicts): string {
  return `${passed(verdicts)}/${verdicts.size}`.padEnd(7);
}

function passed(verdicts: Verdicts): number {
  return [...verdicts.values()].filter((verdict) => verdict === 'pass').length;
}
