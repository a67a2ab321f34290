// Who holds the credentials at hand, and what time it is, both in AWS's words: what an operator's command says of itself in
// the log must not be the operator's own word.

import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

class CallerError extends Error {
  readonly code = 'CALLER_UNKNOWN';
}

export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  /** Epoch milliseconds of AWS's answer, to the second. */
  readonly at: number;
}

export const identifyCaller = async (client: STSClient): Promise<Caller> => {
  let date: string | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {} } = result.response as { headers?: Record<string, string> };
      date = headers['date'];
      return result;
    },
    { step: 'deserialize', name: 'countersignAnswerDate', override: true },
  );
  try {
    const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}));
    const at = Date.parse(date ?? '');
    if (Account === undefined || Arn === undefined || UserId === undefined || Number.isNaN(at)) {
      throw new Error('STS answered without an identity or a date');
    }
    return { account: Account, arn: Arn, userId: UserId, at };
  } catch (cause) {
    throw new CallerError('AWS did not say who holds these credentials', { cause });
  }
};
