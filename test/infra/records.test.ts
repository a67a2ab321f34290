import { describe, expect, it } from 'vitest';
import { denial } from './bucket-policy.ts';
import { actionsOf, actionsOn, listOf, resource, statementsOfRole, synthesise } from './support.ts';

const template = synthesise();
const role = statementsOfRole(template, 'RecordsHoldRole');

describe('the role of legal holds', () => {
  it('sets holds, reads entries and no content, and deletes, unlocks or shortens nothing', () => {
    expect([...new Set(actionsOf(role).filter((action) => action.startsWith('s3:')))].sort()).toEqual([
      's3:GetObject',
      's3:GetObjectLegalHold',
      's3:ListBucket',
      's3:PutObjectLegalHold',
    ]);
    const reads = role.filter(({ Action }) => listOf(Action).includes('s3:GetObject'));
    expect(JSON.stringify(reads.map(({ Resource }) => Resource))).toContain('/seg/*');
    expect(JSON.stringify(reads.map(({ Resource }) => Resource))).not.toMatch(/bod(?:y|ies)/);
    expect(actionsOn(role, 'LedgerContentKey')).toEqual([]);
  });

  it('writes entries about holds and no others', () => {
    const puts = role.filter(({ Action }) => listOf(Action).includes('dynamodb:PutItem'));
    expect(puts.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['holds'] } },
    ]);
  });

  it('is the only one that may place or release a hold', () => {
    const only = denial('OnlyByRecordsOfficer', template);
    expect(only.Action).toBe('s3:PutObjectLegalHold');
    expect(JSON.stringify(only.Condition)).toContain('RecordsHoldRole');
    expect(denial('OnlyByRecordsOfficer', template, 'LedgerCopies').Condition).toBeUndefined();
    expect(resource(template, 'AWS::IAM::Role', 'RecordsHoldRole').Properties['MaxSessionDuration']).toBe(3600);
  });
});
