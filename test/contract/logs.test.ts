// CloudWatch Logs, as far as reconciliation reads it.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html

import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
const logs = () => target().logs;
const group = uniqueName('access');
/** A minute ago: AWS takes no events far from now. */
const START = Date.now() - 60_000;
const COUNT = 25;

const put = (logStreamName: string, from: number, to: number) =>
  logs().send(
    new PutLogEventsCommand({
      logGroupName: group,
      logStreamName,
      logEvents: Array.from({ length: to - from }, (_, index) => ({
        timestamp: START + from + index,
        message: `line ${from + index}`,
      })),
    }),
  );
const filter = async (query: { startTime?: number; endTime?: number; limit?: number } = {}) => {
  const found: string[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs() }, { logGroupName: group, ...query })) {
    found.push(...events.map(({ message }) => message ?? ''));
  }
  return found.sort();
};
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`).sort();

beforeAll(async () => {
  await logs().send(new CreateLogGroupCommand({ logGroupName: group }));
  for (const logStreamName of ['a', 'b']) {
    await logs().send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
  }
  await put('a', 0, 10);
  await put('b', 10, COUNT);
});

describe('FilterLogEvents', () => {
  contractCase('logs-all', 'finds the events of all streams of a group', async () => {
    expect(await filter()).toEqual(lines(0, COUNT));
  });

  contractCase('logs-pages', 'gives every event once, page by page', async () => {
    const first = await logs().send(new FilterLogEventsCommand({ logGroupName: group, limit: 10 }));
    expect(first.events?.length).toBeLessThanOrEqual(10);
    expect(first.nextToken).toBeDefined();
    expect(await filter({ limit: 10 })).toEqual(lines(0, COUNT));
  });

  contractCase('logs-time', 'finds by the time that events carry, both ends included', async () => {
    expect(await filter({ startTime: START + 5, endTime: START + 14 })).toEqual(lines(5, 15));
  });

  contractCase('logs-no-group', 'refuses a group that is not there', async () => {
    const missing = new FilterLogEventsCommand({ logGroupName: uniqueName('missing') });
    expect(await refusal(logs().send(missing))).toBe('ResourceNotFoundException');
  });
});

describe('PutLogEvents', () => {
  contractCase('logs-no-stream', 'refuses a stream that is not there', async () => {
    expect(await refusal(put('missing', 0, 1))).toBe('ResourceNotFoundException');
  });
});

describe('CreateLogGroup', () => {
  contractCase('logs-group-twice', 'refuses a name that is taken', async () => {
    const again = new CreateLogGroupCommand({ logGroupName: group });
    expect(await refusal(logs().send(again))).toBe('ResourceAlreadyExistsException');
  });
});
