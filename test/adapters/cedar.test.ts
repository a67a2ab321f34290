import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCedar, PolicyEngineError } from '../../lambdas/adapters/cedar.ts';
import { cedarRequest } from '../../lambdas/core/policy/cedar-request.ts';
import { ENGINE_FILE } from '../../lib/policy/compile.ts';
import { aCall, aConfig } from '../support/builders.ts';
import { compiledPolicy } from '../support/policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-engine-'));
afterAll(() => rmSync(folder, { recursive: true }));

const POLICIES = `
@id("zoo") permit (principal, action, resource);
@id("ark") permit (principal, action, resource);
@id("night") forbid (principal, action, resource) when { context.ip.isInRange(ip("203.0.113.0/24")) };
@id("new") @mode("log-only") forbid (principal, action, resource);
`;
const { policy } = compiledPolicy(POLICIES);
const config = aConfig({ policy });
const said: string[] = [];
const load = (over: Partial<typeof policy> = {}, file = ENGINE_FILE) =>
  loadCedar(file, folder, { ...policy, ...over }, (message) => said.push(message));
const request = (over = {}) => cedarRequest(aCall(over), config, { approved: false, args: {} });

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof PolicyEngineError ? error.code : String(error);
  }
};

describe('loadCedar', () => {
  it('loads the very engine that checked the policies, and no other', () => {
    copyFileSync(ENGINE_FILE, join(folder, 'cedar.wasm'));
    expect(load({}, 'cedar.wasm')('enforced', request())?.allowed).toBe(true);
    writeFileSync(join(folder, 'other.wasm'), 'another');
    expect(codeOf(() => load({}, 'other.wasm'))).toBe('ENGINE_DIGEST_MISMATCH');
  });

  it('does not start with policies that it cannot read', () => {
    const rules = policy.rules.map((rule) => ({ ...rule, text: 'permit (' }));
    expect(codeOf(() => load({ rules }))).toBe('POLICIES_UNREADABLE');
  });

  it('answers for each set of policies, naming them in order', () => {
    const evaluate = load();
    expect(evaluate('enforced', request())).toEqual({ allowed: true, reasons: ['ark', 'zoo'], errors: [] });
    expect(evaluate('shown', request())).toEqual({ allowed: true, reasons: ['ark', 'zoo'], errors: [] });
    expect(evaluate('trial', request())).toEqual({ allowed: false, reasons: ['new'], errors: [] });
    expect(evaluate('enforced', request({ ip: '203.0.113.7' }))?.reasons).toEqual(['night']);
  });

  it('keeps the policies of one gateway apart from those of another in the same process', () => {
    const open = load();
    const closed = load({ rules: [] });
    expect(open('enforced', request())?.allowed).toBe(true);
    expect(closed('enforced', request())?.allowed).toBe(false);
  });

  it('has no answer to what it cannot read, and says so', () => {
    said.length = 0;
    expect(load()('enforced', request({ ip: 'nowhere' }))).toBeUndefined();
    expect(said).toEqual(['Cedar could not decide on tools/call']);
  });
});
