// A DynamoDB client whose first attempt is carried out and whose answer is lost on the way: fails, but persists.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions } from './aws.ts';

/** The client, and how many attempts it has made. */
export const loseAnswer = (endpoint: string): readonly [DynamoDBClient, () => number] => {
  const client = new DynamoDBClient(clientOptions(endpoint));
  let attempts = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      attempts += 1;
      const answer = await next(args);
      if (attempts > 1) return answer;
      throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
    },
    // After the retry middleware, so that the retry is the SDK's own.
    { step: 'finalizeRequest', priority: 'low', name: 'lose-answer' },
  );
  return [client, () => attempts];
};
