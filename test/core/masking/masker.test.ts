import { describe, expect, it } from 'vitest';
import { splitDataKey } from '../../../lambdas/core/ledger/content-keys.ts';
import { commitTo, prove } from '../../../lambdas/core/masking/proof.ts';
import { finish, finishSlowly } from '../../../lambdas/core/masking/work.ts';
import {
  answer,
  CONTEXT,
  masked,
  maskedResult,
  maskedText,
  packMasker,
  textAnswer,
  withheld,
} from '../../support/masking/maskers.ts';

const masker = packMasker();

describe('a number in structuredContent', () => {
  const shown = (outputSchema: unknown): unknown =>
    maskedResult(masker, { structuredContent: { ssn: 78051120 } }, { outputSchema });

  it('becomes a number while nobody knows the schema', () => {
    expect(shown(undefined)).toEqual({ structuredContent: { ssn: 0 } });
  });

  it('becomes a mask when there is no schema', () => {
    expect(shown(null)).toEqual({ structuredContent: { ssn: '‹ssn›' } });
  });
});

describe('structuredContent under its schema', () => {
  const shown = (schema: unknown, value: unknown): unknown =>
    (
      maskedResult(
        masker,
        { structuredContent: { ssn: value } },
        { outputSchema: { type: 'object', properties: { ssn: schema } } },
      ) as { structuredContent: { ssn: unknown } }
    ).structuredContent.ssn;

  it.each([
    [{ type: 'string' }, '078-05-1120', '‹ssn›'],
    [{ type: 'string', format: 'date' }, '1980-01-01', '0001-01-01'],
    [{ type: 'string', format: 'email' }, 'a@b.example', 'masked@masked.invalid'],
    [{ type: 'string', format: 'uri' }, 'x:y', 'masked:value'],
    [{ type: ['string', 'null'], maxLength: 3 }, 'abc', null],
    [{ type: 'integer' }, 78051120, 0],
    [{ type: 'number', maximum: 9 }, 7, 0],
    [{ type: 'string', pattern: '^\\d{3}-\\d{2}-\\d{4}$' }, '078-05-1120', '000-00-0000'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 5, null],
    [{ $ref: '#/properties/ssn/$defs/s', $defs: { s: { type: 'integer' } } }, 5, 0],
    [true, 5, '‹ssn›'],
  ])('%j', (schema, value, expected) => {
    expect(shown(schema, value)).toEqual(expected);
  });

  it.each([
    [{ enum: ['078-05-1120'] }],
    [{ const: '078-05-1120' }],
    [{ type: 'string', pattern: '^078' }],
    [{ type: 'string', pattern: '^(?=078)' }],
    [{ type: 'boolean' }],
    [{ $ref: 'https://elsewhere.example/schema' }],
  ])('withholds where nothing fits: %j', (schema) => {
    const outputSchema = { type: 'object', properties: { ssn: schema } };
    expect(withheld(masker, answer({ structuredContent: { ssn: '078-05-1120' } }), { outputSchema })).toEqual({
      reason: 'schema_unsatisfiable',
      path: '/structuredContent/ssn',
    });
  });

  it('masks names only where other names are allowed', () => {
    const json = answer({ structuredContent: { '078-05-1120': 1 } });
    expect(masked(masker, json, { outputSchema: { type: 'object' } }).text).toBe(
      answer({ structuredContent: { '‹ssn›': 1 } }),
    );
    expect(withheld(masker, json, { outputSchema: { type: 'object', additionalProperties: false } }).reason).toBe(
      'schema_unsatisfiable',
    );
  });

  it('keeps what a schema requires from being dropped', () => {
    const dropping = packMasker({ rules: [{ id: 'd', version: 1, keys: ['x'], action: 'drop' }] });
    const outputSchema = { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] };
    expect(maskedResult(dropping, { structuredContent: { x: 'v' } }, { outputSchema })).toEqual({
      structuredContent: { x: '‹d›' },
    });
    expect(maskedResult(dropping, { structuredContent: { x: 'v' } }, { outputSchema: true })).toEqual({
      structuredContent: {},
    });
  });
});

