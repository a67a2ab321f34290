// The sample bank's policies, case by case: the same table that `countersign policy test` runs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOf, differences, readTable } from '../../bin/commands/policy-table.ts';
import { readConfig } from '../../lib/config.ts';
import { policyOf } from '../support/policy.ts';

const FILE = join(import.meta.dirname, 'sample-bank.yaml');
const config = readConfig(join(import.meta.dirname, '../../config/countersign.yaml'));
const policy = policyOf(config);
const table = readTable(FILE, readFileSync(FILE, 'utf8'));

describe('the policies of the sample bank', () => {
  it.each(table.cases)('$it', (one) => {
    expect(differences(one, callOf(one, table, config), policy)).toEqual([]);
  });

  it('are all needed: without any one of them some case comes out differently', () => {
    for (const { id } of config.policy.rules) {
      const rules = config.policy.rules.filter((rule) => rule.id !== id);
      const without = { ...config, policy: { ...config.policy, rules } };
      const weaker = policyOf(without);
      const changed = table.cases.some((one) => differences(one, callOf(one, table, without), weaker).length > 0);
      expect(changed, `no case shows what ${id} is for`).toBe(true);
    }
  });
});

describe('readTable', () => {
  it('says where a table is wrong', () => {
    const broken = readFileSync(FILE, 'utf8').replace('expect: permit', 'expect: allowed');
    expect(() => readTable('t.yaml', broken)).toThrow(/t\.yaml is no table.*\n.*cases\.0\.expect/);
  });
});
