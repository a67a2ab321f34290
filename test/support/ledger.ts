// The ledger as a test reads it: parsed entries, whole items, and opened bodies.

import { createHmac } from 'node:crypto';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { compactDecrypt } from 'jose';
import { encryptionContext } from '../../lambdas/adapters/kms-content-keys.ts';
import { bodyKey } from '../../lambdas/adapters/s3-bodies.ts';
import { splitDataKey } from '../../lambdas/core/ledger/content-keys.ts';
import type { ContentRecord, Entry } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import type { Provisioned } from '../../local/provision.ts';
import { deployedEnvironment } from './deployed-environment.ts';

interface StoredItem {
  readonly entry: Entry;
  readonly body: string | null;
}

export interface Ledger {
  /** Every entry, in order of its stamp; throws on a damaged one. */
  all(): Promise<readonly StoredItem[]>;
  ofSession(sid: string): Promise<readonly StoredItem[]>;
  /** Everything stored anywhere, as text: for looking for what must not be there. */
  dump(): Promise<string>;
  /** Opens a recorded body as an investigator with the raw-read grant would. */
  open(sid: string, content: ContentRecord, inline: string | null): Promise<string>;
}

/** The ledger from now on: a deployed one holds the entries of earlier test files too. */
export const openLedger = (resources: Provisioned, log: string): Ledger => {
  const dynamo = new DynamoDBClient();
  const openedAt = deployedEnvironment() === undefined ? '' : new Date().toISOString();
  const scan = async (TableName: string) => {
    const items = [];
    for await (const page of paginateScan({ client: dynamo }, { TableName, ConsistentRead: true })) {
      items.push(...(page.Items ?? []));
    }
    return items;
  };
  const all = async (): Promise<readonly StoredItem[]> => {
    const items = (await scan(resources.ledgerTable)).filter(
      (item) => item['line'] !== undefined && (stampIn(item['line'].S ?? '') ?? openedAt) >= openedAt,
    );
    return items
      .map((item) => {
        const parsed = parseEntry(item['line']?.S ?? '', item['leaf']?.S ?? '');
        if (!parsed.ok) throw new Error(`damaged entry: ${JSON.stringify(parsed.error)}`);
        return { entry: parsed.value, body: item['body']?.S ?? null };
      })
      .sort((a, b) => (`${a.entry.ts}#${a.entry.id}` < `${b.entry.ts}#${b.entry.id}` ? -1 : 1));
  };
  return {
    all,
    ofSession: async (sid) => (await all()).filter(({ entry }) => 'sid' in entry && entry.sid === sid),
    dump: async () => JSON.stringify([await scan(resources.ledgerTable), await scan(resources.sessionsTable)]),
    open: async (sid, content, inline) => {
      const keys = (await scan(resources.ledgerTable)).find((item) => item['sk']?.S === `key#${content.kid}`);
      const { Plaintext } = await new KMSClient().send(
        new DecryptCommand({
          CiphertextBlob: Buffer.from(keys?.['wrapped']?.S ?? '', 'base64'),
          EncryptionContext: encryptionContext(log, sid),
        }),
      );
      const key = splitDataKey(Plaintext ?? new Uint8Array());
      const { plaintext } = await compactDecrypt(inline ?? (await fetchBody(resources, content)), key.sealing);
      const pt = `hmac-sha256:${createHmac('sha256', key.committing).update(plaintext).digest('hex')}`;
      if (pt !== content.pt) throw new Error('the commitment does not match the plaintext');
      return Buffer.from(plaintext).toString('utf8');
    },
  };
};

/** When a line says that it was written. Not parsed: what earlier tests damaged is none of a later one's business. */
const stampIn = (line: string): string | undefined => /"ts":"([^"]*)"/.exec(line)?.[1];

const fetchBody = async (resources: Provisioned, content: ContentRecord): Promise<string> => {
  const object = await new S3Client().send(
    new GetObjectCommand({ Bucket: resources.evidenceBucket, Key: bodyKey(content.ct) }),
  );
  return (await object.Body?.transformToString()) ?? '';
};
