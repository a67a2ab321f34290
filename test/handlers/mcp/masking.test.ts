// Masking in the column of the mcp function: what the client gets, what the entries say, and what is withheld.

import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { splitDataKey } from '../../../lambdas/core/ledger/content-keys.ts';
import type { MaskRecord, Outcome } from '../../../lambdas/core/ledger/entry.ts';
import { commitTo } from '../../../lambdas/core/masking/proof.ts';
import { NO_RULES, PACK_NAMES } from '../../../lambdas/core/masking/rules.ts';
import type { MaskingConfig } from '../../../lambdas/gateway-config.ts';
import { aMessage, aPrincipal } from '../../support/builders.ts';
import {
  aGet,
  anEvent,
  bytesOf,
  events,
  gatewayWith,
  json,
  progress,
  streamOf,
  type UnderTest,
} from './gateway-under-test.ts';

const SSN = '078-05-1120';
const CARD = '4111111111111111';

const aMasking = (over: Partial<MaskingConfig> = {}): MaskingConfig => ({
  ...NO_RULES,
  packs: PACK_NAMES,
  limits: { maxBytes: 1_000_000, milliseconds: 5000, holdMilliseconds: 150 },
  recorded: 'values',
  tokens: null,
  ...over,
});

const gateway = (
  answers: Parameters<typeof gatewayWith>[0],
  over: Partial<MaskingConfig> = {},
  server = {},
): UnderTest => gatewayWith(answers, server, { masking: aMasking(over) });

