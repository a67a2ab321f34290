// API Gateway's access log on the laptop: one line for each request, with the fields that lib/access-log.ts asks for, put
// into CloudWatch Logs when the request has ended. It knows nothing of what the functions record.

import { randomUUID } from 'node:crypto';
import {
  type CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { ACCESS_LOG_FIELDS } from '../../lib/access-log.ts';

type Field = keyof typeof ACCESS_LOG_FIELDS;

/** What became known of a request on its way. */
export type AccessFacts = Partial<Record<Field, string>>;

export interface AccessLogWriter {
  /** `at`: epoch milliseconds. Never fails a request: on AWS a log that cannot be written does not either. */
  write(facts: AccessFacts, at: number): void;
  close(): Promise<void>;
}

/** All fields, those that nothing is known of as "-". */
export const accessLine = (facts: AccessFacts): string =>
  JSON.stringify(Object.fromEntries(Object.keys(ACCESS_LOG_FIELDS).map((name) => [name, facts[name as Field] ?? '-'])));

const TOGETHER_MS = 50;

export const startAccessLog = async (client: CloudWatchLogsClient, logGroupName: string): Promise<AccessLogWriter> => {
  const logStreamName = randomUUID();
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  let waiting: { timestamp: number; message: string }[] = [];
  let due: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const flush = (): void => {
    clearTimeout(due);
    due = undefined;
    const logEvents = waiting;
    waiting = [];
    if (logEvents.length === 0) return;
    const put = new PutLogEventsCommand({ logGroupName, logStreamName, logEvents });
    last = last.then(() => client.send(put)).catch((cause: unknown) => console.error('access log:', cause));
  };
  return {
    write: (facts, at) => {
      waiting.push({ timestamp: at, message: accessLine(facts) });
      due ??= setTimeout(flush, TOGETHER_MS);
    },
    close: async () => {
      flush();
      await last;
      client.destroy();
    },
  };
};
