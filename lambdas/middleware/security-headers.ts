// Headers of every answer of the API: it is never a page, never sniffed, never kept by a cache on the way.

import type { MiddlewareObj } from '@middy/core';

const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

interface Reply {
  readonly headers: Readonly<Record<string, string>>;
}

/** Adds the headers; what the handler itself set (a longer cache time, say) stays. */
export const securityHeaders = <Event, Result extends Reply>(): MiddlewareObj<Event, Result> => {
  const addHeaders = (request: { response: Result | undefined | null }): void => {
    if (request.response === null || request.response === undefined) return;
    const headers = { 'cache-control': 'no-store', ...SECURITY_HEADERS, ...request.response.headers };
    request.response = { ...request.response, headers };
  };
  return { after: addHeaders, onError: addHeaders };
};