const textResult = (text: string, id = 1) => ({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
const outcomeOf = (under: UnderTest): Outcome['result'] => {
  const [outcome] = under.outcomes();
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
};
const maskOf = (under: UnderTest): MaskRecord => {
  const { mask } = outcomeOf(under);
  if (mask === undefined) throw new Error('no mask');
  return mask;
};
const said = (under: UnderTest): string => JSON.stringify(under.entries) + under.said.join();

describe('a JSON answer', () => {
  it('is handed on masked, recorded as it came, and shown masked', async () => {
    const raw = JSON.stringify(textResult(`SSN ${SSN}, and more`));
    const under = gateway([json(raw)]);
    const reply = await under.ask();
    expect(String(await bytesOf(reply))).toBe(raw.replace(SSN, '‹ssn›'));
    expect(String(under.recorded())).toBe(raw);
    expect(outcomeOf(under)).toMatchObject({
      status: 'result',
      complete: true,
      bytes: String(Buffer.byteLength(raw)),
      masked: { content: [{ text: 'SSN ‹ssn›, and more' }] },
    });
    expect(said(under)).not.toContain(SSN);
  });

  it('without anything to mask leaves byte for byte as it came', async () => {
    const raw = '{ "jsonrpc":"2.0","id":1,  "result":{"content":[],"\\u0061":1.0}}';
    const under = gateway([json(raw)]);
    expect(String(await bytesOf(await under.ask()))).toBe(raw);
    expect(maskOf(under)).toMatchObject({ n: '0', values: [], handed: { bytes: String(raw.length) } });
  });

  it('is proven: place, rule, count, and a commitment that only the session’s key can make', async () => {
    const under = gateway([json(textResult(`SSN ${SSN} and SSN ${SSN}`))]);
    await bytesOf(await under.ask());
    const commit = commitTo(splitDataKey(Buffer.alloc(32, 7)).masking, '078051120');
    expect(maskOf(under)).toMatchObject({
      n: '2',
      omitted: '0',
      values: [{ path: '/content/*/text', rule: 'us-bank.ssn@2', shown: null, n: '2', commits: [commit] }],
    });
  });

  it.each([
    ['an error', { jsonrpc: '2.0', id: 1, error: { code: -32000, message: `no card ${CARD}`, data: { pan: CARD } } }],
    ['an error of HTTP', { jsonrpc: '2.0', id: 1, error: { code: 1, message: CARD } }, 400],
    ['structured content', { jsonrpc: '2.0', id: 1, result: { content: [], structuredContent: { pan: CARD } } }],
    ['an unknown member', { jsonrpc: '2.0', id: 1, result: { content: [], later: [{ in: [CARD] }] } }],
  ])('masks %s', async (_what, message, status = 200) => {
    const under = gateway([json(message, status)]);
    const reply = await under.ask();
    expect(reply.statusCode).toBe(status);
    const got = String(await bytesOf(reply));
    expect(got).toContain('1111');
    expect(got + said(under)).not.toContain(CARD);
  });

  it('is not handed on before its outcome is durable', async () => {
    const under = gateway([json(textResult(SSN))]);
    under.failOn = 'call.outcome';
    const reply = await under.ask();
    expect(reply.statusCode).toBe(503);
    expect(String(await bytesOf(reply))).not.toContain(SSN);
  });
});

describe('arguments', () => {
  const body = aMessage('tools/call', { name: 'get_balance', arguments: { ssn: SSN, account: 'x' } });

  it('reach the server as they are, and the recording masked', async () => {
    const under = gateway([json(textResult('ok'))]);
    await bytesOf(await under.ask({ body }));
    expect(under.sent[0]?.body).toBe(body);
    const [intent] = under.entries.filter((entry) => entry.type === 'call.intent');
    expect(intent).toMatchObject({ args: { masked: { arguments: { ssn: '‹ssn›', account: 'x' } } } });
    expect(said(under)).not.toContain(SSN);
  });

  it('that cannot be masked are shown without any value, and the call goes out', async () => {
    const under = gateway([json(textResult('ok'))], { tokens: { secret: 'tokens', scope: 'gateway' } });
    under.tokenSecret = null;
    await bytesOf(await under.ask({ body }));
    const [intent] = under.entries.filter((entry) => entry.type === 'call.intent');
    expect(intent).toMatchObject({ args: { masked: { arguments: { ssn: '‹string 11›' } } } });
    expect(under.sent).toHaveLength(1);
  });
});

describe('an answer that is withheld', () => {
  const reasons = [
    ['refused_by_rule', { rules: [{ id: 'none', version: 1, detectors: ['ssn'], action: 'refuse' }] }, SSN],
    [
      'too_large',
      { limits: { maxBytes: 1024, milliseconds: 5000, holdMilliseconds: 150 } },
      `${SSN} ${'x'.repeat(2000)}`,
    ],
    ['too_deep', {}, JSON.stringify({ ssn: SSN, deep: JSON.parse('['.repeat(70) + ']'.repeat(70)) })],
    [
      'over_budget',
      { limits: { maxBytes: 1_000_000, milliseconds: -1, holdMilliseconds: 150 } },
      `${SSN} ${'x '.repeat(200_000)}`,
    ],
  ] as const;

  it.each(reasons)(
    '%s: a tool error that says why, an entry, and the original as evidence only',
    async (reason, over, text) => {
      const raw = JSON.stringify(textResult(text));
      const under = gateway([json(raw)], over as Partial<MaskingConfig>);
      const reply = await under.ask();
      const got = String(await bytesOf(reply));
      expect(reply.statusCode).toBe(200);
      expect(JSON.parse(got)).toMatchObject({
        jsonrpc: '2.0',
        id: 1,
        result: { isError: true, content: [{ type: 'text' }] },
      });
      expect(got).toContain('withheld');
      expect(outcomeOf(under)).toMatchObject({
        status: 'failed',
        complete: false,
        sent: '200',
        failure: { reason: 'masking_withheld', why: { reason } },
      });
      expect(String(under.recorded())).toBe(raw);
      expect(got + said(under)).not.toContain(SSN);
    },
  );

  it('of another method is a JSON-RPC error', async () => {
    const under = gateway([json({ jsonrpc: '2.0', id: 1, result: { nextCursor: SSN, resources: [] } })]);
    const reply = await under.ask({ body: aMessage('resources/list') });
    expect(JSON.parse(String(await bytesOf(reply)))).toMatchObject({ id: 1, error: { code: -31525 } });
    expect(reply.statusCode).toBe(502);
  });

  it('holds bytes that a sensitive tool may not hand on; those of another tool pass', async () => {
    const image = {
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }] },
    };
    const sensitive = { sensitive: [{ tools: ['get_balance'] }] };
    const refused = gateway([json(image)], sensitive);
    await bytesOf(await refused.ask());
    expect(outcomeOf(refused)).toMatchObject({ failure: { why: { reason: 'binary_refused' } } });
    const passed = gateway([json(image)], { sensitive: [{ tools: ['another'] }] });
    expect(String(await bytesOf(await passed.ask()))).toBe(JSON.stringify(image));
  });

  it('when the key of the tokens cannot be had; with it, the same value has the same token', async () => {
    const over: Partial<MaskingConfig> = {
      rules: [{ id: 'tokens', version: 1, detectors: ['ssn'], action: 'tokenise' }],
      tokens: { secret: 'tokens', scope: 'gateway' },
    };
    const without = gateway([json(textResult(`SSN ${SSN}`))], over);
    without.tokenSecret = null;
    expect(String(await bytesOf(await without.ask()))).toContain('withheld');
    const got = await Promise.all(
      [SSN, '078 05 1120'].map(async (value) =>
        String(await bytesOf(await gateway([json(textResult(`SSN ${value}`))], over).ask())),
      ),
    );
    expect(got[0]).toMatch(/‹ssn ~[a-z]+›/);
    expect(got[1]).toBe(got[0]);
  });
});

