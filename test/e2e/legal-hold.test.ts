// A records officer keeps a session beyond its retention: on record first, then on every object, released only by a word.

import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliError } from '../../bin/commands/cli-error.ts';
import { hold } from '../../bin/commands/hold.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeLegalHolds } from '../../lambdas/adapters/s3-legal-holds.ts';
import { ENV } from '../../lambdas/contract.ts';
import type { Hold } from '../../lambdas/core/ledger/entry.ts';
import { configDigest } from '../../lib/config.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, request } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;
const sids: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  Object.assign(process.env, resourceEnvironment(stack.resources), {
    [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
    [ENV.configDigest]: configDigest(stack.config),
  });
  ledger = openLedger(stack.resources, stack.config.log.origin);
});
afterAll(() => stack.close());

/** Opens a session and sends a large request in it, so that its body is an object of its own. */
const useSession = async (): Promise<string> => {
  const url = stack.url('core-banking');
  const token = await stack.tokenOf('ana');
  const opened = await call(url, { token, body: initialize() });
  const sid = opened.headers.get('mcp-session-id') ?? '';
  const headers = { 'mcp-session-id': sid, 'mcp-protocol-version': '2025-11-25' };
  const tool = { name: 'search_customers', arguments: { text: 'x'.repeat(60_000) } };
  await call(url, { token, headers, body: request('tools/call', tool) });
  return sid;
};

const s3 = new S3Client();
const holds = () => makeLegalHolds(s3, stack.resources.evidenceBucket);

const ASKED_AT_ONCE = 32;

/** Names of the objects under hold, of all that there are: in a deployment those of every other test, too. */
const heldNames = async (): Promise<readonly string[]> => {
  const log = makeEvidenceLog(new S3Client(), stack.resources.evidenceBucket);
  const names: string[] = [];
  for await (const name of log.listAfter('', '')) names.push(name);
  const held: string[] = [];
  for (let at = 0; at < names.length; at += ASKED_AT_ONCE) {
    const slice = names.slice(at, at + ASKED_AT_ONCE);
    const found = await Promise.all(slice.map((name) => holds().isHeld(name)));
    held.push(...slice.filter((_, n) => found[n]));
  }
  return held;
};

const entriesOf = async (type: Hold['type']): Promise<readonly Hold[]> =>
  (await ledger.all()).flatMap(({ entry }) => (entry.type === type ? [entry as Hold] : []));

const REASON = ['--reason', 'case 2026-114, disputed transfer'];

/** While S3 refuses to set or lift holds. */
const whileRefused = async (run: () => Promise<unknown>): Promise<void> => {
  const { send } = S3Client.prototype;
  S3Client.prototype.send = function refusing(this: S3Client, ...args: unknown[]) {
    const [command] = args as [{ constructor: { name: string } }];
    if (command.constructor.name === 'PutObjectLegalHoldCommand') return Promise.reject(new Error('denied'));
    return (send as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof send;
  try {
    await run();
  } finally {
    S3Client.prototype.send = send;
  }
};

describe('a legal hold', { timeout: 180_000 }, () => {
  it('covers the entries of a session, its bodies and what proves them', async () => {
    sids.push(await useSession(), await useSession());
    await waitUntilSealed(stack);
    expect(await hold(['place', sids[0] ?? '', ...REASON])).toBe(0);
    const held = await heldNames();
    for (const prefix of ['seg/', 'body/', 'bodies/', 'ckpt/', 'keys/']) {
      expect(held.filter((name) => name.startsWith(prefix)).length, prefix).toBeGreaterThan(0);
    }
    const [entry] = await entriesOf('hold.placed');
    expect(entry).toMatchObject({ sid: sids[0], reason: REASON[1], objects: String(held.length) });
    expect(entry?.by.arn).toMatch(/^arn:aws/);
  });

  it('is on record before the first object is touched', async () => {
    const before = await entriesOf('hold.placed');
    await whileRefused(() => expect(hold(['place', sids[1] ?? '', ...REASON])).rejects.toThrow(CliError));
    expect(await entriesOf('hold.placed')).toHaveLength(before.length + 1);
  });

  it('leaves, when it is released, what another hold covers', async () => {
    await waitUntilSealed(stack);
    expect(await hold(['place', sids[1] ?? '', ...REASON])).toBe(0);
    const both = await heldNames();
    expect(await hold(['release', sids[0] ?? '', ...REASON])).toBe(0);
    const left = await heldNames();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(both.length);
    expect(left.filter((name) => name.startsWith('keys/')).length).toBeGreaterThan(0);
  });

  it('whose release broke off is released by the same command', async () => {
    await whileRefused(() => expect(hold(['release', sids[1] ?? '', ...REASON])).rejects.toThrow(CliError));
    expect((await heldNames()).length).toBeGreaterThan(0);
    expect(await hold(['release', sids[1] ?? '', ...REASON])).toBe(0);
    expect(await heldNames()).toEqual([]);
    expect((await entriesOf('hold.released')).map(({ sid }) => sid)).toEqual([...sids, sids[1]]);
  });

  it.each([
    [
      'a session that the log does not have',
      ['place', '019a7d10-0000-7000-8000-00000000dead', ...REASON],
      'has no session',
    ],
    ['no reason', ['place', '019a7d10-0000-7000-8000-00000000dead'], 'Say why'],
    [
      'a release of what is not held',
      ['release', '019a7d10-0000-7000-8000-00000000dead', ...REASON],
      'There was no hold',
    ],
    ['an action it does not have', ['keep'], 'No action "keep"'],
    ['what is no session', ['place', 'all', ...REASON], 'is not a session id'],
  ])('refuses %s', async (_, args, words) => {
    await expect(hold(args)).rejects.toThrow(words);
  });
});
