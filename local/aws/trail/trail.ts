// The loopback CloudTrail: LookupEvents over what the loopback KMS signed. Newest first and 50 to a page, as on AWS; without
// AWS's delay, its 90 days and its two requests a second.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Files } from '../files.ts';
import { jsonService, operation } from '../json-protocol.ts';
import { AwsError, type AwsService } from '../wire.ts';

export interface RecordedCall {
  readonly eventSource: string;
  readonly eventName: string;
  readonly region: string;
  readonly resourceArn: string;
}

export interface LocalTrail {
  readonly service: AwsService;
  record(call: RecordedCall): void;
}

interface StoredEvent extends RecordedCall {
  readonly id: string;
  readonly at: number;
}

const FOLDER = 'trail';
const PAGE = 50;

const lookupInput = z.object({
  LookupAttributes: z
    .array(z.object({ AttributeKey: z.string(), AttributeValue: z.string() }))
    .max(1)
    .default([]),
  // Epoch seconds on the wire.
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.int().min(1).max(PAGE).default(PAGE),
  NextToken: z.string().optional(),
});

export const openTrail = (files: Files, now: () => number): LocalTrail => {
  let recorded = 0;
  const all = (): readonly StoredEvent[] =>
    files.list(FOLDER).map((path) => JSON.parse(files.read(path).toString('utf8')) as StoredEvent);
  return {
    record: (call) => {
      recorded += 1;
      const id = randomUUID();
      const name = `${String(now()).padStart(15, '0')}-${String(recorded).padStart(9, '0')}-${id}`;
      files.write(`${FOLDER}/${name}`, JSON.stringify({ ...call, id, at: now() }));
    },
    service: jsonService('1.1', {
      LookupEvents: operation(lookupInput, (input, { region }) => {
        const [attribute] = input.LookupAttributes;
        const matching = all().filter(
          (event) => event.region === region && isWithin(event, input) && hasAttribute(event, attribute),
        );
        const newestFirst = matching.toReversed();
        const start = input.NextToken === undefined ? 0 : newestFirst.findIndex(({ id }) => id === input.NextToken);
        if (start < 0) throw new AwsError('InvalidNextTokenException', 'The token is not one of this query');
        const next = newestFirst[start + input.MaxResults]?.id;
        const Events = newestFirst.slice(start, start + input.MaxResults).map(toEvent);
        return { Events, ...(next === undefined ? {} : { NextToken: next }) };
      }),
    }),
  };
};

const isWithin = ({ at }: StoredEvent, { StartTime, EndTime }: z.output<typeof lookupInput>): boolean => {
  const second = Math.floor(at / 1000);
  return second >= (StartTime ?? 0) && second <= (EndTime ?? Number.POSITIVE_INFINITY);
};

const hasAttribute = (
  event: StoredEvent,
  attribute: { readonly AttributeKey: string; readonly AttributeValue: string } | undefined,
): boolean => {
  if (attribute === undefined) return true;
  const values: Readonly<Record<string, string>> = {
    EventName: event.eventName,
    EventSource: event.eventSource,
    EventId: event.id,
    ResourceName: event.resourceArn,
  };
  const value = values[attribute.AttributeKey];
  if (value === undefined) {
    throw new AwsError('InvalidLookupAttributesException', `Not served by the loopback: ${attribute.AttributeKey}`);
  }
  return value === attribute.AttributeValue;
};

/** CloudTrail's clock counts whole seconds. */
const toEvent = ({ id, at, eventName, eventSource, region, resourceArn }: StoredEvent): object => ({
  EventId: id,
  EventName: eventName,
  EventSource: eventSource,
  EventTime: Math.floor(at / 1000),
  ReadOnly: 'true',
  Resources: [{ ResourceType: 'AWS::KMS::Key', ResourceName: resourceArn }],
  CloudTrailEvent: JSON.stringify({
    eventVersion: '1.11',
    eventID: id,
    eventTime: new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
    eventSource,
    eventName,
    awsRegion: region,
    readOnly: true,
    resources: [{ accountId: resourceArn.split(':')[4], type: 'AWS::KMS::Key', ARN: resourceArn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    eventCategory: 'Management',
  }),
});
