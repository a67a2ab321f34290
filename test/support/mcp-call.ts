// Plain HTTP calls to an MCP endpoint, for tests that must send what no SDK would.

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON-RPC message of a JSON answer, or the last one of an event stream; `undefined` when there is none. */
  readonly message: RpcMessage | undefined;
}

interface RpcMessage {
  readonly id?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export const call = async (url: string, options: CallOptions = {}): Promise<Called> => {
  const { token, body, method = 'POST', headers = {} } = options;
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, message: messageOf(response.headers, text) };
};

const messageOf = (headers: Headers, text: string): RpcMessage | undefined => {
  // API Gateway calls an answer without a content type JSON, an empty one included.
  if (text === '') return undefined;
  if (headers.get('content-type')?.startsWith('application/json')) return JSON.parse(text) as RpcMessage;
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  const last = data.at(-1);
  return last === undefined ? undefined : (JSON.parse(last.slice(6)) as RpcMessage);
};

export const request = (method: string, params: object = {}, id: string | number = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

export const initialize = (protocolVersion = '2025-11-25') =>
  request('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } });

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

/** A 2026-07-28 request with the headers that mirror it. */
export const modern = (method: string, params: Record<string, unknown> = {}, id: string | number = 1) => {
  const subject = params['name'] ?? params['uri'];
  return {
    body: request(method, { ...params, _meta: ENVELOPE }, id),
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof subject === 'string' ? { 'mcp-name': subject } : {}),
    },
  };
};
