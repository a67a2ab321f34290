// Somebody with the log's own key shows an auditor another history than the one that was recorded: the whole laptop stack,
// its witness included, and a second bucket and table under the same checkpoint key.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE, LOG_WITNESSES_VARIABLE } from '../../bin/commands/installation.ts';
import { logPolicy } from '../../bin/commands/key.ts';
import { verify } from '../../bin/commands/verify.ts';
import { makeEndedSessions } from '../../lambdas/adapters/dynamo-ended.ts';
import { makeSealingQueue } from '../../lambdas/adapters/dynamo-sealing.ts';
import { makeWitnessMemories } from '../../lambdas/adapters/dynamo-witness-memory.ts';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeTileStore } from '../../lambdas/adapters/s3-tiles.ts';
import { makeWitnessClient } from '../../lambdas/adapters/witness-http.ts';
import { ENV } from '../../lambdas/contract.ts';
import { parseCosignerKey } from '../../lambdas/core/ledger/cosignature.ts';
import type { LogReport } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import { LOCAL_REGION, resourceEnvironment } from '../../local/gateway.ts';
import { freePorts } from '../../local/ports.ts';
import { provision } from '../../local/provision.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { denialItem } from '../support/denial-item.ts';

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-split-'));
  const ports = await freePorts();
  stack = await startStack({ configFile: 'config/countersign.yaml', ports, dataDir: null, workDir: folder });
  const { origin, witnesses } = stack.config.log;
  Object.assign(process.env, resourceEnvironment(stack.resources), {
    [LOG_ORIGIN_VARIABLE]: origin,
    [LOG_WITNESSES_VARIABLE]: JSON.stringify(witnesses),
  });
}, 60_000);

afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** An entry that waits in a ledger table to be sealed. */
const refuseSomebody = async (table: string, index: number): Promise<void> => {
  const { partition, sort, position, line, leaf } = denialItem(stack.config.log.origin, index, Date.now());
  const Item = { pk: partition, sk: sort, unsealed: '0', position, line, leaf };
  const client = new DynamoDBClient();
  const item = Object.fromEntries(Object.entries(Item).map(([name, S]) => [name, { S }]));
  await client.send(new PutItemCommand({ TableName: table, Item: item }));
  client.destroy();
};

const policyFile = async (): Promise<string> => {
  const file = join(folder, 'policy.txt');
  await writeFile(file, await logPolicy());
  return file;
};

/** Exports a bucket and verifies the copy under the policy. */
const examine = async (bucket: string, name: string) => {
  const copy = join(folder, name);
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const policy = await policyFile();
  process.env[ENV.evidenceBucket] = bucket;
  await exportLog([copy]);
  printed.length = 0;
  const status = await verify([copy, '--policy', policy, '--json']).finally(() => write.mockRestore());
  const report = JSON.parse(printed.join('')) as LogReport;
  return { copy, status, report, reasons: report.checks.flatMap(({ counts }) => Object.keys(counts)) };
};

/** A second log under the same key and origin, shown to the same witness. */
const forkedSealer = async (name: string) => {
  const { aws, config, resources } = stack;
  const forged = await provision({ endpoint: aws.url, region: LOCAL_REGION, name, secrets: {} });
  const errors: string[] = [];
  const metrics: object[] = [];
  const [endpoint] = config.log.witnesses;
  const key = parseCosignerKey(endpoint?.vkey ?? '');
  if (endpoint === undefined || !key.ok) throw new Error('the laptop has a witness');
  const seal = makeSealer({
    origin: config.log.origin,
    configDigest: 'sha256:0',
    gateway: { fn: 'sealer', code: 'sha256:0', region: 'test' },
    keys: [{ keyId: resources.checkpointKeyId, signer: makeSigner(new KMSClient(), resources.checkpointKeyId) }],
    revokedKeys: [],
    intentKey: { keyId: resources.intentKeyId, ...makeSigner(new KMSClient(), resources.intentKeyId) },
    queue: makeSealingQueue(new DynamoDBClient(), forged.ledgerTable),
    ended: makeEndedSessions(new DynamoDBClient(), { ledger: forged.ledgerTable, sessions: forged.sessionsTable }),
    log: makeEvidenceLog(new S3Client(), forged.evidenceBucket),
    tiles: makeTileStore(new S3Client(), forged.tilesBucket),
    copies: makeEvidenceLog(new S3Client(), forged.copiesBucket),
    witnesses: [makeWitnessClient(endpoint, key.value)],
    memories: makeWitnessMemories(new DynamoDBClient(), forged.ledgerTable),
    clock: { now: () => Date.now() },
    newId: () => crypto.randomUUID(),
    diagnostics: { error: (message) => void errors.push(message) },
    metrics: { report: (found) => void metrics.push(found) },
  });
  return { ...forged, errors, metrics, seal: () => seal(Date.now() + 30_000) };
};