describe('bytes', () => {
  const image = {
    content: [
      {
        type: 'image',
        data: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]).toString('base64'),
        mimeType: 'image/png',
      },
    ],
  };
  const blob = (content: string | Buffer) => ({
    contents: [{ uri: 'a://b', blob: Buffer.from(content).toString('base64') }],
  });
  const where = { servers: ['core-banking'] };

  it('pass where nothing says otherwise', () => {
    expect(maskedResult(masker, image)).toEqual(image);
  });

  it('are refused for sensitive tools, unless a rule lets them pass', () => {
    expect(withheld(packMasker({ sensitive: [where] }), answer(image))).toEqual({
      reason: 'binary_refused',
      path: '/content/*/data',
    });
    expect(maskedResult(packMasker({ sensitive: [where], binary: [{ where, action: 'pass' }] }), image)).toEqual(image);
  });

  it('are dropped by rule', () => {
    const dropping = packMasker({ binary: [{ where: {}, action: 'drop' }] });
    expect(maskedResult(dropping, image)).toEqual({ content: [{ type: 'text', text: '‹image dropped›' }] });
    expect(maskedResult(dropping, blob(Buffer.from([0, 1, 2])))).toEqual({
      contents: [{ uri: 'a://b', text: '‹binary dropped›' }],
    });
  });

  it('that are text are masked as text', () => {
    expect(maskedResult(packMasker({ sensitive: [where] }), blob('ssn 078-05-1120 ok'))).toEqual(blob('ssn ‹ssn› ok'));
  });
});

describe('what holds the protocol together', () => {
  it('stays as it is', () => {
    const result = {
      nextCursor: 'c-41',
      requestState: `eyJhbGciOiJub25lIn0.${'a'.repeat(20)}.${'b'.repeat(20)}`,
      resultType: 'complete',
    };
    expect(maskedResult(masker, result)).toEqual(result);
    const json = '{"jsonrpc":"2.0","id":4111111111111111,"result":{}}';
    expect(masked(masker, json).text).toBe(json);
  });

  it.each([
    { nextCursor: '078-05-1120' },
    { nextCursor: Buffer.from('{"after":"a@b.example"}').toString('base64') },
    { task: { taskId: '4111111111111111' } },
  ])('is withheld when it holds data: %j', (result) => {
    expect(withheld(masker, answer(result)).reason).toBe('handle_holds_data');
  });

  it('is masked in a way that a URI can bear', () => {
    const block = (uri: string) => ({ content: [{ type: 'resource_link', name: 'n', uri }] });
    expect(maskedResult(masker, block('bank://accounts/12345678/x'))).toEqual(
      block('bank://accounts/masked-account/x'),
    );
  });
});

describe('withholds', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1', 'invalid_json'],
    ['', 'invalid_json'],
    ['['.repeat(65) + ']'.repeat(65), 'too_deep'],
    [answer({ content: [{ type: 'hologram', text: 'x' }] }), 'unknown_content'],
    [
      textAnswer(
        Array.from({ length: 8 }).reduce<string>((text) => Buffer.from(`a@b.example ${text}`).toString('base64'), 'x'),
      ),
      'too_deep',
    ],
  ])('%#: %s', (json, reason) => {
    expect(withheld(masker, json).reason).toBe(reason);
  });

  it('what is too large, and not what just fits', () => {
    const json = textAnswer('ü'.repeat(100));
    const maxBytes = Buffer.byteLength(json);
    expect(withheld(packMasker({ limits: { maxBytes: maxBytes - 1 } }), json)).toEqual({
      reason: 'too_large',
      maxBytes: maxBytes - 1,
    });
    expect(masked(packMasker({ limits: { maxBytes } }), json).text).toBe(json);
  });

  it('what takes too long, and never blocks while it does', async () => {
    const json = textAnswer('word '.repeat(200_000));
    let asked = 0;
    expect(withheld(masker, json, { isOver: () => asked++ > 2 })).toEqual({ reason: 'over_budget' });
    let pauses = 0;
    const sliced = await finishSlowly(masker.maskingMessage(json, CONTEXT), () => {
      pauses += 1;
      return Promise.resolve();
    });
    expect(sliced.ok).toBe(true);
    expect(pauses).toBeGreaterThan(20);
  });

  it('what a rule cannot be applied to, without a word of the message', () => {
    const broken = {
      ...CONTEXT,
      get tokenKey(): Uint8Array {
        throw new TypeError('078-05-1120');
      },
    };
    expect(masker.maskMessage(textAnswer('078-05-1120'), broken)).toEqual({
      ok: false,
      error: { reason: 'masking_failed', detail: 'TypeError' },
    });
  });
});

