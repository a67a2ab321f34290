// The whole column of the mcp function on fakes: a ledger in memory, and an upstream that a test writes down.

import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DetectEntities } from '../../../lambdas/adapters/comprehend.ts';
import type { Commitment } from '../../../lambdas/adapters/dynamo-items.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../../lambdas/adapters/upstream-http.ts';
import { kidOf, splitDataKey } from '../../../lambdas/core/ledger/content-keys.ts';
import type { Entry, Outcome } from '../../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../../lambdas/core/ledger/parse-entry.ts';
import type { McpRequest } from '../../../lambdas/core/mcp/http.ts';
import { ok } from '../../../lambdas/core/result.ts';
import type { GatewayConfig, ServerConfig } from '../../../lambdas/gateway-config.ts';
import type { Reply } from '../../../lambdas/mcp/exchange.ts';
import { makeMasking } from '../../../lambdas/mcp/masking.ts';
import { makeMcp } from '../../../lambdas/mcp/mcp.ts';
import type { McpPorts } from '../../../lambdas/mcp/ports.ts';
import { aConfig, aRequest, aServer, aSession } from '../../support/builders.ts';
import { NO_APPROVALS } from '../../support/no-approvals.ts';
import { policyOf } from '../../support/policy.ts';
import { accepted } from '../../support/result.ts';
import { INTENT_KEY } from '../../support/sealed-log.ts';

/** How a body goes on after its last chunk. `hang`: silent until the gateway gives it up. */
type Next = 'end' | 'break' | 'hang';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks?: readonly (string | Uint8Array)[];
  readonly next?: Next;
}

export interface UnderTest {
  /** Sends one request; without `over`, a `tools/call` with id 1. */
  ask(over?: Partial<McpRequest>): Promise<Reply>;
  readonly entries: Entry[];
  outcomes(): readonly Outcome['result'][];
  /** Bytes of the body of all entries of a kind, in order, as they were sealed. */
  recorded(): Buffer;
  readonly sent: UpstreamRequest[];
  readonly cancelled: number[];
  readonly said: string[];
  /** Set to make the ledger refuse entries of this type. */
  failOn: Entry['type'] | null;
  /** What happened to the outside, in order: `read sealed`, `touch`, `sign`, `commit <types>`, `lock`, `send`. */
  readonly steps: string[];
  /** Signed intents in the locked bucket, by name. */
  readonly locked: Map<string, string>;
  /** What tokens are made with; `null`: it cannot be read. */
  tokenSecret: string | null;
  /** What Amazon Comprehend answers. */
  detect: DetectEntities | null;
  /** Set to make strict calls fail in one step. */
  strictFault: 'sign' | 'lock' | 'exists' | null;
  /** What the sealer noted, or a fault in reading it. */
  sealedUntil: () => number | undefined;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

async function* bodyOf(chunks: readonly (string | Uint8Array)[], next: Next, signal: AbortSignal) {
  for (const chunk of chunks) {
    if (signal.aborted) throw new Error('aborted');
    yield await Promise.resolve(Buffer.from(chunk as Uint8Array));
  }
  if (next === 'end') return;
  if (next === 'hang') await aborted(signal);
  throw new Error('connection lost');
}

const EVENTS = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
export const events = (...chunks: readonly (string | Uint8Array)[]): Answer => ({ headers: EVENTS, chunks });
export const json = (body: unknown, status = 200): Answer => ({
  ...{ status, headers: JSON_TYPE },
  chunks: [typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)],
});

export const RESULT = { jsonrpc: '2.0', id: 1, result: { content: [] } };
export const anEvent = (message: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
export const progress = (note = ''): string =>
  anEvent({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1, note } });

export const aGet = { httpMethod: 'GET', body: '', headers: { accept: 'text/event-stream' } } as const;

