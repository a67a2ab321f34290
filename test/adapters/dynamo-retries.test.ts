// Writes that fail but persist, and writes that meet another transaction.

import {
  DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { aSession, segmentEntry } from '../support/builders.ts';
import { NOBODY, useAws } from './aws.ts';
import { loseAnswer } from './lost-answer.ts';
import { codeOf, intent, newSid, recordsUnderTest } from './records-under-test.ts';

const aws = useAws();
const { records, itemsOf } = recordsUnderTest(aws);

describe('when the answer to a first attempt was lost', () => {
  it('counts one entry that is already there as written', async () => {
    const [client, attempts] = loseAnswer(aws().endpoint);
    const sid = newSid();
    await records(client).commit({ entries: [{ entry: toWalEntry(segmentEntry({ sid })), body: 'jwe' }] });
    expect(attempts()).toBe(2);
    expect(await itemsOf(sid)).toHaveLength(1);
  });

  it('counts a transaction once', async () => {
    const [client, attempts] = loseAnswer(aws().endpoint);
    const session = aSession({ sid: newSid() });
    await records(client).commit({
      entries: [intent(session.sid)],
      open: { session, window: null, dueAt: session.openedAt },
    });
    expect(attempts()).toBe(2);
  });

  it('counts a content key that is already there as written', async () => {
    const [client] = loseAnswer(aws().endpoint);
    await records(client).saveContentKey({ sid: newSid(), kid: 'sha256:00', wrapped: 'AAAA' });
  });
});

describe('a transaction that meets another one', () => {
  const cancelled = (...codes: string[]) =>
    new TransactionCanceledException({
      message: 'cancelled',
      $metadata: {},
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
  const CONFLICT = cancelled('None', 'TransactionConflict');

  /** Commits against these failures, then success; how it ended, and how often it was sent. */
  const commitThrough = async (...failures: Error[]) => {
    const dynamoDb = mockClient(DynamoDBClient);
    const sends = failures.reduce((stub, failure) => stub.rejectsOnce(failure), dynamoDb.on(TransactWriteItemsCommand));
    sends.resolves({});
    const far = makeRecords(new DynamoDBClient(NOBODY), { ledger: 'l', sessions: 's', approvals: 'a' });
    const code = await codeOf(far.commit({ entries: [intent(newSid()), intent(newSid())] }));
    const attempts = dynamoDb.commandCalls(TransactWriteItemsCommand).length;
    dynamoDb.restore();
    return [code, attempts];
  };

  it('is repeated, since nothing was decided', async () => {
    const met = new TransactionConflictException({ message: 'm', $metadata: {} });
    expect(await commitThrough(CONFLICT, met)).toEqual(['committed', 3]);
  });

  it('is given up after five repetitions', async () => {
    expect(await commitThrough(...Array(9).fill(CONFLICT))).toEqual(['unavailable', 6]);
  });

  it('is not repeated when a condition failed: that is an answer', async () => {
    expect(await commitThrough(cancelled('ConditionalCheckFailed', 'TransactionConflict'))).toEqual(['conflict', 1]);
    expect(await commitThrough(cancelled('ConditionalCheckFailed'))).toEqual(['conflict', 1]);
  });

  it('is not repeated for any other reason', async () => {
    expect(await commitThrough(cancelled('ValidationError'))).toEqual(['unavailable', 1]);
    expect(await commitThrough(new TransactionCanceledException({ message: 'm', $metadata: {} }))).toEqual([
      'unavailable',
      1,
    ]);
  });
});
