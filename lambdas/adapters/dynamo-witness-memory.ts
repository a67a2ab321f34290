// What the sealer remembers of a witness, beside the head that it remembers of its own: how far the witness has been, and
// the right edge of a tree to prove on from. Hints: a witness says itself where it stands, and a proof is checked before
// it is sent.

import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';

export interface WitnessMemory {
  /** Size of the last checkpoint that it cosigned. */
  readonly cosigned: number;
  /** A right edge to start proofs from, usually that of the cosigned tree. */
  readonly edge: { readonly size: number; readonly roots: readonly string[] };
  /** The refusal that stands in the log already; `null` when the last answer was a cosignature. */
  readonly refused: string | null;
}

export interface WitnessMemories {
  load(keyId: string): Promise<WitnessMemory | undefined>;
  save(keyId: string, memory: WitnessMemory): Promise<void>;
}

type Item = Record<string, AttributeValue>;

const keyOf = (keyId: string): Item => ({
  [LEDGER.partitionKey]: { S: 'sealer' },
  [LEDGER.sortKey]: { S: `witness#${keyId}` },
});

export const makeWitnessMemories = (client: DynamoDBClient, table: string): WitnessMemories => ({
  load: async (keyId) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(keyId), ConsistentRead: true });
    const { Item } = await client.send(command);
    return Item === undefined ? undefined : read(Item);
  },
  save: async (keyId, { cosigned, edge, refused }) => {
    const item: Item = {
      ...keyOf(keyId),
      cosigned: { N: String(cosigned) },
      size: { N: String(edge.size) },
      roots: { L: edge.roots.map((S) => ({ S })) },
      ...(refused === null ? {} : { refused: { S: refused } }),
    };
    await client.send(new PutItemCommand({ TableName: table, Item: item }));
  },
});

const read = (item: Item): WitnessMemory => ({
  cosigned: Number(item['cosigned']?.N),
  edge: { size: Number(item['size']?.N), roots: (item['roots']?.L ?? []).map((root) => root.S ?? '') },
  refused: item['refused']?.S ?? null,
});
