// Strict calls: nothing reaches the upstream before the signed intent lies locked, and every failure on the way there is a
// refusal that stands in the ledger.

import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../../../lambdas/core/ledger/dsse.ts';
import { canonicalJson } from '../../../lambdas/core/ledger/jcs.ts';
import { leafHash } from '../../../lambdas/core/ledger/line.ts';
import { aMessage, aPrincipal } from '../../support/builders.ts';
import { accepted } from '../../support/result.ts';
import { INTENT_KEY } from '../../support/sealed-log.ts';
import { codeOf, gatewayWith, json, RESULT, type UnderTest } from './gateway-under-test.ts';

const TOOL = { name: 'wire_transfer', arguments: { amount: '1.00' } };
const strictly = (): UnderTest => gatewayWith([json(RESULT)], { strict: ['wire_transfer'] });
const wire = (under: UnderTest) => under.ask({ body: aMessage('tools/call', TOOL) });
const typesOf = ({ entries }: UnderTest) => entries.map(({ type }) => type);

describe('a strict call', () => {
  it('is signed while its intent is written, locked after that, and sent after that', async () => {
    const under = strictly();
    expect((await wire(under)).statusCode).toBe(200);
    const [read, ...rest] = under.steps;
    expect(read).toBe('read sealed');
    expect(new Set(rest.slice(0, 2))).toEqual(new Set(['sign', 'commit session.open call.intent']));
    expect(rest.slice(2)).toEqual(['lock', 'send', 'commit call.outcome']);
  });

  it('leaves a statement that says what its entry says, signed by the intent key', async () => {
    const under = strictly();
    await wire(under);
    const intent = under.entries.find((entry) => entry.type === 'call.intent');
    if (intent?.type !== 'call.intent') throw new Error('no intent');
    expect(intent.strict).toBe(true);
    const [[name, envelope] = ['', '']] = under.locked;
    expect(name).toBe(`intent/${intent.callId}.dsse.json`);
    const statement: unknown = JSON.parse(accepted(openEnvelope(Buffer.from(envelope), INTENT_KEY.verifier)));
    expect(statement).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://countersign.example/call-intent/v1',
      subject: [{ name: intent.callId, digest: { sha256: leafHash(canonicalJson(intent)) } }],
      predicate: {
        log: intent.log,
        sid: intent.sid,
        seq: '1',
        callId: intent.callId,
        actor: { iss: intent.actor.iss, sub: 'ana', client: 'ide' },
        server: 'core-banking',
        tool: 'wire_transfer',
        args: intent.args?.ct,
        config: intent.config,
        ts: intent.ts,
      },
    });
    expect(JSON.parse(envelope)).toMatchObject({ signatures: [{ keyid: 'arn:test:intent' }] });
  });

  it.each([
    ['sign', -31523, { reason: 'intent_not_signed' }],
    ['lock', -31524, { reason: 'intent_not_locked', detail: 'unavailable' }],
    ['exists', -31524, { reason: 'intent_not_locked', detail: 'exists' }],
  ] as const)('is refused when it fails to %s: nothing is sent, and the outcome says why', async (fault, code, why) => {
    const under = strictly();
    under.strictFault = fault;
    const reply = await wire(under);
    expect([reply.statusCode, await codeOf(reply)]).toEqual([503, code]);
    expect(under.sent).toEqual([]);
    expect(under.outcomes()).toMatchObject([{ status: 'failed', failure: why, http: null, sent: '503' }]);
  });

  it('is refused when its intent cannot be written, though it was signed: nothing is locked', async () => {
    const under = strictly();
    under.failOn = 'call.intent';
    const reply = await wire(under);
    expect(await codeOf(reply)).toBe(-31503);
    expect(under.steps).not.toContain('lock');
    expect(under.sent).toEqual([]);
  });

  it('is refused when its statement is longer than KMS signs', async () => {
    const under = strictly();
    const reply = await under.ask({
      body: aMessage('tools/call', TOOL),
      principal: aPrincipal({ subject: 's'.repeat(5000) }),
    });
    expect(await codeOf(reply)).toBe(-31523);
    expect(under.sent).toEqual([]);
  });
});

describe('another call of the same server', () => {
  it.each([
    ['another tool', aMessage('tools/call', { name: 'get_balance', arguments: {} })],
    ['another method', aMessage('tools/list')],
  ])('costs nothing more: %s', async (_what, body) => {
    const [plain, strict] = [gatewayWith([json(RESULT)]), strictly()];
    strict.sealedUntil = () => undefined;
    await plain.ask({ body });
    expect((await strict.ask({ body })).statusCode).toBe(200);
    expect(strict.steps).toEqual(plain.steps);
    expect(strict.locked.size).toBe(0);
    expect(strict.entries.find(({ type }) => type === 'call.intent')).not.toHaveProperty('strict');
  });
});

describe('sealing that lags', () => {
  const MINUTE = 60_000;

  it.each<[string, () => number | undefined, number, object]>([
    ['never ran', () => undefined, -31506, { reason: 'sealing_unknown', detail: 'never' }],
    ['has not ended a run', () => 0, -31506, { reason: 'sealing_unknown', detail: 'never' }],
    ['noted no number', () => Number.NaN, -31506, { reason: 'sealing_unknown', detail: 'never' }],
    ['noted a time to come', () => Date.now() + 10 * MINUTE, -31506, { reason: 'sealing_unknown', detail: 'ahead' }],
    ['is 16 minutes behind', () => Date.now() - 16 * MINUTE, -31505, { reason: 'sealing_behind', limitSeconds: '900' }],
  ])('refuses a strict call before anything is written: it %s', async (_what, sealedUntil, code, denial) => {
    const under = strictly();
    under.sealedUntil = sealedUntil;
    const reply = await wire(under);
    expect([reply.statusCode, await codeOf(reply)]).toEqual([503, code]);
    expect(typesOf(under)).toEqual(['call.denied']);
    expect(under.entries[0]).toMatchObject({ denial, call: { subject: 'wire_transfer' }, sent: '503' });
  });

  it('refuses when it cannot be read', async () => {
    const under = strictly();
    under.sealedUntil = () => {
      throw new Error('DynamoDB is down');
    };
    expect(await codeOf(await wire(under))).toBe(-31506);
    expect(under.entries[0]).toMatchObject({ denial: { reason: 'sealing_unknown', detail: 'unreadable' } });
    expect(under.sent).toEqual([]);
  });

  it('lets strict calls through below the limit, and asks once', async () => {
    const under = strictly();
    under.sealedUntil = () => Date.now() - 14 * MINUTE;
    for (let n = 0; n < 3; n += 1) expect((await wire(under)).statusCode).toBe(200);
    expect(under.steps.filter((step) => step === 'read sealed')).toHaveLength(1);
  });

  it('asks again once it refused, and lets calls through after a run', async () => {
    const under = strictly();
    under.sealedUntil = () => Date.now() - 16 * MINUTE;
    expect(await codeOf(await wire(under))).toBe(-31505);
    under.sealedUntil = () => Date.now();
    expect((await wire(under)).statusCode).toBe(200);
  });
});
