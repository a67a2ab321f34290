// Size and cold start of the deployed bundles, taken from a real `cdk synth`: the time from an empty Node 24 process
// that begins to import the bundle to a handler that is ready.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV, type FunctionName } from '../lambdas/contract.ts';
import { configDigest, readConfig } from '../lib/config.ts';
import { type Measurement, percentile } from './report.ts';

const RUNS = 7;
/** Budgets of the mcp function. */
const MAX_BUNDLE_KB = 1.5 * 1024;
const MAX_COLD_START_MS = 300;

/** Marks each bundle by a string that only its own code holds. */
const MARKS: Readonly<Record<FunctionName, RegExp>> = {
  mcp: /expected "stream" or "buffered"/,
  authorizer: /execute-api:Invoke/,
  'well-known': /bearer_methods_supported/,
  sealer: /key\.genesis/,
  keeper: /SESSIONS_NOT_KEPT/,
  watcher: /waiting_/,
  reconciler: /LookupEvents/,
  notifier: /NOBODY_TOLD/,
  console: /For you to decide/,
  opener: /it was shredded/,
  worker: /is for the worker/,
};

const synthesize = (outDir: string): readonly string[] => {
  const cdk = join('node_modules', 'aws-cdk', 'bin', 'cdk');
  const env = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '1' };
  execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', '--output', outDir], { env, stdio: 'pipe' });
  return readdirSync(outDir)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => join(outDir, name, 'index.mjs'));
};

const environment = (bundle: string): Record<string, string> => ({
  LAMBDA_TASK_ROOT: join(bundle, '..'),
  AWS_REGION: 'eu-west-1',
  ...Object.fromEntries(Object.values(ENV).map((name) => [name, 'bench'])),
  [ENV.publicUrl]: 'https://bench.invalid',
  [ENV.configFile]: 'config.json',
  [ENV.policyEngine]: 'cedar.wasm',
  [ENV.configDigest]: configDigest(readConfig('config/countersign.yaml')),
  [ENV.responseTransfer]: 'stream',
});

const PROBE = `
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };
const started = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - started));
`;

const coldStart = (bundle: string): number => {
  const env = { PATH: process.env['PATH'] ?? '', ...environment(bundle) };
  const run = () => Number(execFileSync(process.execPath, ['--input-type=module', '--eval', PROBE, bundle], { env }));
  return percentile(Array.from({ length: RUNS }, run), 50);
};

const measure = (name: FunctionName, bundle: string): Measurement[] => {
  const size = statSync(bundle).size / 1024;
  const started = coldStart(bundle);
  const isMcp = name === 'mcp';
  return [
    { name: `bundle of ${name}`, value: size, unit: 'KB', ...(isMcp ? { atMost: MAX_BUNDLE_KB } : {}) },
    {
      name: `cold start of ${name}, median of ${RUNS}`,
      value: started,
      unit: 'ms',
      ...(isMcp ? { atMost: MAX_COLD_START_MS } : {}),
    },
  ];
};

export const benchColdStart = (): Measurement[] => {
  const outDir = mkdtempSync(join(tmpdir(), 'countersign-synth-'));
  try {
    const bundles = synthesize(outDir).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    return Object.entries(MARKS).flatMap(([name, mark]) => {
      const bundle = bundles.find(({ text }) => mark.test(text));
      if (bundle === undefined) throw new Error(`cdk synth made no bundle of ${name}`);
      return measure(name as FunctionName, bundle.path);
    });
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
};
