// What somebody with rights on the ledger's table does, and what the sealed log says of it afterwards.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { type LogCopies, makeLogCopies, useGateway } from '../support/log-copies.ts';
import { call, request } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTableHand, suspicionsIn } from '../support/table-hand.ts';

let stack: TestStack;
let folder: string;
let copies: LogCopies;

beforeAll(async () => {
  stack = await startTestStack();
  Object.assign(process.env, resourceEnvironment(stack.resources), { [LOG_ORIGIN_VARIABLE]: stack.config.log.origin });
  folder = await mkdtemp(join(tmpdir(), 'countersign-hand-'));
  copies = await makeLogCopies(stack, folder);
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

describe('somebody with rights on the table', () => {
  it('leaves a suspicion in the log for each thing done, with what was lost, and the verifier says so', async () => {
    await useGateway(stack);
    await waitUntilSealed(stack);
    const hand = makeTableHand(stack.resources.ledgerTable);
    const ping = () => call(stack.url('core-banking'), { body: request('ping') });
    const lost: string[] = [];
    for (const act of [hand.forge, hand.imitateMark, hand.remove]) {
      lost.push(await hand.toWaiting('auth.denied', ping, act));
    }
    const restore = await hand.forgeSealed();
    await hand.removeKey();
    // Other tests read the same ledger where they share a deployment; the log keeps the suspicion.
    await restore();
    const log = join(folder, 'tampered');
    const DETAILS = ['waiting_changed', 'false_mark', 'waiting_removed', 'sealed_changed', 'key_removed'];
    const seen = async () => {
      await copies.copyOf('tampered');
      const { text } = await copies.verified(log);
      return DETAILS.filter((detail) => text.includes(`${detail}: `));
    };
    await expect.poll(seen, { timeout: 100_000, interval: 1000 }).toEqual(DETAILS);
    const { code, text } = await copies.verified(log);
    expect(text).toMatch(/^FAILED +tamper/m);
    expect(text).not.toContain('tamper_line');
    expect(code).toBe(1);
    const kept = (await suspicionsIn(log)).map(({ line }) => line);
    expect(kept).toEqual(expect.arrayContaining(lost));
  }, 180_000);
});
