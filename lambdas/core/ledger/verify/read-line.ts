// From the bytes of a line to the facts that the checks need. A line is anybody's text: nothing is believed before it is
// read, and nothing here throws. Pure.

import { isObject, type JsonObject } from '../../mcp/json.ts';
import { err, ok, type Result } from '../../result.ts';
import { fromTimestamp } from '../../time.ts';
import type { KeyFact } from '../key-files.ts';
import { MAX_LEAF_BYTES } from '../log-layout.ts';
import type { StrictIntent } from '../strict-intent.ts';
import { type ReadApproval, type ReadHold, readApproval, readHold } from './approval-lines.ts';
import { isCanonical } from './canonical.ts';
import { Fields, type ReadContent } from './fields.ts';
import { type ReadMask, readMask } from './mask.ts';
import { type ReadReconciled, readReconciled } from './reconciliation.ts';
import { type ReadTamper, readTamper } from './tamper.ts';

export interface ReadStamp {
  readonly id: string;
  readonly ts: string;
  /** `ts` as epoch milliseconds. */
  readonly at: number;
}

export interface ReadCall {
  readonly sid: string;
  readonly seq: number;
  readonly callId: string;
}

type ReadFacts =
  | {
      readonly type: 'session.open';
      readonly sid: string;
      readonly actor: string;
      readonly server: string;
      /** Epoch milliseconds. */
      readonly endsAt: number;
    }
  | { readonly type: 'session.close'; readonly sid: string; readonly calls: number; readonly why: string }
  | ({
      readonly type: 'call.intent';
      readonly actor: string;
      readonly server: string;
      /** `null` of a call that goes without approval. */
      readonly hold: ReadHold | null;
    } & ReadStrict &
      ReadCall &
      WithContent)
  | ({ readonly type: 'stream.segment'; readonly part: number; readonly offset: number } & ReadCall &
      WithContent &
      WithMask)
  | ({
      readonly type: 'call.outcome';
      readonly intent: string;
      readonly status: string;
      /** Whether the MCP server answered. */
      readonly answered: boolean;
      readonly failure: string | null;
    } & ReadTotals &
      ReadCall &
      WithContent &
      WithMask)
  | ({ readonly type: 'call.unknown'; readonly intent: string; readonly parts: number } & ReadCall)
  | { readonly type: 'gap'; readonly sid: string; readonly seq: number }
  | { readonly type: 'key.registered'; readonly use: string; readonly vkey: string; readonly keyId: string }
  | KeyFact
  | ({ readonly type: 'tamper.suspected' } & ReadTamper)
  | ({ readonly type: 'reconciled' } & ReadReconciled)
  | { readonly type: 'witness.refused'; readonly detail: string }
  | ReadApproval
  | { readonly type: 'other'; readonly known: boolean; readonly name: string };

export interface ReadTotals {
  readonly parts: number;
  readonly bytes: number;
  readonly complete: boolean;
}

interface ReadStrict {
  /** What a strict call's signed intent must say; `null` of any other call. */
  readonly strict: StrictIntent | null;
}

interface WithContent {
  readonly content: ReadContent | null;
}

interface WithMask {
  /** `null` where no masking was configured. */
  readonly mask: ReadMask | null;
}

export type ReadEntry = ReadStamp & ReadFacts;

export type LineFault = {
  readonly reason: 'line_too_long' | 'line_not_json' | 'line_not_canonical' | 'line_fields' | 'line_other_log';
  readonly detail: string;
};

/** Types whose fields no check here needs. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'call.denied',
  'auth.denied',
  'heartbeat',
  'policy.changed',
  'evidence.read',
  'content.opened',
  'hold.placed',
  'hold.released',
]);

/** A word of ours, such as a status. */
const WORD = /^[a-z_]{1,40}$/;

/** Reads a line of the log `origin`, whose length in bytes is known. */
export const readLine = (line: string, bytes: number, origin: string): Result<ReadEntry, LineFault> => {
  if (bytes > MAX_LEAF_BYTES) return err({ reason: 'line_too_long', detail: `${bytes} bytes, over ${MAX_LEAF_BYTES}` });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err({ reason: 'line_not_json', detail: 'not JSON' });
  }
  if (!isObject(value)) return err({ reason: 'line_not_json', detail: 'not an object' });
  if (!isCanonical(line, value)) return err({ reason: 'line_not_canonical', detail: 'not its own canonical form' });
  if (value['log'] !== origin) return err({ reason: 'line_other_log', detail: `names ${quote(value['log'])}` });
  return readEntry(value);
};

