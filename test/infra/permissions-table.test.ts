import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { INTENTS } from './permissions-intents.ts';
import { permissionsTable, TABLE_FILE } from './permissions-table.ts';
import { buildApp, REPOSITORY, resources, synthesise } from './support.ts';

const template = synthesise();

/** The template with one more statement for the role of a function. */
const withGrant = (role: string, Action: string, target: string): Template => {
  const { stack } = buildApp();
  const roles = resources(template, 'AWS::IAM::Role').filter(({ id }) => id.startsWith(role));
  const logical = resources(template).find(({ id }) => id.startsWith(target))?.id ?? '';
  new CfnPolicy(stack, 'Intruder', {
    policyName: 'intruder',
    roles: roles.map(({ id }) => id).map((Ref) => Stack.of(stack).resolve({ Ref }) as string),
    policyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: { 'Fn::GetAtt': [logical, 'Arn'] } }] },
  });
  return Template.fromStack(stack);
};

describe('docs/iam.md', () => {
  it('is what the template says; `npm run iam` writes it anew', () => {
    expect(readFileSync(join(REPOSITORY, TABLE_FILE), 'utf8')).toBe(permissionsTable(template));
  });

  it.each(INTENTS.map(({ claim, holds }) => [claim, holds] as const))('says truly: %s', (_claim, holds) => {
    expect(holds(template)).toBe(true);
  });

  it.each([
    ['McpRole', '*', 'LedgerTable', 'cannot delete evidence'],
    ['McpRole', 'dynamodb:DeleteItem', 'LedgerTable', 'cannot delete evidence'],
    ['McpRole', 's3:DeleteObject*', 'LedgerEvidenceB', 'cannot delete evidence'],
    ['McpRole', 'dynamodb:GetItem', 'LedgerTable', 'cannot read evidence back'],
    ['McpRole', 'dynamodb:*', 'LedgerTable', 'cannot read evidence back'],
    ['McpRole', 's3:GetObject', 'LedgerEvidenceB', 'cannot read evidence back'],
    ['McpRole', 'kms:Decrypt', 'LedgerContentKey', 'cannot decrypt'],
    ['McpRole', 'dynamodb:PutItem', 'LedgerTable', 'Who records calls writes entries'],
    ['KeeperRole', 'dynamodb:*', 'LedgerTable', 'Who records calls writes entries'],
    ['AuthorizerRole', 'dynamodb:Query', 'SessionsTable', 'may scan, query or list'],
    ['McpRole', 'kms:CreateGrant', 'LedgerContentKey', 'change permissions'],
    ['McpRole', 'kms:Decrypt', 'ApprovalsHeldKey', 'A call that is held opens'],
    ['NotifierRole', 'kms:Decrypt', 'ApprovalsHeldKey', 'A call that is held opens'],
    ['NotifierRole', 'kms:GenerateDataKey', 'LedgerContentKey', 'opens no call'],
    ['KeeperRole', 'kms:Sign', 'SealingCheckpointKey', 'The keeper may add entries'],
    ['KeeperRole', 's3:PutObject', 'LedgerEvidenceB', 'The keeper may add entries'],
    ['KeeperRole', 'dynamodb:UpdateItem', 'LedgerTable', 'The keeper may add entries'],
    ['ConsoleFunctionRole', 'kms:Decrypt', 'LedgerContentKey', 'no function but the opener'],
    ['OpenerRole', 'dynamodb:PutItem', 'LedgerTable', 'no function but the opener'],
    ['OpenerRole', 's3:PutObject', 'LedgerEvidenceB', 'no function but the opener'],
    ['WellKnownRole', 'kms:GenerateDataKey', 'LedgerContentKey', 'may not use the content key'],
    ['WellKnownRole', 'kms:Decrypt', 'AtRestKey', 'through DynamoDB, S3 or Secrets Manager only'],
  ])('would not, were %s granted %s on %s', (role, action, target, words) => {
    const intent = INTENTS.find(({ claim }) => claim.includes(words));
    expect(intent?.holds(withGrant(role, action, target))).toBe(false);
  });
});
