import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, codeDigest, loadConfig } from '../../lambdas/adapters/deployed-config.ts';
import { aConfig } from '../support/builders.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-config-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const text = JSON.stringify(aConfig());
const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const file = (name: string, content: string) => {
  writeFileSync(join(root, name), content);
  return name;
};

describe('loadConfig', () => {
  it('reads the file that the stack was deployed with', () => {
    expect(loadConfig(file('good.json', text), root, digestOf(text))).toEqual(aConfig());
    expect(loadConfig(join(root, 'good.json'), '/elsewhere', digestOf(text))).toEqual(aConfig());
  });

  it.each([
    ['changed', text.replace('analysts', 'everyone')],
    ['cut short', text.slice(0, -1)],
    ['empty', ''],
    ['the same but for a space', `${text} `],
  ])('refuses one that is %s', (name, content) => {
    const load = () => loadConfig(file(`${name}.json`, content), root, digestOf(text));
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(expect.objectContaining({ code: 'CONFIG_DIGEST_MISMATCH' }));
  });

  it('does not start without the file', () => {
    expect(() => loadConfig('nope.json', root, digestOf(text))).toThrow(/ENOENT/);
  });
});

describe('codeDigest', () => {
  it('is the digest of the file’s bytes', () => {
    expect(codeDigest(join(root, file('code.mjs', 'x')))).toBe(digestOf('x'));
  });
});