describe('a log with a witness', { timeout: 60_000 }, () => {
  it('is cosigned as it grows, and valid under the policy that the installation prints', async () => {
    for (const round of [0, 1, 2]) {
      await refuseSomebody(stack.resources.ledgerTable, round);
      await stack.sealer.run();
    }
    const { status, report } = await examine(stack.resources.evidenceBucket, 'true');
    expect(report.verdict).toBe('valid');
    expect(report.witnessed).toMatchObject({ entries: report.entries, by: ['laptop.invalid/witness'] });
    expect(status).toBe(0);
  });

  it('and its proofs carry the cosignature', async () => {
    const { copy } = await examine(stack.resources.evidenceBucket, 'proved');
    const { prove } = await import('../../bin/commands/prove.ts');
    const out = join(folder, 'entry.tlog-proof');
    const policy = await policyFile();
    await prove([copy, '--entry', '1', '--policy', policy, '--out', out]);
    expect(await readFile(out, 'utf8')).toMatch(/\n— laptop\.invalid\/witness /);
    expect(await verify(['--proof', out, '--policy', policy])).toBe(0);
  });
});

describe('a second history under the same key', { timeout: 60_000 }, () => {
  it('is refused by the witness, raises the alarm, is put on record, and fails the verifier', async () => {
    await stack.sealer.run();
    const forged = await forkedSealer('forged');
    await refuseSomebody(forged.ledgerTable, 900);
    await forged.seal();
    // Shorter than the true log: the witness has seen more.
    expect(forged.errors).toEqual(['Witness refused the checkpoint: laptop.invalid/witness']);
    for (let index = 901; index < 1200; index += 1) await refuseSomebody(forged.ledgerTable, index);
    await forged.seal();
    // Longer than the true log: it does not continue it.
    expect(forged.errors).toHaveLength(2);
    expect(forged.metrics).toContainEqual({ WitnessesRefusing: 1, WitnessesAway: 0 });
    const { status, report, reasons } = await examine(forged.evidenceBucket, 'forged');
    expect(report.signed?.entries).toBe(report.entries);
    expect(reasons).toEqual(expect.arrayContaining(['quorum_never', 'witness_refused']));
    expect(report.checks.find(({ check }) => check === 'witnesses')?.counts).toMatchObject({ witness_refused: 2 });
    expect(report.verdict).toBe('invalid');
    expect(status).toBe(1);
  });

  it('leaves the true one as it was', async () => {
    await refuseSomebody(stack.resources.ledgerTable, 50);
    await stack.sealer.run();
    const { report, reasons } = await examine(stack.resources.evidenceBucket, 'after');
    expect(report.verdict).toBe('valid');
    expect(reasons).not.toContain('tail_unwitnessed');
  });
});

describe('the witness', () => {
  it('serves its key and the cosigned checkpoint to monitors', async () => {
    const { url, vkey } = stack.witness.endpoint;
    expect((await (await fetch(`${url}/vkey`)).text()).trim()).toBe(vkey);
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(stack.config.log.origin));
    const note = await (await fetch(`${url}/${Buffer.from(digest).toString('hex')}/checkpoint`)).text();
    expect(note.split('\n')[0]).toBe(stack.config.log.origin);
    expect(note).toMatch(/\n— laptop\.invalid\/witness \S+\n$/);
    expect((await fetch(`${url}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404);
  });
});
