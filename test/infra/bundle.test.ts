// Builds each handler with the options of lib/house-function.ts and starts it in a process of its own: what the
// template says of a function is worth nothing if its bundle does not load.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { FunctionName, WitnessFunctionName } from '../../lambdas/contract.ts';
import { configDigest, deployedConfig, readConfig } from '../../lib/config.ts';
import { REQUIRE_BANNER } from '../../lib/house-function.ts';
import { ENGINE_FILE } from '../../lib/policy/compile.ts';
import { readWitnessConfig } from '../../lib/witness-config.ts';
import { REPOSITORY, SAMPLE } from './support.ts';

const bundle = (name: FunctionName | WitnessFunctionName, config: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `countersign-${name}-`));
  buildSync({
    entryPoints: [join(REPOSITORY, 'lambdas', name, 'handler.ts')],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    minify: true,
    keepNames: true,
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'config.json'), config);
  copyFileSync(ENGINE_FILE, join(folder, 'cedar.wasm'));
  return folder;
};

const start = (folder: string, digest: string): string =>
  execFileSync(
    execPath,
    [
      '--input-type=module',
      '--eval',
      `console.log(Object.keys(await import('${pathToFileURL(folder)}/index.mjs')).join())`,
    ],
    {
      encoding: 'utf8',
      stdio: 'pipe',
      env: {
        ACCESS_LOG_GROUP: 'access',
        APPROVAL_MACHINE: 'machine',
        APPROVALS_TABLE: 'approvals',
        AWS_REGION: 'eu-west-1',
        CHECKPOINT_KEY_ID: 'key',
        INTENT_KEY_ID: 'key',
        CHECKPOINT_KEY_IDS: 'key',
        CONFIG_DIGEST: digest,
        CONFIG_FILE: 'config.json',
        CONTENT_KEY_ID: 'key',
        EVIDENCE_BUCKET: 'bucket',
        TILES_BUCKET: 'tiles',
        COOKIE_SECRET: 'secret',
        COPIES_BUCKET: 'bucket',
        HELD_KEY_ID: 'key',
        LAMBDA_TASK_ROOT: folder,
        LEDGER_TABLE: 'ledger',
        POLICY_ENGINE: 'cedar.wasm',
        PUBLIC_URL: 'https://mcp.sample-bank.example',
        RESPONSE_TRANSFER: 'buffered',
        SESSIONS_TABLE: 'sessions',
        WITNESS_KEY_ID: 'key',
        WITNESS_TABLE: 'witness',
      },
    },
  ).trim();

describe('the bundle of', () => {
  it.each<FunctionName>([
    ...(['authorizer', 'mcp', 'well-known', 'sealer', 'keeper', 'watcher', 'reconciler'] as const),
    ...(['notifier', 'console', 'worker'] as const),
  ])('%s loads with the deployed configuration', (name) => {
    const folder = bundle(name, deployedConfig(readConfig(SAMPLE)));
    expect(start(folder, configDigest(readConfig(SAMPLE)))).toBe('handler');
    expect(() => start(folder, `sha256:${'0'.repeat(64)}`)).toThrow(/digest|CONFIG_DIGEST/i);
  });

  it('mcp starts with no other policy engine than the one that checked the policies', () => {
    const folder = bundle('mcp', deployedConfig(readConfig(SAMPLE)));
    writeFileSync(join(folder, 'cedar.wasm'), 'another engine');
    expect(() => start(folder, configDigest(readConfig(SAMPLE)))).toThrow(/ENGINE_DIGEST_MISMATCH/);
  });

  it('witness loads with its own', () => {
    const config = readWitnessConfig(join(REPOSITORY, 'config/witness.yaml'));
    expect(start(bundle('witness', deployedConfig(config)), configDigest(config))).toBe('handler');
  });
});
