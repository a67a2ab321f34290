import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../lambdas/core/mcp/message.ts';
import { isStrict } from '../../../lambdas/core/policy/strict.ts';
import { accepted } from '../../support/result.ts';

const message = (value: object) => accepted(parseMessage(JSON.stringify({ jsonrpc: '2.0', ...value })));
const calling = (name: unknown, id: object = { id: 1 }) => message({ ...id, method: 'tools/call', params: { name } });
const wires = { strict: ['wire_transfer'] };

describe('isStrict', () => {
  it('is every tools/call of a server that says true, and none of one that says false', () => {
    expect(isStrict({ strict: true }, calling('get_balance'))).toBe(true);
    expect(isStrict({ strict: false }, calling('wire_transfer'))).toBe(false);
  });

  it('is the tools named, and no other', () => {
    expect(isStrict(wires, calling('wire_transfer'))).toBe(true);
    expect(isStrict(wires, calling('wire_transfers'))).toBe(false);
  });

  it.each(['Wire_Transfer', ' wire_transfer', 'wire_transfer\n', 'ｗire_transfer'])(
    'is a name in another spelling, which a lenient server may take for the same: %j',
    (name) => expect(isStrict(wires, calling(name))).toBe(true),
  );

  it('is a call whose tool cannot be named', () => {
    expect(isStrict(wires, calling(7))).toBe(true);
    expect(isStrict(wires, message({ id: 1, method: 'tools/call' }))).toBe(true);
  });

  it('is a call sent as a notification, which some servers run', () => {
    expect(isStrict(wires, calling('wire_transfer', {}))).toBe(true);
  });

  it('is nothing but calls of tools', () => {
    expect(isStrict({ strict: true }, message({ id: 1, method: 'tools/list' }))).toBe(false);
    expect(isStrict({ strict: true }, message({ id: 1, method: 'prompts/get', params: { name: 'x' } }))).toBe(false);
    expect(isStrict({ strict: true }, message({ id: 1, result: {} }))).toBe(false);
    expect(isStrict({ strict: true }, null)).toBe(false);
  });
});
