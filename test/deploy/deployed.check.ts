// What stands after `cdk deploy` and the step after it, seen from outside the gateway.

import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVIDENCE_KEYS, LEDGER, SESSIONS } from '../../lambdas/contract.ts';
import { readConfig } from '../../lib/config.ts';
import { makeApprovers, wire } from '../support/approvers.ts';
import { deployedEnvironment } from '../support/deployed-environment.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { leaveWaiting } from './waiting-call.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.close());

describe('the deployed configuration', () => {
  it('is the one the run wrote, without streaming', () => {
    expect(stack.config).toEqual(readConfig(deployedEnvironment()!.configFile));
    expect(stack.config.endpoint.responseTransfer).toBe('buffered');
  });
});

describe('the deployed tables', () => {
  const describeTable = async (TableName: string) =>
    (await new DynamoDBClient().send(new DescribeTableCommand({ TableName }))).Table;

  it('of the ledger has its keys, its index, its stream and its time to live', async () => {
    const table = await describeTable(stack.resources.ledgerTable);
    expect(table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual([LEDGER.partitionKey, LEDGER.sortKey]);
    expect(table?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: LEDGER.unsealedIndex.name }]);
    expect(table?.StreamSpecification?.StreamViewType).toBe('NEW_AND_OLD_IMAGES');
    const ttl = new DescribeTimeToLiveCommand({ TableName: stack.resources.ledgerTable });
    const { TimeToLiveDescription } = await new DynamoDBClient().send(ttl);
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: LEDGER.ttlAttribute, TimeToLiveStatus: 'ENABLED' });
  });

  it('of sessions has its indexes by day and by what is due', async () => {
    const table = await describeTable(stack.resources.sessionsTable);
    const names = table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort();
    expect(names).toEqual([SESSIONS.byDayIndex.name, SESSIONS.dueIndex.name].sort());
  });
});

describe('the deployed evidence bucket', () => {
  it('keeps a recorded body: its version cannot be deleted', async () => {
    const token = await stack.tokenOf('ana');
    const tool = { name: 'search_customers', arguments: { text: 'x'.repeat(100_000) } };
    expect((await call(stack.url('core-banking'), { token, ...modern('tools/call', tool) })).status).toBe(200);
    const s3 = new S3Client({ forcePathStyle: true });
    const Bucket = stack.resources.evidenceBucket;
    const { Versions = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: EVIDENCE_KEYS.bodyPrefix }),
    );
    expect(Versions.length).toBeGreaterThan(0);
    const { Key, VersionId } = Versions[0]!;
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))).rejects.toThrow(/denied|locked|WORM/i);
  });
});

describe('a wire that needs two people', () => {
  it('waits, with the consent of one, until the second deployment', async () => {
    const [args, token, approvers] = [wire(), await stack.tokenOf('ana'), makeApprovers(stack)];
    const answer = await call(stack.url('core-banking'), {
      ...{ token },
      ...modern('tools/call', { name: 'wire_transfer', arguments: args }),
    });
    const approval = /Reference: ([0-9a-f-]{36})/.exec(answer.text)?.[1] ?? '';
    await approvers.decide(approval, 'paul');
    expect(await approvers.load(approval)).toMatchObject({ state: 'pending', approvals: [{ subject: 'paul' }] });
    leaveWaiting({ approval, args, token });
    approvers.close();
  });
});
