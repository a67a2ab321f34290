// API Gateway's REST proxy event as an McpRequest. The shape is AWS's; nothing after this file knows it.

import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { PRINCIPAL_CONTEXT_KEY } from '../contract.ts';
import { parsePrincipal } from '../core/identity/parse-principal.ts';
import type { Headers, McpRequest } from '../core/mcp/http.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** Lower-case names; a header sent twice is joined with a comma (RFC 9110 section 5.3). */
const readHeaders = (event: Pick<APIGatewayProxyEvent, 'multiValueHeaders' | 'headers'>): Headers => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    if (values !== undefined) headers[name.toLowerCase()] = values.join(', ');
  }
  return headers;
};

export const toMcpRequest = (
  event: APIGatewayProxyEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  now: number,
): McpRequest => {
  const httpMethod = METHODS.find((method) => method === event.httpMethod);
  if (httpMethod === undefined) throw new TypeError(`No route has the method ${event.httpMethod}`);
  return {
    httpMethod,
    server: event.pathParameters?.['server'] ?? '',
    headers: readHeaders(event),
    body: httpMethod === 'POST' ? readBody(event) : '',
    principal: parsePrincipal(event.requestContext.authorizer?.[PRINCIPAL_CONTEXT_KEY]),
    requestId: event.requestContext.requestId,
    run: null,
    sourceIp: event.requestContext.identity.sourceIp,
    receivedAt: now,
    deadlineAt: now + context.getRemainingTimeInMillis(),
  };
};

const readBody = (event: APIGatewayProxyEvent): string => {
  if (event.body === null) return '';
  return event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body;
};
