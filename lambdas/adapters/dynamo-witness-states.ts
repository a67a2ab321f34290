// What a witness remembers: for each log the last tree it cosigned. One conditional write decides between two requests, so
// that no two roots of one size are ever cosigned and no log is taken back.

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { WITNESS } from '../contract.ts';
import type { TreeHead } from '../core/ledger/merkle.ts';

class WitnessStateError extends Error {
  readonly code = 'WITNESS_STATE_UNREADABLE';
}

export interface WitnessStates {
  /** The last tree that was cosigned for a log. */
  load(origin: string): Promise<TreeHead | undefined>;
  /** Goes from what was loaded to `to`; `false` when somebody else went on meanwhile, and nothing was changed. */
  advance(origin: string, from: TreeHead | undefined, to: TreeHead): Promise<boolean>;
  /** Keeps the cosigned checkpoint for monitors, as long as `head` is still the last tree. */
  publish(origin: string, head: TreeHead, note: string): Promise<void>;
  /** The cosigned checkpoint kept last. */
  published(origin: string): Promise<string | undefined>;
}

type Item = Record<string, AttributeValue>;

const keyOf = (origin: string): Item => ({ [WITNESS.partitionKey]: { S: origin } });
const base64 = (root: Uint8Array): string => Buffer.from(root).toString('base64');
const IS_HEAD = '#size = :size AND #root = :root';
const NAMES = { '#size': 'size', '#root': 'root' };
const valuesOf = ({ size, root }: TreeHead): Item => ({ ':size': { N: String(size) }, ':root': { S: base64(root) } });

export const makeWitnessStates = (client: DynamoDBClient, table: string): WitnessStates => {
  const read = async (origin: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(origin), ConsistentRead: true });
    return (await client.send(command)).Item;
  };
  /** Whether the condition held. */
  const update = async (input: ConstructorParameters<typeof UpdateItemCommand>[0]): Promise<boolean> => {
    try {
      await client.send(new UpdateItemCommand(input));
      return true;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return false;
      throw cause;
    }
  };
  return {
    load: async (origin) => {
      const item = await read(origin);
      return item === undefined ? undefined : headOf(origin, item);
    },
    advance: (origin, from, to) =>
      update({
        TableName: table,
        Key: keyOf(origin),
        UpdateExpression: 'SET #size = :newSize, #root = :newRoot',
        ConditionExpression: from === undefined ? 'attribute_not_exists(#size)' : IS_HEAD,
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: {
          ':newSize': { N: String(to.size) },
          ':newRoot': { S: base64(to.root) },
          ...(from === undefined ? {} : valuesOf(from)),
        },
      }),
    publish: async (origin, head, note) => {
      await update({
        TableName: table,
        Key: keyOf(origin),
        UpdateExpression: 'SET note = :note',
        ConditionExpression: IS_HEAD,
        ExpressionAttributeNames: NAMES,
        ExpressionAttributeValues: { ':note': { S: note }, ...valuesOf(head) },
      });
    },
    published: async (origin) => (await read(origin))?.['note']?.S,
  };
};

/** A damaged item must stop the witness: read as nothing, it would let the log begin anew. */
const headOf = (origin: string, item: Item): TreeHead => {
  const size = Number(item['size']?.N);
  const root = Buffer.from(item['root']?.S ?? '', 'base64');
  if (Number.isSafeInteger(size) && size >= 0 && root.length === 32) return { size, root };
  throw new WitnessStateError(`The state of ${origin} is not a size and a root; restore the table`);
};
