// What makes two calls the same call. Anything an MCP server could read differently must give another digest.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bindingHash,
  type CallBinding,
  definitionDigest,
  paramsDigest,
} from '../../../lambdas/core/approvals/exact-call.ts';
import { withoutOwnInput } from '../../../lambdas/core/approvals/own-input.ts';

const call = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const digest = (params: string, without: readonly string[] = []): string => paramsDigest(call(params), without);
/** The params of a call without what answers the gateway. */
const forServer = (text: string): string => JSON.stringify(JSON.parse(text).params);
const WIRE = '{"name":"wire_transfer","arguments":{"amount":"10.00","to":"DE1","n":10}}';

describe('paramsDigest', () => {
  it.each([
    ['the order of members', '{"arguments":{"n":10,"to":"DE1","amount":"10.00"},"name":"wire_transfer"}'],
    ['white space', '{ "name" : "wire_transfer",\n"arguments":\t{"amount":"10.00", "to":"DE1","n":10 } }'],
    ['escapes', '{"name":"wire\\u005ftransfer","arguments":{"amount":"10.00","to":"\\u0044E1","n":10}}'],
    ['the envelope', `${WIRE.slice(0, -1)},"_meta":{"progressToken":7}}`],
    ['whether the client wants a task', `${WIRE.slice(0, -1)},"task":{}}`],
    [
      'what answers a question of ours',
      forServer(
        withoutOwnInput(call(`${WIRE.slice(0, -1)},"inputResponses":{"a":1},"requestState":"countersign:why"}`)),
      ),
    ],
  ])('does not depend on %s', (_, params) => {
    expect(digest(params)).toBe(digest(WIRE));
  });

  it('does not depend on the id of the request', () => {
    expect(paramsDigest(call(WIRE).replace('"id":1', '"id":"2"'))).toBe(digest(WIRE));
  });

  it.each([
    ['another tool', WIRE.replace('wire_transfer', 'wire_transfers')],
    [
      'an answer to a question of the server',
      forServer(withoutOwnInput(call(`${WIRE.slice(0, -1)},"inputResponses":{"a":1},"requestState":"x"}`))),
    ],
    ['another amount', WIRE.replace('10.00', '10.01')],
    ['a number for a text', WIRE.replace('"10.00"', '10.00')],
    ['a number with other digits', WIRE.replace('"n":10', '"n":10.0')],
    ['a number with an exponent', WIRE.replace('"n":10', '"n":1e1')],
    ['one more argument', WIRE.replace('"n":10', '"n":10,"m":null')],
    ['one argument less', WIRE.replace(',"n":10', '')],
    ['another spelling of a name', WIRE.replace('"to"', '"To"')],
    ['a space in a text', WIRE.replace('DE1', 'DE1 ')],
    ['a full-width letter', WIRE.replace('DE1', 'Ｄ'.concat('E1'))],
    ['a member beside the arguments', `${WIRE.slice(0, -1)},"dryRun":false}`],
    ['no arguments at all', '{"name":"wire_transfer"}'],
    ['a list for an object', '{"name":"wire_transfer","arguments":[]}'],
  ])('tells %s apart', (_, params) => {
    expect(digest(params)).not.toBe(digest(WIRE));
  });

  it('tells integers apart that JavaScript rounds to one', () => {
    const [a, b] = ['12345678901234567890', '12345678901234567891'];
    expect(Number(a)).toBe(Number(b));
    expect(digest(`{"name":"t","arguments":{"n":${a}}}`)).not.toBe(digest(`{"name":"t","arguments":{"n":${b}}}`));
  });

  it('leaves out an argument that the gateway itself added, and nothing below it', () => {
    const asked = WIRE.replace('"n":10', '"n":10,"reason":"invoice 7"');
    expect(digest(asked, ['reason'])).toBe(digest(WIRE));
    expect(digest(asked)).not.toBe(digest(WIRE));
    const nested = (reason: string) => WIRE.replace('"n":10', `"n":{"reason":"${reason}"}`);
    expect(digest(nested('a'), ['reason'])).not.toBe(digest(nested('b'), ['reason']));
  });

  it('is the same for any JSON written twice by one writer, whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        const named = (args: unknown) => digest(`{"name":"t","arguments":${JSON.stringify(args)}}`);
        expect(named(turned)).toBe(named(value));
      }),
    );
  });

  it('differs whenever the JSON differs', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(json, json, (a, b) => {
        const same = digest(`{"arguments":${a}}`) === digest(`{"arguments":${b}}`);
        // Objects may list the same members in two orders.
        if (a !== b && same) expect(JSON.parse(a)).toEqual(JSON.parse(b));
        if (a === b) expect(same).toBe(true);
      }),
    );
  });

  it('throws for what is no call', () => {
    expect(() => paramsDigest('{"jsonrpc":"2.0","method":"ping"}')).toThrow(TypeError);
    expect(() => paramsDigest('{"params":[]}')).toThrow(TypeError);
  });
});

describe('bindingHash', () => {
  const binding: CallBinding = {
    issuer: 'https://idp',
    subject: 'ana',
    client: 'ide',
    server: 'core',
    tool: 'wire_transfer',
    definition: 'sha256:aa',
    policy: 'sha256:bb',
    params: 'sha256:cc',
  };

  it.each(Object.keys(binding) as (keyof CallBinding)[])('binds the %s', (part) => {
    expect(bindingHash({ ...binding, [part]: 'other' })).not.toBe(bindingHash(binding));
    expect(bindingHash({ ...binding })).toBe(bindingHash(binding));
  });

  it('tells a window from any call in it, and a tool without definition from one with', () => {
    expect(bindingHash({ ...binding, params: null })).not.toBe(bindingHash(binding));
    expect(bindingHash({ ...binding, definition: null })).not.toBe(bindingHash({ ...binding, definition: 'null' }));
  });
});

describe('definitionDigest', () => {
  const tool = { name: 'wire', description: 'Sends money', inputSchema: { type: 'object' } };

  it('changes with the words and the schema, and not with the order or the envelope', () => {
    expect(
      definitionDigest({ inputSchema: { type: 'object' }, description: 'Sends money', name: 'wire', _meta: {} }),
    ).toBe(definitionDigest(tool));
    expect(definitionDigest({ ...tool, description: 'Sends money. ' })).not.toBe(definitionDigest(tool));
    expect(definitionDigest({ ...tool, inputSchema: {} })).not.toBe(definitionDigest(tool));
    expect(definitionDigest({ ...tool, annotations: { destructiveHint: false } })).not.toBe(definitionDigest(tool));
  });

  it('throws for what is no definition', () => {
    expect(() => definitionDigest(null)).toThrow(TypeError);
  });
});
