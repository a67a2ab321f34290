// API Gateway's access log in CloudWatch Logs, line by line. Written by API Gateway, not by any code of ours: that is what
// makes it worth comparing with.

import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

export class AccessLogError extends Error {
  readonly code: 'denied' | 'unavailable';

  constructor(code: 'denied' | 'unavailable', cause: unknown) {
    super('The access log of API Gateway could not be read', { cause });
    this.code = code;
  }
}

export interface AccessLog {
  /** Lines with a time of the log (epoch milliseconds) from `from` up to `to`, in any order, perhaps twice. */
  lines(from: number, to: number): AsyncIterable<string>;
}

/** The most that one page may hold. */
const PAGE = 10_000;

export const makeAccessLog = (client: CloudWatchLogsClient, logGroupName: string): AccessLog => ({
  lines: async function* (from, to) {
    // `endTime` includes its millisecond.
    const query = { logGroupName, startTime: from, endTime: to - 1, limit: PAGE };
    try {
      for await (const { events } of paginateFilterLogEvents({ client }, query)) yield* (events ?? []).map(textOf);
    } catch (cause) {
      throw new AccessLogError(isDenied(cause) ? 'denied' : 'unavailable', cause);
    }
  },
});

const textOf = ({ message }: FilteredLogEvent): string => message ?? '';

const isDenied = (cause: unknown): boolean => cause instanceof Error && /AccessDenied/.test(cause.name);
