// Bodies, opened: with the right keys every one is what its entry commits to; each way in which one is not is named.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealContent } from '../../lambdas/adapters/jwe-sealer.ts';
import {
  formatContentKeys,
  parseContentKeys,
  splitDataKey,
  type UnwrappedKey,
} from '../../lambdas/core/ledger/content-keys.ts';
import { REASONS } from '../../lambdas/core/ledger/verify/reasons.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import type { TextSealer } from '../support/approval-entries.ts';
import { type BodySealer, ORIGIN, type SealedEntry } from '../support/sealed-entries.ts';
import { type FileMap, filesOf, seal, sealedLog } from '../support/sealed-log.ts';
import { approvalDay } from './approval-day.ts';
import { altered, at, find, resign, splice } from './attack.ts';

const dataKey = (sid: string): Buffer => createHash('sha256').update(`key of ${sid}`).digest();
const kidOf = (sid: string): string => `sha256:${createHash('sha256').update(`wrapped ${sid}`).digest('hex')}`;
const sealBody: BodySealer = (sid, bytes, name) =>
  Object.assign(
    { kid: kidOf(sid) },
    sealContent({ kid: kidOf(sid), ...splitDataKey(dataKey(sid)) }, Buffer.from(name.padEnd(bytes, '.'))),
  );

const log = sealedLog({ sessions: 3, callsPerSession: 26, sealBody }, 60);
const sids = [...new Set(log.entries.flatMap(({ entry }) => ('sid' in entry ? [entry.sid] : [])))];
const keys: readonly UnwrappedKey[] = sids.map((sid) => ({
  kid: kidOf(sid),
  sid,
  key: dataKey(sid).toString('base64'),
}));

const examine = async (contentKeys: readonly UnwrappedKey[] | null, files: FileMap = log.files) => {
  const report = await verifyLog({
    files: filesOf(files),
    keys: [log.key.verifier],
    kept: null,
    policy: null,
    contentKeys,
  });
  const content = report.checks.find(({ check }) => check === 'content');
  return { report, status: content?.status, counts: content?.counts, findings: content?.findings ?? [] };
};

/** The log with another outcome of its last call, sealed and signed anew. */
const retold = (tell: (outcome: SealedEntry) => SealedEntry): FileMap => {
  const files = new Map(log.files);
  const index = find(log.entries, 'call.outcome', ({ seq }) => seq === '24');
  resign(files, log, splice(log.entries, index, tell(at(log.entries, index))));
  return files;
};

const withContent = (outcome: SealedEntry, fields: object): SealedEntry =>
  altered(outcome, (entry) => {
    const result = entry['result'] as { content: object };
    return { ...entry, result: { ...result, content: { ...result.content, ...fields } } };
  });

/** The outcome with another ciphertext, which it names. */
const withBody = (outcome: SealedEntry, jwe: string): SealedEntry => {
  const ct = `sha256:${createHash('sha256').update(jwe).digest('hex')}`;
  return { ...withContent(outcome, { ct }), body: { ct, jwe, at: 'inline' } };
};

describe('with the keys of every session', () => {
  it('every body opens to what its entry commits to', async () => {
    const { report, status } = await examine(keys);
    expect(status).toBe('ok');
    expect(report.verdict).toBe('valid');
    expect(report.bodies).toBeGreaterThan(150);
    expect(report.opened).toBe(report.bodies);
    // Inline and in objects of their own alike.
    expect([...log.files.keys()].some((name) => name.startsWith('body/'))).toBe(true);
  });
});

describe('without keys', () => {
  it('the check is not made, and is not said to be', async () => {
    const { report, status, counts } = await examine(null);
    expect([status, counts]).toEqual(['not checked', { content_keys_not_given: 1 }]);
    expect(report).toMatchObject({ verdict: 'valid', opened: 0 });
  });

  it('of some sessions, those bodies are opened and the rest is counted', async () => {
    const { report, status, counts, findings } = await examine(keys.slice(0, 1));
    expect([status, counts]).toEqual(['not checked', { content_key_missing: 1 }]);
    expect(report.verdict).toBe('valid');
    expect(report.opened).toBeGreaterThan(0);
    expect(findings[0]?.detail).toBe(`${report.bodies - report.opened} bodies; ${report.opened} others were opened`);
  });
});

type Case = readonly [name: string, reason: keyof typeof REASONS, keys: readonly UnwrappedKey[], files: FileMap];
const [first, second] = keys as [UnwrappedKey, UnwrappedKey];
const header = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url');
const jweOf = (outcome: SealedEntry): string[] => (outcome.body?.jwe ?? '').split('.');

