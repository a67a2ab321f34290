import { describe, expect, it } from 'vitest';
import { answerCutter, type CutAnswer } from '../../../lambdas/core/catalog/cut-answer.ts';
import { finish } from '../../../lambdas/core/masking/work.ts';
import type { PolicyCall } from '../../../lambdas/core/policy/call.ts';
import { aCall, aConfig } from '../../support/builders.ts';
import { compiledPolicy, policyOf } from '../../support/policy.ts';
import { accepted, refused } from '../../support/result.ts';

const POLICIES = `
@id("connect") permit (principal, action in Mcp::Action::"connect", resource);
@id("some") permit (principal, action in Mcp::Action::"use", resource)
  unless { resource == Mcp::Tool::"core-banking/secret" || resource == Mcp::Prompt::"core-banking/secret" };
@id("files") forbid (principal, action == Mcp::Action::"resources/read", resource)
  when { resource.uri like "secret://*" };
@id("no-logging") forbid (principal, action == Mcp::Action::"logging/setLevel", resource);
@id("no-prompts") forbid (principal in Mcp::Group::"auditors", action == Mcp::Action::"prompts/list", resource);
`;
const policy = policyOf(aConfig({ policy: compiledPolicy(POLICIES).policy }));

const call = (action: string, over: Partial<PolicyCall> = {}): PolicyCall =>
  aCall({ action, method: action, resource: { kind: 'Server', name: '' }, args: undefined, ...over });

const cut = (text: string, action: string, over: Partial<PolicyCall> = {}): CutAnswer =>
  accepted(finish(answerCutter(policy, call(action, over))!(text)));

const modern = { era: 'modern' } as const;

describe('answerCutter', () => {
  it('leaves out what the principal could not use and keeps every other byte', () => {
    const text =
      '{ "jsonrpc":"2.0" , "id" : 1,\n"result":{"tools":[ {"name":"a","n":1.0e2,"x":"\\u0041"} , {"name":"secret"},{"name":"b" }],"nextCursor":"c\\/d"}}';
    expect(cut(text, 'tools/list')).toEqual({
      text: '{ "jsonrpc":"2.0" , "id" : 1,\n"result":{"tools":[{"name":"a","n":1.0e2,"x":"\\u0041"},{"name":"b" }],"nextCursor":"c\\/d"}}',
      counts: { shown: 2, hidden: 1 },
    });
  });

  it('hands on a list that it has nothing to cut from as it came', () => {
    const text = '{"jsonrpc":"2.0","id":1,"result":{ "tools" : [ {"name":"a"} ] }}';
    expect(cut(text, 'tools/list')).toEqual({ text, counts: { shown: 1, hidden: 0 } });
  });

  it.each([
    ['prompts/list', 'prompts', 'name', 'a', 'secret'],
    ['resources/list', 'resources', 'uri', 'bank://a', 'secret://a'],
    ['resources/templates/list', 'resourceTemplates', 'uriTemplate', 'bank://{id}', 'secret://{id}'],
  ])('cuts %s', (method, member, name, open, hidden) => {
    const result = (...names: string[]) =>
      JSON.stringify({ result: { [member]: names.map((one) => ({ [name]: one })) } });
    expect(cut(result(open, hidden), method).text).toBe(result(open));
  });

  it('leaves out items without a name: nobody can decide on them', () => {
    const text = '{"result":{"tools":[{"name":"a"},{"name":1},null,"secret",{}]}}';
    expect(cut(text, 'tools/list')).toMatchObject({ counts: { shown: 1, hidden: 4 } });
  });

  it.each([
    '{"result":{"tools":[{"name":"secret"}]},"result":{"tools":[]}}',
    '{"result":{"tools":[{"name":"secret"}],"tools":[]}}',
    '{"result":{"tools":[{"name":"secret","name":"a"}]}}',
    '{"result":{"tools":[{"name":"secret"}],"to\\u006fls":[]}}',
  ])('refuses a list that another reader could read differently: %s', (text) => {
    expect(refused(finish(answerCutter(policy, call('tools/list'))!(text)))).toContain('two readers');
  });

  it('does not touch errors, other answers, or lists in a shape of their own', () => {
    for (const text of [
      '{"error":{"code":1,"message":"tools"}}',
      '{"method":"x","params":{"tools":[]}}',
      '{"result":{"tools":7}}',
    ]) {
      expect(cut(text, 'tools/list')).toEqual({ text, counts: null });
    }
    expect(answerCutter(policy, call('tools/call'))).toBeUndefined();
    expect(answerCutter(policy, call('ping'))).toBeUndefined();
  });

  it('announces only the capabilities whose lists may be asked for', () => {
    const text =
      '{"result":{"protocolVersion":"x","capabilities":{"tools":{"listChanged":true}, "logging":{},"prompts":{},"experimental":{"a":1}}}}';
    expect(cut(text, 'initialize').text).toBe(
      '{"result":{"protocolVersion":"x","capabilities":{"tools":{"listChanged":true},"prompts":{},"experimental":{"a":1}}}}',
    );
    const auditor = { ...call('initialize').principal, groups: ['auditors'] };
    expect(cut(text, 'initialize', { principal: auditor }).text).not.toContain('prompts');
  });

  it('cuts answers on a resumed stream by their shape', () => {
    const list = '{"id":3,"result":{"tools":[{"name":"secret"}]}}';
    expect(cut(list, 'stream').text).toBe('{"id":3,"result":{"tools":[]}}');
    const note = '{"method":"notifications/message","params":{"result":1},"params":{}}';
    expect(cut(note, 'stream')).toEqual({ text: note, counts: null });
  });

  describe('in the modern era', () => {
    it('keeps lists private and short-lived', () => {
      const text = '{"result":{"resultType":"complete","tools":[],"ttlMs":86400000,"cacheScope":"public"}}';
      expect(cut(text, 'tools/list', modern).text).toBe(
        '{"result":{"resultType":"complete","tools":[],"ttlMs":60000,"cacheScope":"private"}}',
      );
      const kept = '{"result":{"tools":[],"ttlMs":0,"cacheScope":"private"}}';
      expect(cut(kept, 'tools/list', modern).text).toBe(kept);
    });

    it('says so where the server said nothing', () => {
      expect(cut('{"result":{"tools":[]}}', 'tools/list', modern).text).toBe(
        '{"result":{"tools":[],"cacheScope":"private","ttlMs":60000}}',
      );
      expect(cut('{"result":{"capabilities":{}}}', 'server/discover', modern).text).toBe(
        '{"result":{"capabilities":{},"cacheScope":"private","ttlMs":60000}}',
      );
      expect(cut('{"result":{}}', 'tools/list', modern).text).toBe('{"result":{}}');
    });

    it('keeps a resource from shared caches, and its time as the server set it', () => {
      const text = '{"result":{"contents":[],"ttlMs":999999,"cacheScope":"public"}}';
      expect(cut(text, 'resources/read', modern).text).toBe(text.replace('public', 'private'));
      const asked = '{"result":{"resultType":"input_required"}}';
      expect(cut(asked, 'resources/read', modern).text).toBe(asked);
    });
  });
});
