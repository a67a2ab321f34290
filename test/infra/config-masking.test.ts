// Masking as the configuration says it: what is refused, and the nearest that is not.

import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import type { Json } from '../../lib/config-yaml.ts';
import { edited, withOverlay } from './config-support.ts';
import { SAMPLE } from './support.ts';

const rule = (over: Record<string, Json>): Json => ({ rules: [{ id: 'a', version: 1, action: 'redact', ...over }] });
const comprehend = (over: Record<string, Json>): Record<string, Json> => ({
  comprehend: { language: 'en', entities: ['NAME'], ...over },
});
const entities = (names: readonly string[]) => comprehend({ entities: [...names] });
const SECRET = { secret: 'countersign/tokens', scope: 'server' };

describe('masking', () => {
  it('must be said, if only by null', () => {
    expect(withOverlay('masking', null)).toEqual([]);
    const without = edited('\nmasking:\n', '\n_:\n');
    expect(() => readConfig(without)).toThrow(/masking: expected .*packs/);
  });

  it.each<[what: string, wrong: Json, path: string, right: Json]>([
    ['a pack that is not there', { packs: ['uk-bank'] }, 'packs.0', { packs: ['eu-bank'] }],
    ['a detector that is not there', rule({ detectors: ['sin'] }), 'rules.0.detectors.0', rule({ detectors: ['ssn'] })],
    ['a rule that says two things', rule({ keys: ['a'], detectors: ['ssn'] }), 'rules.0', rule({ keys: ['a'] })],
    ['a rule that says nothing', rule({}), 'rules.0', rule({ pattern: 'A+' })],
    ['a pattern that could backtrack', rule({ pattern: '(a)\\1' }), 'rules.0', rule({ pattern: '(a)a' })],
    ['a pattern that matches nothing at all', rule({ pattern: 'a*' }), 'rules.0', rule({ pattern: 'a+' })],
    ['a path that is none', rule({ paths: ['rows.ssn'] }), 'rules.0', rule({ paths: ['$.rows[*].ssn'] })],
    [
      'an action that is not there',
      rule({ keys: ['a'], action: 'hide' }),
      'rules.0.action',
      rule({ keys: ['a'], action: 'drop' }),
    ],
    [
      'a server that is not there',
      rule({ keys: ['a'], where: { servers: ['core-bank'] } }),
      'rules.0.where.servers.0',
      rule({ keys: ['a'], where: { servers: ['core-banking'] } }),
    ],
    [
      'an exception for a rule that is not there',
      { exceptions: [{ id: 'e', groups: ['fraud'], rules: ['us-bank.pan'] }] },
      'exceptions.0.rules',
      { exceptions: [{ id: 'e', groups: ['fraud'], rules: ['us-bank.card'] }] },
    ],
    [
      'an exception for nobody',
      { exceptions: [{ id: 'e', groups: [], rules: ['us-bank.card'] }] },
      'exceptions.0.groups',
      { exceptions: [{ id: 'e', groups: ['fraud'], rules: ['us-bank.card'] }] },
    ],
    [
      'tokens without a secret',
      rule({ keys: ['a'], action: 'tokenise' }),
      'tokens',
      { ...(rule({ keys: ['a'], action: 'tokenise' }) as object), tokens: SECRET },
    ],
    ['an entity that Comprehend does not know', entities(['PERSON']), 'comprehend.entities.0', entities(['NAME'])],
    ['a word of its batch jobs', entities(['ALL']), 'comprehend.entities.0', entities(['URL'])],
    ['no entity at all', entities([]), 'comprehend.entities', entities(['AGE'])],
    ['a language without such a model', comprehend({ language: 'de' }), 'comprehend.language', comprehend({})],
    [
      'an action that shows a part',
      comprehend({ action: 'partial' }),
      'comprehend.action',
      comprehend({ action: 'refuse' }),
    ],
    ['a score that is none', comprehend({ minScore: 1.1 }), 'comprehend.minScore', comprehend({ minScore: 1 })],
    [
      'more text than a message may cost',
      comprehend({ maxBytes: 1_000_001 }),
      'comprehend.maxBytes',
      comprehend({ maxBytes: 1_000_000 }),
    ],
    [
      'a server of Comprehend that is not there',
      comprehend({ where: { servers: ['core-bank'] } }),
      'comprehend.where.servers.0',
      comprehend({ where: { servers: ['core-banking'] } }),
    ],
    [
      'an exception for an entity that is not asked for',
      { ...entities(['NAME']), exceptions: [{ id: 'e', groups: ['fraud'], rules: ['comprehend.AGE'] }] },
      'exceptions.0.rules',
      { ...entities(['NAME']), exceptions: [{ id: 'e', groups: ['fraud'], rules: ['comprehend.NAME'] }] },
    ],
    [
      'tokens of names without a secret',
      comprehend({ action: 'tokenise' }),
      'tokens',
      { ...comprehend({ action: 'tokenise' }), tokens: SECRET },
    ],
    ['a time that is none', { limits: { milliseconds: 0 } }, 'limits.milliseconds', { limits: { milliseconds: 10 } }],
  ])('refuses %s', (_what, wrong, path, right) => {
    expect(withOverlay('masking', wrong)[0]?.path).toBe(`masking.${path}`);
    expect(withOverlay('masking', right)).toEqual([]);
  });

  it('asks Amazon Comprehend only when it says so', () => {
    expect(readConfig(SAMPLE).masking?.comprehend).toBeNull();
    const asking = readConfig(SAMPLE, { overlay: { masking: comprehend({}) } });
    const chosen = { action: 'redact', minScore: 0.5, maxBytes: 100_000 };
    expect(asking.masking?.comprehend).toEqual({ language: 'en', entities: ['NAME'], ...chosen });
  });

  it('has the schemas of the reviewed tools, which what is masked must satisfy', () => {
    const { catalog } = readConfig(SAMPLE).servers['core-banking'] ?? {};
    expect(catalog?.tools['get_customer']?.outputSchema).toMatchObject({ type: 'object' });
  });
});
