// What an MCP server offers, asked over plain HTTP so that nothing an SDK does not know is lost. Both eras: `initialize`
// first, the 2026-07-28 envelope where a server knows no handshake.

import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type JsonObject } from '../../lambdas/core/mcp/json.ts';
import { eventData } from '../../lambdas/core/mcp/sse.ts';
import { CliError } from './cli-error.ts';

export interface Offered {
  readonly serverInfo: unknown;
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
}

const LEGACY_VERSION = '2025-11-25';
const MODERN_VERSION = '2026-07-28';
/** Some servers offer more to clients that can do more; the reviewer is to see all of it. */
const CAPABILITIES = { roots: {}, sampling: {}, elicitation: {} };
const CLIENT_INFO = { name: 'countersign-catalog', version: '1' };
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
};
const WAIT_MS = 30_000;
const MAX_PAGES = 1000;

/** Lists everything that the server at `url` offers to whoever holds `headers`. */
export const listOffered = async (url: string, headers: Readonly<Record<string, string>>): Promise<Offered> => {
  const connection = await connect(url, headers);
  try {
    const capabilities = isObject(connection.capabilities) ? connection.capabilities : {};
    const list = (capability: string, method: string, member: string) =>
      capability in capabilities ? listAll(connection, method, member) : Promise.resolve([]);
    return {
      serverInfo: connection.serverInfo,
      tools: await list('tools', 'tools/list', 'tools'),
      prompts: await list('prompts', 'prompts/list', 'prompts'),
      resources: await list('resources', 'resources/list', 'resources'),
      resourceTemplates: await list('resources', 'resources/templates/list', 'resourceTemplates'),
    };
  } finally {
    await connection.close();
  }
};

interface Connection {
  readonly capabilities: unknown;
  readonly serverInfo: unknown;
  ask(method: string, params: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

const connect = async (url: string, headers: Headers): Promise<Connection> => {
  const params = { protocolVersion: LEGACY_VERSION, capabilities: CAPABILITIES, clientInfo: CLIENT_INFO };
  const opened = await post(url, headers, request('initialize', params));
  if (opened.result === undefined) return connectModern(url, headers);
  const session = opened.headers.get('mcp-session-id');
  const version = opened.result['protocolVersion'];
  const later = {
    ...headers,
    'mcp-protocol-version': typeof version === 'string' ? version : LEGACY_VERSION,
    ...(session === null ? {} : { 'mcp-session-id': session }),
  };
  await post(url, later, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    capabilities: opened.result['capabilities'],
    serverInfo: opened.result['serverInfo'],
    ask: async (method, asked) => resultOf(method, await post(url, later, request(method, asked))),
    close: async () => {
      if (session !== null) await fetch(url, { method: 'DELETE', headers: later }).catch(() => undefined);
    },
  };
};

const connectModern = async (url: string, headers: Headers): Promise<Connection> => {
  const ask = async (method: string, params: JsonObject) => {
    const mirrored = { ...headers, 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method };
    return resultOf(method, await post(url, mirrored, request(method, { ...params, _meta: ENVELOPE })));
  };
  const discovered = await ask('server/discover', {});
  const meta = discovered['_meta'];
  const serverInfo = isObject(meta) ? meta['io.modelcontextprotocol/serverInfo'] : undefined;
  return { capabilities: discovered['capabilities'], serverInfo, ask, close: () => sleep(0) };
};

const listAll = async ({ ask }: Connection, method: string, member: string): Promise<readonly JsonObject[]> => {
  const items: JsonObject[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await ask(method, cursor === undefined ? {} : { cursor });
    const found = result[member];
    if (!Array.isArray(found)) throw new CliError(`${method} answered without a list of ${member}`);
    items.push(...found.filter(isObject));
    cursor = result['nextCursor'];
    if (typeof cursor !== 'string') return items;
  }
  throw new CliError(`${method} has more than ${MAX_PAGES} pages`);
};

const request = (method: string, params: JsonObject) => ({ jsonrpc: '2.0', id: 1, method, params });

interface Answer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly result: JsonObject | undefined;
  readonly error: unknown;
}

const post = async (url: string, headers: Headers, body: unknown): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    // A redirect would carry the credential elsewhere.
    redirect: 'error',
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch((cause: unknown) => {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new CliError(`No answer from ${url}: ${why}`);
  });
  if (response.status === 401 || response.status === 403) {
    throw new CliError(`${url} answered ${response.status}: give its credential with --header`);
  }
  const message = messageIn(response.headers.get('content-type') ?? '', await response.text());
  const result = message?.['result'];
  const { status } = response;
  return {
    status,
    headers: response.headers,
    result: isObject(result) ? result : undefined,
    error: message?.['error'],
  };
};

/** The message that answers: a JSON body, or the last event of a stream that is a result or an error. */
const messageIn = (type: string, text: string): JsonObject | undefined => {
  const texts = type.startsWith('text/event-stream')
    ? text.split(/\r?\n\r?\n/).map((event) => eventData(Buffer.from(event)) ?? '')
    : [text];
  return texts.map(parse).findLast((message) => message !== undefined && ('result' in message || 'error' in message));
};

const parse = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const resultOf = (method: string, { status, result, error }: Answer): JsonObject => {
  if (result !== undefined) return result;
  throw new CliError(`${method} failed with ${status}: ${JSON.stringify(error ?? null).slice(0, 300)}`);
};
