import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect } from 'vitest';
import { LEDGER } from '../../lambdas/contract.ts';
import { contractCase, refusal } from './contract-case.ts';
import { createLedgerTable } from './ledger-table.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
let TableName = '';
const client = () => target().dynamoDb;
beforeAll(async () => {
  TableName = await createLedgerTable(client());
});

describe('the ledger table', () => {
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
  contractCase('ddb-describe', 'is described with its keys, index, billing mode and stream', async () => {
    const { Table } = await client().send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.KeySchema?.map((key) => key.AttributeName)).toEqual([LEDGER.partitionKey, LEDGER.sortKey]);
    expect(Table?.GlobalSecondaryIndexes?.map((index) => index.IndexName)).toEqual([LEDGER.unsealedIndex.name]);
    expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(Table?.LatestStreamArn).toMatch(/^arn:aws:dynamodb:.+:table\/.+\/stream\/.+$/);
  });

  contractCase('ddb-create-twice', 'is not created a second time', async () => {
    const again = new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
    expect(await refusal(client().send(again))).toBe('ResourceInUseException');
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
  contractCase('ddb-ttl', 'has its time to live enabled once', async () => {
    const before = await client().send(new DescribeTimeToLiveCommand({ TableName }));
    expect(before.TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
    const TimeToLiveSpecification = { Enabled: true, AttributeName: LEDGER.ttlAttribute };
    await client().send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const after = await client().send(new DescribeTimeToLiveCommand({ TableName }));
    expect(after.TimeToLiveDescription?.AttributeName).toBe(LEDGER.ttlAttribute);
    const again = client().send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    expect(await refusal(again)).toBe('ValidationException');
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
  contractCase('ddb-pitr', 'can be restored to a point in time', async () => {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await client().send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
    const { ContinuousBackupsDescription } = await client().send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html (deletion protection)
  contractCase('ddb-deletion-protection', 'is not deleted while protected, and is once it is not', async () => {
    const own = await createLedgerTable(client());
    const protect = (DeletionProtectionEnabled: boolean) =>
      client().send(new UpdateTableCommand({ TableName: own, DeletionProtectionEnabled }));
    await protect(true);
    const refused = client().send(new DeleteTableCommand({ TableName: own }));
    expect(await refusal(refused)).toMatch(/^(ValidationException|ResourceInUseException)$/);
    await protect(false);
    await client().send(new DeleteTableCommand({ TableName: own }));
    const gone = () => refusal(client().send(new DescribeTableCommand({ TableName: own })));
    await expect.poll(() => gone().catch(() => 'still there'), { timeout: 30_000 }).toBe('ResourceNotFoundException');
  });

  contractCase('ddb-describe-missing', 'is not found under another name', async () => {
    const describing = client().send(new DescribeTableCommand({ TableName: uniqueName('none') }));
    expect(await refusal(describing)).toBe('ResourceNotFoundException');
  });
});
