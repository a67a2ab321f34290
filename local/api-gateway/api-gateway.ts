// API Gateway on loopback: the routes and gateway responses of lambdas/contract.ts, the authorizer in front, the
// handlers behind, response streaming, and API Gateway's own habits where they matter to us: it renames
// `WWW-Authenticate` on a function's answer, calls an unknown route MISSING_AUTHENTICATION_TOKEN and refuses
// bodies over 10 MB. Unlike AWS it tells a streaming function at once when the client is gone.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type GatewayResponse,
  type GatewayResponseType,
  gatewayResponses,
  type RoutedFunctionName,
} from '../../lambdas/contract.ts';
import type { AccessFacts, AccessLogWriter } from './access-log.ts';
import { authorizerEvent, type EventInput, matchRoute, proxyEvent } from './event.ts';
import {
  isStreaming,
  type LambdaContext,
  type PlainHandler,
  type ResponseHead,
  ResponseStream,
} from './lambda-runtime.ts';

export interface ApiGatewayOptions {
  readonly port: number;
  readonly stage: string;
  readonly announcedScopes: readonly string[];
  /** A route whose function is not there is no route. */
  readonly handlers: Readonly<Partial<Record<RoutedFunctionName, unknown>>>;
  /** Seconds a function may run. */
  readonly timeoutSeconds: number;
  readonly accessLog: AccessLogWriter;
}

export interface ApiGateway {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const startApiGateway = async (options: ApiGatewayOptions): Promise<ApiGateway> => {
  const responses = new Map(gatewayResponses(options.announcedScopes).map((answer) => [answer.type, answer]));
  const server = createServer((request, response) => {
    const requestId = randomUUID();
    const connection = { request, response, requestId, facts: received(request, requestId) };
    // Written when the request has ended, whichever side ended it.
    response.once('close', () => {
      const status = response.headersSent ? { status: String(response.statusCode) } : {};
      options.accessLog.write({ ...connection.facts, ...status }, Date.now());
    });
    serve(options, responses, connection).catch(() => {
      answer(responses, 'DEFAULT_5XX', connection);
    });
  });
  server.listen(options.port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await options.accessLog.close();
    },
  };
};

type Responses = ReadonlyMap<GatewayResponseType, GatewayResponse>;

interface Connection {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** For the access log, filled in on the way. */
  readonly facts: AccessFacts;
}

const received = (request: IncomingMessage, requestId: string): AccessFacts => ({
  requestId,
  time: String(Date.now()),
  ip: request.socket.remoteAddress ?? '-',
  method: request.method ?? '-',
  path: new URL(request.url ?? '/', 'http://127.0.0.1').pathname,
  protocol: `HTTP/${request.httpVersion}`,
});

const serve = async (options: ApiGatewayOptions, responses: Responses, connection: Connection): Promise<void> => {
  const { request, response, requestId } = connection;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const matched = matchRoute(request.method ?? '', url.pathname);
  // AWS routes by host name; a name that is not ours never gets here, so a rebound DNS name must not either.
  if (!LOOPBACK_HOSTS.has((request.headers.host ?? '').replace(/:\d+$/, '')))
    return answer(responses, 'DEFAULT_4XX', connection);
  if (matched === undefined || options.handlers[matched.route.function] === undefined)
    return answer(responses, 'MISSING_AUTHENTICATION_TOKEN', connection);
  connection.facts.resourcePath = matched.route.path;
  const body = await readBody(request);
  if (body === undefined) return answer(responses, 'REQUEST_TOO_LARGE', connection);
  const input: EventInput = { request, url, matched, requestId, stage: options.stage };
  const authorized = matched.route.authorized
    ? await authorize(options, input, connection.facts)
    : { allowed: true as const, context: {} };
  if (!authorized.allowed) return answer(responses, authorized.response, connection, authorized.context);
  const event = proxyEvent(input, body, authorized.context);
  connection.facts.integrationRequestId = randomUUID();
  await invoke(
    options.handlers[matched.route.function],
    event,
    contextOf(options, matched.route.function, requestId),
    response,
  );
  connection.facts.integrationStatus = '200';
};

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_PAYLOAD_BYTES) chunks.push(chunk as Buffer);
  }
  return bytes > MAX_PAYLOAD_BYTES ? undefined : Buffer.concat(chunks);
};

