// Amazon Comprehend in the column of the mcp function: what is asked and when, and what is withheld without an answer.

import { describe, expect, it } from 'vitest';
import type { DetectEntities } from '../../../lambdas/adapters/comprehend.ts';
import { splitDataKey } from '../../../lambdas/core/ledger/content-keys.ts';
import { commitTo } from '../../../lambdas/core/masking/proof.ts';
import { NO_RULES } from '../../../lambdas/core/masking/rules.ts';
import { err, ok } from '../../../lambdas/core/result.ts';
import type { MaskingConfig } from '../../../lambdas/gateway-config.ts';
import { aMessage, aPrincipal } from '../../support/builders.ts';
import { COMPREHEND, namesIn } from '../../support/masking/detector.ts';
import { type Answer, aGet, anEvent, bytesOf, events, gatewayWith, json } from './gateway-under-test.ts';

const JANE = 'Jane Doe';
const textResult = (text: string) => ({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
const progress = (message: string) =>
  anEvent({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1, message } });

const gateway = (answers: readonly Answer[], over: Partial<MaskingConfig> = {}) => {
  const asked: (readonly [text: string, language: string, withinMs: number])[] = [];
  const masking: MaskingConfig = {
    ...NO_RULES,
    comprehend: COMPREHEND,
    limits: { maxBytes: 10_000_000, milliseconds: 5000, holdMilliseconds: 150 },
    ...{ recorded: 'values', tokens: null },
    ...over,
  };
  const under = gatewayWith(answers, {}, { masking });
  const finds: DetectEntities = (text) => Promise.resolve(ok(namesIn([JANE], text)));
  const answering = { detect: finds };
  under.detect = (...what) => {
    asked.push(what);
    return answering.detect(...what);
  };
  const got = async (request: Parameters<typeof under.ask>[0] = {}) => String(await bytesOf(await under.ask(request)));
  return { under, asked, answering, got };
};
const said = ({ entries, said }: ReturnType<typeof gateway>['under']): string => JSON.stringify(entries) + said.join();

describe('a name in an answer', () => {
  const raw = JSON.stringify(textResult('Jane Doe called, twice.'));

  it('is masked for the client and in the entry, with a commitment, and asked about once', async () => {
    const { under, asked, got } = gateway([json(raw)]);
    expect(await got()).toBe(raw.replace(JANE, '‹name›'));
    expect(String(under.recorded())).toBe(raw);
    const commit = commitTo(splitDataKey(Buffer.alloc(32, 7)).masking, JANE);
    expect(under.outcomes()).toMatchObject([
      {
        masked: { content: [{ text: '‹name› called, twice.' }] },
        mask: { n: '1', values: [{ path: '/content/*/text', rule: 'comprehend.NAME@1', commits: [commit] }] },
      },
    ]);
    expect(said(under)).not.toContain('Jane');
    expect(asked).toMatchObject([['Jane Doe called, twice.', 'en', expect.any(Number)]]);
    expect(asked[0]?.[2]).toBeLessThanOrEqual(5000);
  });

  it('is shown by an exception and stays masked in the entry, asked about once for both', async () => {
    const exceptions = [{ id: 'names', groups: ['analysts'], rules: ['comprehend.NAME'] }];
    const { under, asked, got } = gateway([json(raw)], { exceptions });
    expect(await got({ principal: aPrincipal({ groups: ['analysts'] }) })).toBe(raw);
    expect(under.outcomes()).toMatchObject([
      { masked: { content: [{ text: '‹name› called, twice.' }] }, mask: { values: [{ shown: 'names', n: '1' }] } },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('stays masked in the entry where the rule is for other groups than the caller’s', async () => {
    const comprehend = { ...COMPREHEND, where: { groups: ['guests'] } };
    const { under, asked, got } = gateway([json(raw)], { comprehend });
    expect(await got({ principal: aPrincipal({ groups: ['analysts'] }) })).toBe(raw);
    expect(under.outcomes()).toMatchObject([{ masked: { content: [{ text: '‹name› called, twice.' }] } }]);
    expect(asked).toHaveLength(1);
  });

  it('is masked on every path: an error, an event, a comment, a stream that carries anything', async () => {
    const error = { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no such customer: Jane Doe' } };
    const streamed = events(`: for Jane Doe\n\n`, progress('Asking Jane Doe.'), anEvent(textResult('Jane Doe agreed')));
    for (const [answer, request] of [[json(error)], [json(error, 400)], [streamed], [streamed, aGet]] as const) {
      const { under, got } = gateway([answer]);
      const text = await got(request);
      expect(text).toContain('‹name›');
      expect(text + said(under)).not.toContain('Jane');
    }
  });

  it('is masked in the recording of arguments, which reach the server as they are', async () => {
    const { under, got } = gateway([json(textResult('ok'))]);
    const body = aMessage('tools/call', { name: 'get_balance', arguments: { note: 'for Jane Doe' } });
    await got({ body });
    expect(under.sent[0]?.body).toBe(body);
    expect(said(under)).toContain('for ‹name›');
    expect(said(under)).not.toContain('Jane');
  });

  it('leaves nothing to ask where it is switched off', async () => {
    const { asked, got } = gateway([json(raw)], { comprehend: null });
    expect(await got()).toBe(raw);
    expect(asked).toEqual([]);
  });

  it('is asked about in several requests when the text is long, a few at a time', async () => {
    const text = `${Array.from({ length: 25_000 }, (_, index) => `word ${index}`).join(' ')} ${JANE}`;
    const { asked, answering, got } = gateway([json(textResult(text))], {
      comprehend: { ...COMPREHEND, maxBytes: 1_000_000 },
      recorded: 'outline',
    });
    let [open, most] = [0, 0];
    answering.detect = async (document) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      return ok(namesIn([JANE], document));
    };
    expect(await got()).toBe(JSON.stringify(textResult(text.replace(JANE, '‹name›'))));
    expect([asked.length, most]).toEqual([9, 4]);
  });
});

describe('without an answer', () => {
  const raw = JSON.stringify(textResult('Jane Doe called'));
  const faults: readonly (readonly [fault: string, detect: DetectEntities])[] = [
    ...(['throttled', 'timeout', 'unreachable', 'refused', 'malformed'] as const).map(
      (fault) => [fault, () => Promise.resolve(err(fault))] as const,
    ),
    ['malformed', () => Promise.resolve(ok([{ type: 'NAME', begin: 3, end: 99, score: 1 }]))],
    ['malformed', () => Promise.resolve(ok([{ type: 'ROBOT', begin: 0, end: 4, score: 1 }]))],
  ];

  it.each(faults)(
    '%s: a tool error that says why, an entry, and the original as evidence only',
    async (fault, detect) => {
      const { under, answering, got } = gateway([json(raw)]);
      answering.detect = detect;
      const text = await got();
      expect(JSON.parse(text)).toMatchObject({ id: 1, result: { isError: true, content: [{ type: 'text' }] } });
      expect(text).toContain('the detector of personal data did not answer');
      expect(under.outcomes()).toMatchObject([
        {
          status: 'failed',
          complete: false,
          failure: { reason: 'masking_withheld', why: { reason: 'detector_unavailable', fault } },
        },
      ]);
      expect(String(under.recorded())).toBe(raw);
      expect(text + said(under)).not.toContain('Jane');
    },
  );

  it.each([
    ['an answer', json(raw)],
    ['an event', events(anEvent(textResult('Jane Doe called')))],
  ])('a fault of ours withholds %s as well', async (_what, answer) => {
    const { under, answering, got } = gateway([answer]);
    answering.detect = () => Promise.reject(new TypeError('quotes Jane Doe'));
    const text = await got();
    expect(text).toContain('"isError":true');
    expect(text + said(under)).not.toContain('Jane');
    expect(under.outcomes()).toMatchObject([{ failure: { why: { reason: 'masking_failed', detail: 'TypeError' } } }]);
  });

  it('is not remembered: the next call is asked about anew', async () => {
    const { asked, answering, got } = gateway([json(raw)]);
    const { detect } = answering;
    answering.detect = () => Promise.resolve(err('throttled'));
    expect(await got()).toContain('isError');
    answering.detect = () => Promise.resolve(ok([{ type: 'NAME', begin: 3, end: 99, score: 1 }]));
    expect(await got()).toContain('isError');
    answering.detect = detect;
    expect(await got()).toContain('‹name›');
    expect(await got()).toContain('‹name›');
    expect(asked).toHaveLength(3);
  });

  it('more text than may be sent is withheld, and nobody is asked', async () => {
    const { under, asked, got } = gateway([json(raw)], { comprehend: { ...COMPREHEND, maxBytes: 14 } });
    expect(await got()).toContain('over 14 bytes of text');
    expect(under.outcomes()).toMatchObject([{ failure: { why: { reason: 'too_much_text', maxBytes: 14 } } }]);
    expect(asked).toEqual([]);
    expect(await gateway([json(raw)], { comprehend: { ...COMPREHEND, maxBytes: 15 } }).got()).toContain('‹name›');
  });

  it('a stream ends with a tool error after what could be masked', async () => {
    const { under, answering, got } = gateway([
      events(progress('Asking Jane Doe.'), progress('Asking again.'), anEvent(textResult('Jane Doe agreed'))),
    ]);
    const { detect } = answering;
    answering.detect = (text, ...rest) =>
      text.includes('again') ? Promise.resolve(err('timeout')) : detect(text, ...rest);
    const text = await got();
    expect(text).toContain('Asking ‹name›.');
    expect(text).toContain('"isError":true');
    expect(text).not.toContain('again.');
    expect(text + said(under)).not.toContain('Jane');
    expect(under.outcomes()).toMatchObject([
      { failure: { why: { reason: 'detector_unavailable', fault: 'timeout' } } },
    ]);
  });

  it('arguments are shown without any value, and the call goes out', async () => {
    const { under, answering, got } = gateway([json(textResult('ok'))]);
    answering.detect = () => Promise.resolve(err('throttled'));
    const body = aMessage('tools/call', { name: 'get_balance', arguments: { note: 'for Jane Doe' } });
    expect(await got({ body })).toContain('ok');
    const [intent] = under.entries.filter(({ type }) => type === 'call.intent');
    expect(intent).toMatchObject({ args: { masked: { arguments: { note: '‹string 12›' } } } });
    expect(under.sent).toHaveLength(1);
  });

  it('the time that a message has is all that is waited', async () => {
    const { asked, answering, got } = gateway([json(raw)], {
      limits: { maxBytes: 10_000_000, milliseconds: 40, holdMilliseconds: 0 },
    });
    answering.detect = () => Promise.resolve(err('timeout'));
    await got();
    expect(asked[0]?.[2]).toBeLessThanOrEqual(40);
  });
});