it('numbers masked names, so that each name stands once', () => {
  expect(
    masked(
      masker,
      '{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"078-05-1120":1,"‹ssn›":2,"219-09-9999":3}}}',
    ).text,
  ).toBe('{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"‹ssn #2›":1,"‹ssn›":2,"‹ssn #3›":3}}}');
});

it('knows each account of a list by one word', () => {
  const once = maskedText(masker, 'Accounts: 12345678, 23456789 and 34567890.');
  expect(once).toBe('Accounts: ‹account …5678›, ‹account …6789› and ‹account …7890›.');
  expect(maskedText(masker, once)).toBe(once);
});

describe('the proof', () => {
  const key = splitDataKey(Buffer.alloc(32, 1)).masking;

  it('says where, by which rule and how many, and commits to each value', () => {
    const rows = [{ n: '078-05-1120' }, { n: '219-09-9999' }, { n: '078 05 1120 is an SSN' }];
    const { findings, shown } = masked(masker, answer({ structuredContent: { rows } }));
    const { n, values } = finish(prove(key, findings, shown));
    expect(n).toBe('3');
    expect(values).toEqual([
      { path: '/structuredContent/rows/*/n', rule: 'us-bank.ssn@2', shown: null, n: '3', commits: expect.any(Array) },
    ]);
    expect(new Set(values[0]?.commits)).toEqual(new Set([commitTo(key, '078051120'), commitTo(key, '219-09-9999')]));
  });

  it('commits under its key alone', () => {
    expect(commitTo(key, 'x')).toBe(commitTo(key, 'X'));
    expect(commitTo(key, 'x')).not.toBe(commitTo(splitDataKey(Buffer.alloc(32, 2)).masking, 'x'));
    expect(commitTo(key, 'x')).toMatch(/^hmac:[\w-]{22}$/);
  });

  it('has room in an entry, whatever was found', () => {
    const rows = Array.from({ length: 3000 }, (_, index) => ({ [`f${index}`]: `078-05-${1000 + index}` }));
    const { findings, shown } = masked(masker, answer({ structuredContent: rows }));
    const proof = finish(prove(key, findings, shown));
    expect(Buffer.byteLength(JSON.stringify(proof.values))).toBeLessThan(28_000);
    expect(proof.n).toBe('3000');
    expect(Number(proof.omitted) + proof.values.flatMap(({ commits }) => commits).length).toBe(3000);
    expect(proof.all).not.toBe(finish(prove(key, findings.slice(1), shown)).all);
  });

  it('names no place by a name that may be data, and every other by its own', () => {
    const card = '4111111111111111';
    const { findings, shown } = masked(masker, answer({ structuredContent: { [card]: { ssn: '078-05-1120' } } }));
    const paths = finish(prove(key, findings, shown)).values.map(({ path }) => path);
    expect(paths).toContain('/structuredContent/*/ssn');
    expect(paths.join()).not.toContain(card);
  });
});