describe('groups', () => {
  const exceptions = [{ id: 'fraud-sees-ssn', groups: ['fraud'], rules: ['us-bank.ssn'] }];
  const ask = async (groups: readonly string[]) => {
    const under = gateway([json(textResult(`SSN ${SSN}`))], { exceptions });
    const got = String(await bytesOf(await under.ask({ principal: aPrincipal({ groups: ['analysts', ...groups] }) })));
    return { under, got };
  };

  it('of an exception see clear text, which is on record; the recording stays masked', async () => {
    const { under, got } = await ask(['fraud']);
    expect(got).toContain(SSN);
    expect(maskOf(under).values).toMatchObject([{ rule: 'us-bank.ssn@2', shown: 'fraud-sees-ssn', n: '1' }]);
    expect(outcomeOf(under).masked).toEqual({ content: [{ type: 'text', text: 'SSN ‹ssn›' }] });
    expect(said(under)).not.toContain(SSN);
  });

  it('of no exception do not', async () => {
    const { under, got } = await ask([]);
    expect(got).not.toContain(SSN);
    expect(maskOf(under).values).toMatchObject([{ shown: null }]);
  });

  it('do not see on a stream that may carry any tool’s answer what an exception shows for one tool', async () => {
    const where = { tools: ['get_balance'] };
    const over = { exceptions: [{ id: 'one', groups: ['analysts'], rules: ['us-bank.ssn'], where }] };
    const answered = [events(anEvent(textResult(`SSN ${SSN}`)))];
    const [call, stream] = [gateway(answered, over), gateway(answered, over)];
    expect(String(await bytesOf(await call.ask()))).toContain(SSN);
    expect(String(await bytesOf(await stream.ask(aGet)))).not.toContain(SSN);
  });
});

describe('an event stream', () => {
  const parts = ['card 4111 11', '11 1111', ' 1111 was charged.'];

  it('leaks no part of a card that is split over three events, and records them as they came', async () => {
    const sent = [...parts.map((part) => progress(part)), anEvent(textResult('done'))];
    const under = gateway([events(...sent)]);
    const got = String(await bytesOf(await under.ask()));
    expect(got).toContain('‹card …1111›');
    expect(got).not.toMatch(/4111|11 1111/);
    expect(String(under.recorded())).toBe(sent.join(''));
    expect(maskOf(under).values).toMatchObject([{ rule: 'us-bank.card@1', n: '1' }]);
    expect(said(under)).not.toMatch(/4111 ?11/);
  });

  it('split over chunks, too', async () => {
    const whole = anEvent(textResult(`pay ${CARD} now`));
    const chunks = [...whole].map((char) => char);
    const got = String(await bytesOf(await gateway([events(...chunks)]).ask()));
    expect(got).toBe(whole.replace(CARD, '‹card …1111›'));
  });

  it('lets progress that may go on wait for a moment only', async () => {
    const under = gateway([
      { headers: { 'content-type': 'text/event-stream' }, chunks: [progress('step 3 of 10')], next: 'hang' },
    ]);
    const stream = streamOf(await under.ask());
    const started = Date.now();
    const first = await new Promise<Buffer>((resolve) => stream.once('data', resolve));
    expect(String(first)).toContain('step 3 of 10');
    expect(Date.now() - started).toBeLessThan(1000);
    expect(Date.now() - started).toBeGreaterThanOrEqual(100);
    stream.destroy();
    await wait(50);
    expect(outcomeOf(under).failure).toEqual({ reason: 'client_closed' });
  });

  it('hands on at once what cannot go on', async () => {
    const under = gateway(
      [{ headers: { 'content-type': 'text/event-stream' }, chunks: [progress('Loading.')], next: 'hang' }],
      {
        limits: { maxBytes: 1_000_000, milliseconds: 5000, holdMilliseconds: 60_000 },
      },
    );
    const stream = streamOf(await under.ask());
    expect(String(await new Promise<Buffer>((resolve) => stream.once('data', resolve)))).toContain('Loading.');
    stream.destroy();
  });

  it('ends with a tool error where an event is withheld; what came is evidence', async () => {
    const sent = [progress('Loading.'), anEvent(textResult(SSN))];
    const rules = [{ id: 'none', version: 1, detectors: ['ssn'], action: 'refuse' }] as const;
    const under = gateway([events(...sent)], { rules });
    const got = String(await bytesOf(await under.ask()));
    expect(got).toContain('Loading.');
    expect(got).toContain('"isError":true');
    expect(String(under.recorded())).toBe(sent.join(''));
    expect(outcomeOf(under)).toMatchObject({
      status: 'failed',
      failure: { why: { reason: 'refused_by_rule', rule: 'none' } },
    });
    expect(got + said(under)).not.toContain(SSN);
  });

  it('masks what stands beside the data', async () => {
    const got = String(await bytesOf(await gateway([events(`: SSN ${SSN}\n\n`, anEvent(textResult('ok')))]).ask()));
    expect(got).toContain(': SSN ‹ssn›');
  });
});

it('without masking everything is as it came, and entries show no value', async () => {
  const raw = JSON.stringify(textResult(SSN));
  const under = gatewayWith([json(raw)]);
  expect(String(await bytesOf(await under.ask()))).toBe(raw);
  expect(outcomeOf(under)).toMatchObject({ masked: { content: [{ text: '‹string 11›' }] } });
  expect(outcomeOf(under).mask).toBeUndefined();
});
