// The one place where a fault becomes an answer. The caller learns the request id and nothing else.

import type { MiddlewareObj } from '@middy/core';

/** Diagnostics of a fault; never the event, which holds the bearer token. */
export type ReportFault = (message: string, cause: unknown) => void;

const INTERNAL_ERROR = -32603;

interface ProxyEvent {
  readonly requestContext: { readonly requestId: string };
}

/** Answers -32603 with status 500 (JSON-RPC 2.0 section 5.1); our failures are never reported as the client's. */
export const errorBoundary = <Event extends ProxyEvent, Reply>(report: ReportFault): MiddlewareObj<Event, Reply> => ({
  onError: (request) => {
    report('Unhandled fault', request.error);
    const { requestId } = request.event.requestContext;
    const error = { code: INTERNAL_ERROR, message: 'Internal error', data: { requestId } };
    request.response = {
      statusCode: 500,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: null, error }),
    } as Reply;
  },
});
