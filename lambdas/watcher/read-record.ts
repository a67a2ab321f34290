// From a record of the table's stream to the change that is judged.

import type { DynamoDBRecord } from 'aws-lambda';
import { LEDGER } from '../contract.ts';
import type { Image, ItemChange } from '../core/ledger/watch/judge-change.ts';

class RecordError extends Error {
  readonly code = 'RECORD_UNREADABLE';
}

/** `undefined` for an insertion, which is not watched. A record without what every record has is a fault, not a change. */
export const readRecord = (record: DynamoDBRecord): ItemChange | undefined => {
  const { eventID, eventName, dynamodb } = record;
  if (eventName === 'INSERT') return undefined;
  const partition = dynamodb?.Keys?.[LEDGER.partitionKey]?.S;
  const sort = dynamodb?.Keys?.[LEDGER.sortKey]?.S;
  const before = dynamodb?.OldImage as Image | undefined;
  const at = dynamodb?.ApproximateCreationDateTime;
  if (eventID === undefined || eventName === undefined) throw new RecordError('A stream record lacks id or name');
  if (partition === undefined || sort === undefined || before === undefined || at === undefined) {
    throw new RecordError(`Stream record ${eventID} lacks keys, old image or time: the stream must carry both images`);
  }
  const after = eventName === 'MODIFY' ? ((dynamodb?.NewImage as Image | undefined) ?? {}) : null;
  return { eventId: eventID, eventName, at: Math.floor(at), expired: isExpiry(record), partition, sort, before, after };
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html */
const isExpiry = ({ userIdentity }: DynamoDBRecord): boolean =>
  userIdentity?.type === 'Service' && userIdentity.principalId === 'dynamodb.amazonaws.com';