/** A gateway in front of an upstream that gives these answers, one per request it gets; the last one again and again. */
export const gatewayWith = (
  answers: readonly Answer[],
  server: Partial<ServerConfig> = {},
  over: Partial<GatewayConfig> = {},
  ports: Partial<McpPorts> = {},
): UnderTest => {
  const bodies: Buffer[] = [];
  const under: UnderTest = {
    ...{ entries: [], sent: [], cancelled: [], said: [], failOn: null },
    ...{
      steps: [],
      locked: new Map(),
      strictFault: null,
      tokenSecret: 'secret',
      detect: null,
      sealedUntil: () => Date.now(),
    },
    ask: (over) => mcp({ ...aRequest(), ...over, receivedAt: Date.now(), deadlineAt: Date.now() + 900_000 }),
    outcomes: () => under.entries.flatMap((entry) => (entry.type === 'call.outcome' ? [entry.result] : [])),
    // The first sealed body is the intent's, for a request that has one.
    recorded: () => Buffer.concat(under.sent[0]?.body === null ? bodies : bodies.slice(1)),
  };
  const send: Upstream['send'] = (request) => {
    under.steps.push('send');
    const turn = under.sent.push(request) - 1;
    const { status = 200, headers = {}, chunks = [], next = 'end' } = answers[Math.min(turn, answers.length - 1)] ?? {};
    const cancelled = new AbortController();
    const signal = AbortSignal.any([request.signal, cancelled.signal]);
    const body = bodyOf(chunks, next, signal);
    const cancel = () => {
      under.cancelled.push(turn);
      cancelled.abort();
    };
    return Promise.resolve(ok({ status, headers, body, cancel } satisfies UpstreamResponse));
  };
  const commit = async ({ entries }: Commitment): Promise<void> => {
    const read = entries.map(({ entry }) => accepted(parseEntry(entry.line, entry.leafHash)));
    await Promise.resolve();
    if (read.some(({ type }) => type === under.failOn)) throw new Error('the ledger is down');
    under.steps.push(`commit ${read.map(({ type }) => type).join(' ')}`);
    under.entries.push(...read);
  };
  const config = {
    ...aConfig({ servers: { 'core-banking': aServer({ standaloneStream: 'relay', ...server }) } }),
    ...over,
  };
  const mcp = makeMcp({
    config,
    policy: policyOf(config),
    masking: makeMasking({
      config,
      readSecret: () =>
        under.tokenSecret === null ? Promise.reject(new Error('no secret')) : Promise.resolve(under.tokenSecret),
      detect: (...asked) => (under.detect === null ? Promise.reject(new Error('unasked')) : under.detect(...asked)),
      clock: { now: Date.now },
    }),
    configDigest: 'sha256:a',
    gateway: { fn: 'mcp', code: 'sha256:00', region: 'eu-west-1' },
    records: {
      touch: (sid: string) => Promise.resolve({ ok: true, session: aSession({ sid }) }),
      findWindow: () => Promise.resolve(undefined),
      findConfig: () => Promise.resolve('sha256:a'),
      commit,
      saveContentKey: () => Promise.resolve(),
    },
    ...NO_APPROVALS,
    ...ports,
    bodies: { save: () => Promise.resolve() },
    contentKeys: {
      generate: (sid: string) =>
        Promise.resolve({ kid: kidOf(Buffer.from(sid)), wrapped: '', ...splitDataKey(Buffer.alloc(32, 7)) }),
    },
    // biome-ignore lint/correctness/useYield: a seal that is made at once
    *seal(_key: unknown, plaintext: Uint8Array) {
      bodies.push(Buffer.from(plaintext));
      return { jwe: 'jwe', ct: 'sha256:00', pt: 'hmac-sha256:00', bytes: plaintext.length };
    },
    intentSigner: {
      keyId: 'arn:test:intent',
      sign: async (text: string) => {
        await Promise.resolve();
        under.steps.push('sign');
        if (under.strictFault === 'sign') throw new Error('KMS is down');
        return INTENT_KEY.sign(text);
      },
    },
    lockedIntents: {
      putOnce: async (name: string, bytes: Uint8Array) => {
        await Promise.resolve();
        under.steps.push('lock');
        if (under.strictFault === 'lock') throw new Error('S3 is down');
        if (under.strictFault === 'exists') return 'exists';
        under.locked.set(name, Buffer.from(bytes).toString('utf8'));
        return 'written';
      },
    },
    sealedUntil: async () => {
      await Promise.resolve();
      under.steps.push('read sealed');
      return under.sealedUntil();
    },
    upstream: { send },
    credentials: { authorize: (_c, _r, fresh) => Promise.resolve({ authorization: fresh ? 'fresh' : 'kept' }) },
    clock: { now: Date.now },
    newId: randomUUID,
    diagnostics: { error: (message) => under.said.push(message) },
  } as McpPorts);
  return under;
};

/** The body as a client that reads all of it gets it. */
export const bytesOf = (reply: Reply): Promise<Buffer> =>
  typeof reply.body === 'string' ? Promise.resolve(Buffer.from(reply.body)) : buffer(reply.body);

export const streamOf = (reply: Reply): Readable => {
  if (typeof reply.body === 'string') throw new Error(`expected a stream, got ${reply.body}`);
  return reply.body;
};

export const codeOf = async (reply: Reply): Promise<number | undefined> => {
  const text = String(await bytesOf(reply));
  const data = /data: (.*)\n\n$/.exec(text)?.[1] ?? text;
  return (JSON.parse(data) as { error?: { code: number } }).error?.code;
};
