// REST API proxy events, as API Gateway hands them to a Lambda integration and to a request authorizer.

import type { IncomingMessage } from 'node:http';
import { ROUTES, type Route } from '../../lambdas/contract.ts';

export interface Matched {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

const patternOf = (route: Route): RegExp => new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
const PATTERNS = ROUTES.map((route) => ({ route, pattern: patternOf(route) }));

/** The route of a method and path, as API Gateway would pick it; `undefined` when there is none. */
export const matchRoute = (method: string, pathname: string): Matched | undefined => {
  for (const { route, pattern } of PATTERNS) {
    const match = route.method === method ? pattern.exec(pathname) : null;
    if (match !== null) {
      const parameters = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)] as const);
      return { route, pathParameters: parameters.length === 0 ? null : Object.fromEntries(parameters) };
    }
  }
  return undefined;
};

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

export interface EventInput {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly matched: Matched;
  readonly requestId: string;
  readonly stage: string;
}

const headersOf = (request: IncomingMessage) => {
  const multi: Record<string, string[]> = {};
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    multi[name] = [...(multi[name] ?? []), request.rawHeaders[at + 1] ?? ''];
  }
  // API Gateway's single-value map keeps the last of a repeated header.
  const single = Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? '']));
  return { headers: single, multiValueHeaders: multi };
};

const requestContext = ({ request, url, matched, requestId, stage }: EventInput) => ({
  requestId,
  stage,
  path: url.pathname,
  resourcePath: matched.route.path,
  httpMethod: matched.route.method,
  identity: { sourceIp: request.socket.remoteAddress ?? '', userAgent: request.headers['user-agent'] ?? null },
});

const common = (input: EventInput) => ({
  resource: input.matched.route.path,
  path: input.url.pathname,
  httpMethod: input.matched.route.method,
  ...headersOf(input.request),
  pathParameters: input.matched.pathParameters,
  queryStringParameters: Object.fromEntries(input.url.searchParams),
});

/** Event of a REQUEST authorizer. */
export const authorizerEvent = (input: EventInput) => ({
  type: 'REQUEST',
  methodArn: `arn:aws:execute-api:local:000000000000:local/${input.stage}/${input.matched.route.method}${input.url.pathname}`,
  ...common(input),
  requestContext: requestContext(input),
});

/** Event of a proxy integration; the authorizer's context arrives as text values. */
export const proxyEvent = (
  input: EventInput,
  body: Buffer,
  authorizer: Readonly<Record<string, unknown>> | undefined,
) => ({
  ...common(input),
  body: body.length === 0 ? null : body.toString('utf8'),
  isBase64Encoded: false,
  requestContext: { ...requestContext(input), authorizer },
});
