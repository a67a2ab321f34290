// TransactWriteItems and TransactGetItems, which dynalite lacks. All items are judged against the same state, every
// reason is reported, and all or none is committed.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

import { z } from 'zod';
import { type Operation, operation } from '../json-protocol.ts';
import { AwsError } from '../wire.ts';
import { type CheckedRequest, checkRequest, db, type Item, loadTable, runAction, toAwsError } from './dynalite.ts';
import type { Staging } from './staging.ts';
import type { Tokens } from './tokens.ts';
import { isConditionFailure, type Writer, wantsOldItem } from './writes.ts';

const MAX_ITEMS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

const KINDS = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'DeleteItem' } as const;
type Kind = keyof typeof KINDS;

const member = z.looseObject({ TableName: z.string() });
const writeItem = z.strictObject({
  Put: member.optional(),
  Update: member.optional(),
  Delete: member.optional(),
  ConditionCheck: member.optional(),
});
const writeInput = z.object({
  TransactItems: z.array(writeItem).min(1).max(MAX_ITEMS),
  ClientRequestToken: z.string().min(1).max(36).optional(),
});
const getInput = z.object({
  TransactItems: z
    .array(z.strictObject({ Get: member }))
    .min(1)
    .max(MAX_ITEMS),
});

interface TransactItem {
  readonly kind: Kind;
  readonly request: CheckedRequest;
  readonly returnsOldItem: boolean;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

const checkItem = (entry: z.output<typeof writeItem>, writer: Writer): TransactItem => {
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => entry[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const reason = 'TransactItems can only contain one of Check, Put, Update or Delete';
    throw new AwsError('ValidationException', reason);
  }
  const input = { ...entry[kind], TableName: entry[kind]?.TableName ?? '' };
  for (const [needs, name] of [
    ['Update', 'UpdateExpression'],
    ['ConditionCheck', 'ConditionExpression'],
  ] as const) {
    if (kind === needs && !Object.hasOwn(input, name)) {
      throw new AwsError('ValidationException', `The ${name} of a ${kind} must not be null`);
    }
  }
  return { kind, request: checkRequest(KINDS[kind], input, writer.store), returnsOldItem: wantsOldItem(input) };
};

/** The item's address; a malformed key has none and fails later with its own reason. */
const addressOf = async (item: TransactItem, writer: Writer): Promise<string | null> => {
  const table = await loadTable(writer.store, item.request.TableName);
  const key = (item.request['Item'] ?? item.request['Key']) as Item;
  try {
    return `${item.request.TableName}/${db.createKey(key, table)}`;
  } catch {
    return null;
  }
};

const refuseDuplicates = async (items: readonly TransactItem[], writer: Writer): Promise<void> => {
  const seen = new Set<string>();
  for (const item of items) {
    const address = await addressOf(item, writer);
    if (address !== null && seen.has(address)) {
      const reason = 'Transaction request cannot include multiple operations on one item';
      throw new AwsError('ValidationException', reason);
    }
    if (address !== null) seen.add(address);
  }
};

/** dynalite has no condition check: read the item as a delete would, judge, stage nothing. */
const checkCondition = async ({ request }: TransactItem, staging: Staging): Promise<void> => {
  const table = await loadTable(staging.store, request.TableName);
  const invalid = db.validateKey(request['Key'] as Item, table);
  if (invalid) throw toAwsError(invalid);
  const item = await new Promise<Item | undefined>((resolve, reject) => {
    const key = db.createKey(request['Key'] as Item, table);
    staging.store.getItemDb(request.TableName).get(key, (error, found) => (error ? reject(error) : resolve(found)));
  });
  const failed = db.checkConditional(request, item);
  if (failed) throw toAwsError(failed);
};

/** The cancellation reason an error stands for; a fault is not a reason and is thrown on. */
const toReason = (error: unknown, oldItem: Item | undefined): Reason => {
  if (isConditionFailure(error)) {
    const reason = { Code: 'ConditionalCheckFailed', Message: error.message };
    return oldItem === undefined ? reason : { ...reason, Item: oldItem };
  }
  if (error instanceof AwsError && error.code.endsWith('ValidationException')) {
    return { Code: 'ValidationError', Message: error.message };
  }
  throw error;
};

const judge = async (item: TransactItem, staging: Staging): Promise<Reason> => {
  try {
    if (item.kind === 'ConditionCheck') await checkCondition(item, staging);
    else await runAction(KINDS[item.kind], staging.store, item.request);
    return { Code: 'None' };
  } catch (error) {
    return toReason(error, item.returnsOldItem ? staging.lastRead() : undefined);
  }
};

const cancelled = (reasons: readonly Reason[]): AwsError => {
  const codes = reasons.map((reason) => reason.Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError('com.amazonaws.dynamodb.v20120810#TransactionCanceledException', message, {
    // The SDK reads `Message` with a capital here, as DynamoDB sends it.
    fields: { CancellationReasons: reasons, Message: message },
  });
};

const transactWrite = (writer: Writer, tokens: Tokens): Operation =>
  operation(writeInput, (input) => {
    if (JSON.stringify(input.TransactItems).length > MAX_BYTES) {
      throw new AwsError('ValidationException', 'Collection of items to be written exceeds 4 MB');
    }
    const items = input.TransactItems.map((entry) => checkItem(entry, writer));
    return writer.exclusive(async (staging) => {
      const claim = tokens.claim(input.ClientRequestToken, input.TransactItems);
      if (claim.kind === 'repeat') return {};
      await refuseDuplicates(items, writer);
      const reasons: Reason[] = [];
      for (const item of items) reasons.push(await judge(item, staging));
      if (reasons.some((reason) => reason.Code !== 'None')) throw cancelled(reasons);
      await writer.commit(staging, claim.writes);
      claim.confirm();
      return {};
    });
  });

const transactGet = (writer: Writer): Operation =>
  operation(getInput, (input) => {
    const requests = input.TransactItems.map(({ Get }) => checkRequest('GetItem', Get, writer.store));
    return writer.exclusive(async () => {
      const Responses: object[] = [];
      for (const request of requests) {
        const { Item } = await runAction('GetItem', writer.store, request);
        Responses.push(Item === undefined ? {} : { Item });
      }
      return { Responses };
    });
  });

export const transactionOperations = (writer: Writer, tokens: Tokens): Readonly<Record<string, Operation>> => ({
  TransactWriteItems: transactWrite(writer, tokens),
  TransactGetItems: transactGet(writer),
});