const CASES: readonly Case[] = [
  ['a key that is not the one', 'content_unopened', [{ ...first, key: second.key }], log.files],
  ['a key said to be of another session', 'content_other_session', [{ ...first, sid: second.sid }], log.files],
  [
    'a header with another algorithm',
    'content_not_jwe',
    keys,
    retold((outcome) =>
      withBody(
        outcome,
        jweOf(outcome)
          .with(0, header({ alg: 'dir', enc: 'A128GCM', kid: 'x' }))
          .join('.'),
      ),
    ),
  ],
  ['a ciphertext that is no JWE', 'content_not_jwe', keys, retold((outcome) => withBody(outcome, 'a.b.c'))],
  [
    'a tag cut short',
    'content_not_jwe',
    keys,
    retold((outcome) => withBody(outcome, jweOf(outcome).with(4, 'AAAA').join('.'))),
  ],
  [
    'a ciphertext that was changed',
    'content_unopened',
    keys,
    retold((outcome) => withBody(outcome, jweOf(outcome).with(3, 'AAAA').join('.'))),
  ],
  [
    'a commitment to other bytes',
    'content_commitment',
    keys,
    retold((outcome) => withContent(outcome, { pt: `hmac-sha256:${'0'.repeat(64)}` })),
  ],
  ['another number of bytes', 'content_bytes', keys, retold((outcome) => withContent(outcome, { bytes: '691' }))],
];

describe('a body that is not what its entry says', () => {
  it.each(CASES)('%s: %s', async (_name, reason, given, files) => {
    const { report, counts, status, findings } = await examine(given, files);
    expect(Object.keys(counts ?? {})).toContain(reason);
    expect([status, report.verdict]).toEqual(['failed', 'invalid']);
    expect(findings[0]?.index).toBeGreaterThan(0);
  });

  it('shows in no other way: without keys the same logs hold together, but for a byte count', async () => {
    for (const [name, , , files] of CASES.filter(([, reason]) => reason !== 'content_bytes')) {
      expect((await examine(null, files)).report.verdict, name).toBe('valid');
    }
  });
});

describe('the request of a held call', () => {
  const seals =
    (change: (text: string, count: number) => string): TextSealer =>
    (of, text, count) => ({
      kid: kidOf(of),
      ...sealContent({ kid: kidOf(of), ...splitDataKey(dataKey(of)) }, Buffer.from(change(text, count))),
    });
  const told = (change: (text: string, count: number) => string) => {
    const entries = approvalDay(log.key.vkey, seals(change));
    const named = entries.flatMap(({ entry }) =>
      'sid' in entry ? [entry.sid] : 'approval' in entry ? [entry.approval] : [],
    );
    const all = [...new Set(named)].map((sid) => ({ kid: kidOf(sid), sid, key: dataKey(sid).toString('base64') }));
    return examine(all, new Map(seal(entries, { key: log.key, segmentEntries: 9 })));
  };
  /** In the call that went out, not in the one that asked. */
  const inTheSecond = (from: string, to: string) => {
    let met = 0;
    return (text: string): string => {
      if (!text.includes('"payee":"a"')) return text;
      met += 1;
      return met === 2 ? text.replace(from, to) : text;
    };
  };

  it('asks for what was approved', async () => {
    const { report, status } = await told((text) => text);
    expect([status, report.verdict]).toEqual(['ok', 'valid']);
    expect(report.opened).toBe(report.bodies);
  });

  it('asks for something else: content_other_call, at the use', async () => {
    const { report, counts, findings } = await told(inTheSecond('"a"', '"z"'));
    expect(counts).toEqual({ content_other_call: 1 });
    expect(report.verdict).toBe('invalid');
    expect(findings[0]?.index).toBeGreaterThan(0);
  });

  it('may travel in another envelope', async () => {
    const { status } = await told(inTheSecond('"id":1', '"id":2'));
    expect(status).toBe('ok');
  });

  it('is no call at all: content_other_call', async () => {
    const { counts } = await told(inTheSecond('{"jsonrpc"', '["jsonrpc"'));
    expect(counts).toEqual({ content_other_call: 1 });
  });
});

it('has a case for every finding about content', () => {
  const shown = new Set<string>([
    'content_keys_not_given',
    'content_key_missing',
    'content_other_call',
    ...CASES.map(([, reason]) => reason),
  ]);
  const all = Object.entries(REASONS).filter(([, [check]]) => check === 'content');
  expect(all.map(([reason]) => reason).filter((reason) => !shown.has(reason))).toEqual([]);
});

describe('the file of content keys', () => {
  const text = formatContentKeys(ORIGIN, keys);

  it('reads back what was written', () => {
    expect(parseContentKeys(text, ORIGIN)).toEqual({
      ok: true,
      value: keys.toSorted((a, b) => (a.kid < b.kid ? -1 : 1)),
    });
  });

  it.each([
    ['is not JSON', '{', /not JSON/],
    ['is of another version', text.replace('"v": 1', '"v": 2'), /"v": 1/],
    ['is of another log', text.replace(ORIGIN, 'elsewhere'), /keys of "elsewhere"/],
    ['has a key id of another form', text.replace('sha256:', 'sha1:'), /64 hex digits/],
    ['has a session id of another form', text.replace(/"sid": "[^"]+"/, '"sid": "x"'), /not a session id/],
    ['has a key of another length', text.replace(/"key": "[^"]+"/, '"key": "AAAA"'), /base64 of 32 bytes/],
  ])('is refused when it %s', (_what, wrong, why) => {
    expect(parseContentKeys(wrong, ORIGIN)).toEqual({ ok: false, error: expect.stringMatching(why) });
  });
});
