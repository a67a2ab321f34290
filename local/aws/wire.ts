// What every loopback service sees of HTTP: one request with its body read, one answer, one kind of refusal.
// No sockets here; `server.ts` converts.

import type { IncomingHttpHeaders } from 'node:http';

export interface AwsRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Region of the credential scope; ARNs are made with it. */
  readonly region: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

export type AwsService = (request: AwsRequest) => Promise<AwsResponse> | AwsResponse;

/** The account every loopback ARN names: twelve zeros, which no AWS account has. */
export const ACCOUNT_ID = '000000000000';

/** A refusal in AWS's terms. Each protocol renders it in its own wire shape. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the wire error, e.g. `CancellationReasons` or S3's `Condition`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Headers the answer carries besides the error, e.g. `x-amz-delete-marker`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    extra: {
      status?: number;
      fields?: Record<string, unknown>;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: extra.cause });
    this.name = 'AwsError';
    this.code = code;
    this.status = extra.status ?? 400;
    this.fields = extra.fields ?? {};
    this.headers = extra.headers ?? {};
  }
}

/** One header's value, or `undefined`; a repeated header counts once. */
export const header = (request: AwsRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};
