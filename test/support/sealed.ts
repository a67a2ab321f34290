// Waits until everything that was written is sealed and signed, on the laptop and on a deployment alike.

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, vi } from 'vitest';
import type { TestStack } from './stack.ts';

const TIMEOUT_MS = 120_000;

export const waitUntilSealed = async (stack: TestStack): Promise<void> => {
  // The laptop's sealer can be asked to run now; a deployed one is woken by the stream or its schedule.
  if ('sealer' in stack) await (stack as { sealer: { run(): Promise<unknown> } }).sealer.run();
  const dynamo = new DynamoDBClient();
  const unsealed = async (): Promise<number> => {
    const { Items = [] } = await dynamo.send(
      new ScanCommand({
        TableName: stack.resources.ledgerTable,
        ConsistentRead: true,
        FilterExpression: 'attribute_exists(unsealed)',
      }),
    );
    return Items.length;
  };
  await vi.waitFor(async () => expect(await unsealed()).toBe(0), { timeout: TIMEOUT_MS, interval: 500 });
  dynamo.destroy();
};
