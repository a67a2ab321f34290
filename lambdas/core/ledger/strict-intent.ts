// What the intent key signs of a strict call, before the call is made: an in-toto statement whose subject is the call and
// whose digest is the leaf hash of its intent. The statement follows from the entry alone, so that a reader can make it
// anew and compare. Pure.

import { isObject, type JsonObject } from '../mcp/json.ts';
import { STATEMENT_TYPE, type Statement, statementPayload } from './dsse.ts';
import type { Intent } from './entry.ts';

/** A name, not an address: nothing needs to answer there. */
const INTENT_PREDICATE = 'https://countersign.example/call-intent/v1';

/** Name of the intent key in its C2SP verifier key, which `key.registered` puts on record. */
export const intentKeyName = (origin: string): string => `${origin}/intent`;

/** The facts of a strict intent, as its entry has them. */
export interface StrictIntent {
  readonly log: string;
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  readonly actor: { readonly iss: string; readonly sub: string; readonly client: string };
  readonly server: string;
  readonly tool: string | null;
  /** `sha256:<hex>` of the request's ciphertext; `null` when there was no body. */
  readonly args: string | null;
  readonly config: string;
  readonly ts: string;
}

export const strictIntentOf = ({ log, sid, seq, callId, actor, call, args, config, ts }: Intent): StrictIntent => ({
  ...{ log, sid, seq, callId, config, ts },
  actor: { iss: actor.iss, sub: actor.sub, client: actor.client },
  server: call.server,
  tool: call.subject,
  args: args === null ? null : args.ct,
});

/** The payload that is signed. `leaf` is the leaf hash of the intent's line, hex. */
export const intentPayload = (intent: StrictIntent, leaf: string): string => {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: intent.callId, digest: { sha256: leaf } }],
    predicateType: INTENT_PREDICATE,
    predicate: { ...intent },
  };
  return statementPayload(statement);
};

/** What a signed payload says of its call, for naming one that has no entry; `undefined` when it is no such statement. */
export const readIntentPayload = (payload: string): StrictIntent | undefined => {
  const statement = parseObject(payload);
  const predicate = statement?.['predicate'];
  const [subject] = Array.isArray(statement?.['subject']) ? (statement['subject'] as unknown[]) : [];
  if (!isObject(predicate) || !isObject(predicate['actor']) || !isObject(subject)) return undefined;
  const { log, sid, seq, callId, actor, server, tool, args, config, ts } = predicate;
  const { iss, sub, client } = actor as JsonObject;
  const read = { ...{ log, sid, seq, callId, server, tool, args, config, ts }, actor: { iss, sub, client } };
  const texts = [log, sid, seq, callId, iss, sub, client, server, config, ts, tool ?? '', args ?? ''];
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const intent = read as StrictIntent;
  const { digest } = subject;
  const leaf = isObject(digest) ? digest['sha256'] : undefined;
  // Strictly: the statement must be the one that these facts make, with nothing beside them.
  return typeof leaf === 'string' && isStatementOf(intent, leaf, payload) ? intent : undefined;
};

const isStatementOf = (intent: StrictIntent, leaf: string, payload: string): boolean => {
  try {
    return intentPayload(intent, leaf) === payload;
  } catch {
    // A lone surrogate has no canonical form.
    return false;
  }
};

const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
