// Which requests for approval somebody made on a day, found in the approvals table. Ids only: what became of a request is
// told by its entries. Reads only.

import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { APPROVALS } from '../contract.ts';
import type { Session } from '../core/sessions/session.ts';
import { listPartition } from './dynamo-approval-items.ts';

export interface ApprovalDays {
  /** Ids of the requests that a principal made on a UTC day (`YYYY-MM-DD`), oldest first. */
  list(principal: Pick<Session, 'issuer' | 'subject'>, day: string): Promise<readonly string[]>;
}

export const makeApprovalDays = (client: DynamoDBClient, table: string): ApprovalDays => ({
  list: async ({ issuer, subject }, day) => {
    const ids: string[] = [];
    const query = {
      TableName: table,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :day)',
      ExpressionAttributeNames: { '#pk': APPROVALS.partitionKey, '#sk': APPROVALS.sortKey },
      ExpressionAttributeValues: {
        ':pk': { S: listPartition('person', `${issuer} ${subject}`) },
        ':day': { S: day },
      },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      ids.push(...Items.map((item) => item[APPROVALS.sortKey]?.S?.split('#')[1] ?? ''));
    }
    return ids;
  },
});
