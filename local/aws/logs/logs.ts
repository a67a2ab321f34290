// The loopback CloudWatch Logs: groups, streams, PutLogEvents and FilterLogEvents with paging. Filter patterns, retention,
// queries and subscriptions are not served. Events are found by the time they carry, as AWS finds them.

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Files } from '../files.ts';
import { jsonService, type Operation, operation } from '../json-protocol.ts';
import { AwsError, type AwsService } from '../wire.ts';

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly eventId: string;
  readonly logStreamName: string;
  readonly ingestionTime: number;
}

const FOLDER = 'logs';
/** AWS's bounds of one PutLogEvents and of one page. */
const MAX_EVENTS = 10_000;

const group = z.object({ logGroupName: z.string().min(1).max(512) });
const stream = group.extend({ logStreamName: z.string().min(1).max(512) });
const putInput = stream.extend({
  logEvents: z
    .array(z.object({ timestamp: z.int().min(0), message: z.string().min(1) }))
    .min(1)
    .max(MAX_EVENTS),
});
const filterInput = group.extend({
  startTime: z.int().min(0).optional(),
  endTime: z.int().min(0).optional(),
  limit: z.int().min(1).max(MAX_EVENTS).default(MAX_EVENTS),
  nextToken: z.string().optional(),
});

export const openLogs = (files: Files, now: () => number): AwsService => {
  /** Read once: a request must not list the files of all others. One event's file sorts by time, then by arrival. */
  const paths = new Set(files.list(FOLDER));
  let arrived = 0;
  const write = (path: string, content: string): void => {
    files.write(path, content);
    paths.add(path);
  };
  const folderOf = (name: string): string => `${FOLDER}/${encodeURIComponent(name)}`;
  const markerOf = (name: string): string => `${folderOf(name)}.group`;
  const requireGroup = (name: string): void => {
    if (!paths.has(markerOf(name))) throw notFound('The specified log group does not exist.');
  };
  const streamMarker = (name: string, streamName: string): string =>
    `${folderOf(name)}.streams/${encodeURIComponent(streamName)}`;

  const create = (path: string, what: string): object => {
    if (paths.has(path)) {
      throw new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);
    }
    write(path, '');
    return {};
  };

  const operations: Readonly<Record<string, Operation>> = {
    CreateLogGroup: operation(group, ({ logGroupName }) => create(markerOf(logGroupName), 'log group')),
    CreateLogStream: operation(stream, ({ logGroupName, logStreamName }) => {
      requireGroup(logGroupName);
      return create(streamMarker(logGroupName, logStreamName), 'log stream');
    }),
    PutLogEvents: operation(putInput, ({ logGroupName, logStreamName, logEvents }) => {
      requireGroup(logGroupName);
      if (!paths.has(streamMarker(logGroupName, logStreamName))) {
        throw notFound('The specified log stream does not exist.');
      }
      for (const { timestamp, message } of logEvents) {
        arrived += 1;
        const name = `${String(timestamp).padStart(15, '0')}-${String(now()).padStart(15, '0')}-${String(arrived).padStart(9, '0')}`;
        const event: LogEvent = { timestamp, message, eventId: randomUUID(), logStreamName, ingestionTime: now() };
        write(`${folderOf(logGroupName)}.events/${name}`, JSON.stringify(event));
      }
      return {};
    }),
    FilterLogEvents: operation(filterInput, ({ logGroupName, startTime = 0, endTime, limit, nextToken = '' }) => {
      requireGroup(logGroupName);
      const folder = `${folderOf(logGroupName)}.events/`;
      const found = [...paths].sort().filter((path) => {
        if (!path.startsWith(folder) || path <= nextToken) return false;
        const timestamp = Number(path.slice(folder.length).split('-', 1)[0]);
        return timestamp >= startTime && timestamp <= (endTime ?? Number.POSITIVE_INFINITY);
      });
      const page = found.slice(0, limit);
      const more = found.length > limit ? { nextToken: page.at(-1) } : {};
      return { events: page.map((path) => JSON.parse(files.read(path).toString('utf8')) as LogEvent), ...more };
    }),
  };
  return jsonService('1.1', operations);
};

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
