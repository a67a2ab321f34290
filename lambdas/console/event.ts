// API Gateway's REST proxy event as a request to the console, and the key of its cookies as a secret holds it.

import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ConsoleRequest } from './site.ts';

const MAX_FORM_BYTES = 16 * 1024;

export const toConsoleRequest = (event: APIGatewayProxyEvent): ConsoleRequest => {
  const { httpMethod, pathParameters, requestContext } = event;
  if (httpMethod !== 'GET' && httpMethod !== 'POST') throw new TypeError(`No route has the method ${httpMethod}`);
  const [approval, session] = [pathParameters?.['approval'] ?? null, pathParameters?.['session'] ?? null];
  return {
    method: httpMethod,
    path: requestContext.resourcePath.replace('{approval}', approval ?? '').replace('{session}', session ?? ''),
    approval,
    session,
    query: new URLSearchParams((event.queryStringParameters ?? {}) as Record<string, string>),
    form: readForm(event),
    cookie: headerOf(event, 'cookie'),
    origin: headerOf(event, 'origin'),
    fetchSite: headerOf(event, 'sec-fetch-site'),
    req: { apigw: requestContext.requestId, ip: requestContext.identity.sourceIp },
  };
};

const headerOf = ({ headers }: APIGatewayProxyEvent, wanted: string): string | undefined =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === wanted)?.[1];

/** A form as browsers send it; anything else is empty, and an empty form has no token. */
const readForm = (event: APIGatewayProxyEvent): URLSearchParams => {
  const isForm = headerOf(event, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  return new URLSearchParams(isForm && text.length <= MAX_FORM_BYTES ? text : '');
};

/** 32 bytes from a secret of any form: it is random and long, so a digest is as good as a derivation. */
export const cookieKey = (secret: string): Uint8Array => {
  if (secret.length < 32) throw new TypeError('The secret of the console cookies must have at least 32 characters');
  return createHash('sha256').update('countersign/v1/console-cookies').update(secret).digest();
};
