// ClientRequestToken of TransactWriteItems: for ten minutes a repeat with the same content succeeds without effect
// and a repeat with other content is refused. A token is written in the batch of the transaction it belongs to, so
// a crash cannot separate the two.

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { AwsError } from '../wire.ts';
import type { BatchWrite, Store } from './dynalite.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, ClientRequestToken */
const VALID_MS = 10 * 60 * 1000;
const PREFIX = 'front-token~';

interface Used {
  readonly digest: string;
  readonly at: number;
}

type Claim =
  | { readonly kind: 'repeat' }
  /** `writes` go into the transaction's batch; `confirm` follows once that is durable. */
  | { readonly kind: 'first'; readonly writes: readonly BatchWrite[]; confirm(): void };

export interface Tokens {
  claim(token: string | undefined, content: unknown): Claim;
}

export const openTokens = async (store: Store, now: () => number): Promise<Tokens> => {
  const used = new Map<string, Used>();
  for await (const [key, value] of store.db.iterator({ gte: PREFIX, lt: `${PREFIX}\uffff` })) {
    used.set(key.slice(PREFIX.length), value as Used);
  }

  /** Insertion order is time order (but for what was loaded), so the oldest stand in front. */
  const expired = (): string[] => {
    const tokens: string[] = [];
    for (const [token, { at }] of used) {
      if (at + VALID_MS > now()) break;
      tokens.push(token);
    }
    return tokens;
  };

  return {
    claim: (token, content) => {
      const old = expired();
      for (const gone of old) used.delete(gone);
      const deletions = old.map((gone): BatchWrite => ({ type: 'del', key: PREFIX + gone }));
      if (token === undefined) return { kind: 'first', writes: deletions, confirm: () => undefined };
      const digest = createHash('sha256')
        .update(canonicalize(content) ?? '')
        .digest('base64');
      const earlier = used.get(token);
      if (earlier !== undefined && earlier.at + VALID_MS > now()) {
        if (earlier.digest === digest) return { kind: 'repeat' };
        const reason = 'The request used a ClientRequestToken of an earlier request with other content';
        throw new AwsError('com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException', reason);
      }
      const value: Used = { digest, at: now() };
      return {
        kind: 'first',
        writes: [...deletions, { type: 'put', key: PREFIX + token, value }],
        confirm: () => void used.set(token, value),
      };
    },
  };
};