/** Recorded text in a message: quoted and bounded. */
const quote = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 100);

const readEntry = (value: JsonObject): Result<ReadEntry, LineFault> => {
  const fields = new Fields(value);
  if (value['v'] !== 1) fields.refuse('v');
  const type = fields.text('type');
  const id = fields.id('id');
  const ts = fields.timestamp('ts');
  const at = fromTimestamp(ts);
  // The pattern alone would let a 99th month pass.
  if (ts !== '' && Number.isNaN(at)) fields.refuse('ts');
  const facts = readFacts(type, fields);
  if (fields.bad.length > 0) return err({ reason: 'line_fields', detail: `malformed: ${fields.bad.join(', ')}` });
  // One flat object: a session check runs for every entry of a log.
  return ok(Object.assign(facts, { id, ts, at }));
};

const readFacts = (type: string, fields: Fields): ReadFacts => {
  switch (type) {
    case 'session.open':
      return {
        ...{ type, sid: fields.id('sid'), actor: fields.actor(), server: fields.text('server') },
        endsAt: fromTimestamp(fields.timestamp('endsAt')),
      };
    case 'session.close':
      return { type, sid: fields.id('sid'), calls: fields.count('calls'), why: fields.text('why', WORD) };
    case 'call.intent': {
      const call = readCall(fields);
      const server = fields.object('call').text('server');
      const content = fields.content('args');
      const strict = fields.mark('strict') ? readStrict(fields, call, content) : null;
      return { type, ...call, actor: fields.actor(), server, content, strict, hold: readHold(fields) };
    }
    case 'stream.segment': {
      const [part, offset] = [fields.count('part'), fields.count('offset')];
      const mask = readMask(fields);
      return { type, ...readCall(fields), part, offset, content: fields.content('content'), mask };
    }
    case 'call.outcome': {
      const result = fields.object('result');
      const totals = { parts: result.count('parts'), bytes: result.count('bytes'), complete: result.flag('complete') };
      return {
        type,
        ...readCall(fields),
        intent: fields.leaf('intent'),
        status: result.text('status', WORD),
        answered: result.nullable('http', (name) => result.count(name)) !== null,
        failure: result.reason('failure'),
        ...totals,
        content: result.content('content'),
        mask: readMask(result),
      };
    }
    case 'call.unknown':
      return { type, ...readCall(fields), intent: fields.leaf('intent'), parts: fields.count('parts') };
    case 'gap':
      return { type, sid: fields.id('sid'), seq: fields.count('seq') };
    case 'key.registered':
      return { type, use: fields.text('use'), vkey: fields.text('vkey'), keyId: fields.text('keyId') };
    case 'key.genesis':
      return { type, checkpointKey: fields.text('checkpointKey'), keyId: fields.text('keyId') };
    case 'key.rotated':
      return { type, previous: fields.text('previous'), next: fields.text('next'), keyId: fields.text('keyId') };
    case 'key.revoked':
      return {
        type,
        key: fields.text('key'),
        upTo: String(fields.count('upTo')),
        reason: fields.text('reason'),
        by: fields.text('by'),
      };
    case 'tamper.suspected':
      return { type, ...readTamper(fields) };
    case 'reconciled':
      return { type, ...readReconciled(fields) };
    case 'witness.refused': {
      const [witness, size, status] = [fields.text('witness'), fields.count('size'), fields.text('status')];
      return { type, detail: `${witness}: status ${status} for ${size} entries` };
    }
    default:
      return readApproval(type, fields) ?? { type: 'other', known: PLAIN_TYPES.has(type), name: type };
  }
};

const readStrict = (fields: Fields, { sid, seq, callId }: ReadCall, content: ReadContent | null): StrictIntent => {
  const [actor, call] = [fields.object('actor'), fields.object('call')];
  return {
    ...{ log: fields.text('log'), sid, seq: String(seq), callId },
    actor: { iss: actor.text('iss'), sub: actor.text('sub'), client: actor.text('client') },
    server: call.text('server'),
    tool: call.nullable('subject', (name) => call.text(name)),
    args: content === null ? null : `sha256:${content.ct}`,
    config: fields.text('config'),
    ts: fields.timestamp('ts'),
  };
};

const readCall = (fields: Fields): ReadCall => ({
  sid: fields.id('sid'),
  seq: fields.count('seq'),
  callId: fields.id('callId'),
});
