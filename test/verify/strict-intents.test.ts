// What the tamper matrix does not show of strict calls: names in findings, and that nothing else is found.

import { describe, expect, it } from 'vitest';
import { intentName } from '../../lambdas/core/ledger/log-layout.ts';
import { type SealedLog, sealedLog } from '../support/sealed-log.ts';
import { altered, at, examine, find, resign, splice } from './attack.ts';
import { STRICT_ATTACKS } from './strict-attacks.ts';

const log: SealedLog = sealedLog({ sessions: 2, callsPerSession: 22, stepMs: 20_000 }, 20);
const strict = find(log.entries, 'call.intent', (entry) => entry['strict'] === true);
const { entry } = at(log.entries, strict);
const callId = 'callId' in entry ? entry.callId : '';

const failureOf = (reason: string) => (outcome: Record<string, unknown>) => ({
  ...outcome,
  result: {
    ...(outcome['result'] as object),
    ...{ status: 'failed', http: null, failure: { reason }, content: null, bytes: '0', complete: false },
  },
});
const withOutcome = (reason: string) => {
  const index = find(log.entries, 'call.outcome', (found) => found['callId'] === callId);
  const failed = altered({ ...at(log.entries, index), body: null }, failureOf(reason));
  const files = new Map(log.files);
  resign(files, log, splice(log.entries, index, failed));
  files.delete(intentName(callId));
  return examine(files, log.key);
};

describe('a strict call that was refused since it could not be signed or locked', () => {
  it.each(['intent_not_signed', 'intent_not_locked'])('needs no signed intent: %s', async (reason) => {
    expect(await withOutcome(reason)).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  it('needs one when it failed in any other way', async () => {
    expect(await withOutcome('unreachable')).toMatchObject({ verdict: 'invalid', reasons: ['strict_intent_missing'] });
  });
});

describe('a session that was removed before it was sealed', () => {
  it('is named by each of its strict calls, and by nothing else', async () => {
    const files = new Map(log.files);
    STRICT_ATTACKS.find(({ name }) => name === 'removes a whole session before it is sealed')?.apply(files, log);
    const { report, reasons } = await examine(files, log.key);
    expect(reasons).toEqual(['strict_intent_without_entry']);
    const { findings } = report.checks.find(({ check }) => check === 'strict-intents') ?? {};
    expect(findings).toHaveLength(2);
    const sid = 'sid' in entry ? entry.sid : '';
    expect(findings?.[0]).toMatchObject({
      file: expect.stringMatching(/^intent\/.*\.dsse\.json$/),
      detail: expect.stringMatching(
        new RegExp(`^session ${sid}, call (7|15): user-\\d+ by ide, get_balance at core-banking, 2026-`),
      ),
    });
  });
});

describe('an intent key that is registered after its first calls', () => {
  it('is believed for them too', async () => {
    const index = find(log.entries, 'key.registered');
    const later = altered(at(log.entries, index), {
      ts: at(log.entries, -1).entry.ts,
      id: 'f'.repeat(8).concat('-0000-7000-8000-ffffffffffff'),
    });
    const files = new Map(log.files);
    resign(files, log, [...log.entries.toSpliced(index, 1), later]);
    expect(await examine(files, log.key)).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});