const contextOf = (options: ApiGatewayOptions, name: RoutedFunctionName, requestId: string): LambdaContext => {
  const endsAt = Date.now() + options.timeoutSeconds * 1000;
  return {
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
    awsRequestId: requestId,
    functionName: name,
  };
};

interface AuthorizerResult {
  readonly policyDocument: { readonly Statement: readonly { readonly Effect: string }[] };
  readonly context?: Readonly<Record<string, unknown>>;
}

type Authorized =
  | { readonly allowed: true; readonly context: Readonly<Record<string, unknown>> }
  | {
      readonly allowed: false;
      readonly response: GatewayResponseType;
      readonly context: Readonly<Record<string, unknown>>;
    };

/** Runs the authorizer and reads its answer the way API Gateway does. */
const authorize = async (options: ApiGatewayOptions, input: EventInput, facts: AccessFacts): Promise<Authorized> => {
  try {
    const handler = options.handlers.authorizer as PlainHandler;
    const context = contextOf(options, 'authorizer', input.requestId);
    const result = (await handler(authorizerEvent(input), context)) as AuthorizerResult;
    facts.authorizerStatus = '200';
    const allowed = result.policyDocument.Statement.every((statement) => statement.Effect === 'Allow');
    return allowed
      ? { allowed, context: result.context ?? {} }
      : { allowed, response: 'ACCESS_DENIED', context: result.context ?? {} };
  } catch (cause) {
    const unauthorized = cause instanceof Error && cause.message === 'Unauthorized';
    facts.authorizerError = unauthorized ? 'Unauthorized' : 'The authorizer failed';
    return { allowed: false, response: unauthorized ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE', context: {} };
  }
};

const invoke = async (
  handler: unknown,
  event: unknown,
  context: LambdaContext,
  response: ServerResponse,
): Promise<void> => {
  if (!isStreaming(handler)) {
    const result = (await (handler as PlainHandler)(event, context)) as ResponseHead & { body: string };
    writeHead(response, result);
    response.end(result.body);
    return;
  }
  const stream = new ResponseStream(
    (head) => writeHead(response, head),
    (chunk, done) => (response.destroyed ? done(new Error('the client is gone')) : response.write(chunk, done)),
  );
  stream.on('error', () => response.destroy());
  response.once('close', () => {
    if (!response.writableFinished) stream.destroy(new Error('the client is gone'));
  });
  await handler(event, stream, context);
  response.end();
};

const writeHead = (response: ServerResponse, { statusCode, headers }: ResponseHead): void => {
  if (response.headersSent) return;
  const sent = Object.entries(headers).map(([name, value]) => [renamed(name), value] as const);
  response.writeHead(statusCode, Object.fromEntries(sent));
  response.flushHeaders();
};

const renamed = (name: string): string =>
  name.toLowerCase() === 'www-authenticate' ? 'x-amzn-Remapped-www-authenticate' : name;

/** Sends a gateway response, its header mappings and `$context` variables filled in. */
const answer = (
  responses: Responses,
  type: GatewayResponseType,
  { response, requestId, facts }: Connection,
  context: Readonly<Record<string, unknown>> = {},
): void => {
  facts.errorType = type;
  const found = responses.get(type);
  if (found === undefined || response.headersSent) {
    response.destroy();
    return;
  }
  const headers = Object.entries(found.headers).map(([name, mapping]) => [name, mapped(mapping, context)] as const);
  response.writeHead(Number(found.statusCode), { ...Object.fromEntries(headers), 'content-type': 'application/json' });
  response.end(found.body.replaceAll('$context.requestId', requestId));
};

const mapped = (mapping: string, context: Readonly<Record<string, unknown>>): string =>
  mapping.startsWith("'") ? mapping.slice(1, -1) : String(context[mapping.replace('context.authorizer.', '')] ?? '');
