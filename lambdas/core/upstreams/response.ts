// What an upstream's HTTP response is, before its body is read. Pure.

import type { Headers } from '../mcp/http.ts';
import type { UpstreamFailure } from './failure.ts';

export type ResponseKind =
  /** One JSON body, read whole before anything is handed on. */
  | { readonly kind: 'json' }
  /** Server-sent events, handed on as they come. */
  | { readonly kind: 'events' }
  /** No body to hand on: 202, 204, 405 and the like. `dropsBody` when there is one nobody can inspect. */
  | { readonly kind: 'empty'; readonly dropsBody: boolean }
  | { readonly kind: 'failure'; readonly failure: UpstreamFailure };

const fail = (failure: UpstreamFailure): ResponseKind => ({ kind: 'failure', failure });

/** Classifies by status and media type; whatever is neither JSON nor an event stream is not handed on. */
export const classifyResponse = (status: number, headers: Headers): ResponseKind => {
  // 401 and 403 concern the gateway's credential: passed on, they would start a sign-in at the client.
  if (status === 401 || status === 403) return fail({ reason: 'auth_refused', status });
  if (status >= 300 && status < 400) return fail({ reason: 'redirect', status });
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'application/json') return { kind: 'json' };
  if (status >= 500) return fail({ reason: 'server_error', status });
  if (status >= 400) return { kind: 'empty', dropsBody: mediaType !== '' };
  return classifySuccess(status, mediaType);
};

const classifySuccess = (status: number, mediaType: string): ResponseKind => {
  if (mediaType === 'text/event-stream') return { kind: 'events' };
  if (status === 202 || status === 204) return { kind: 'empty', dropsBody: false };
  // An answer that names no type is read: empty, it is an acknowledgement, and anything else must be JSON.
  return mediaType === '' ? { kind: 'json' } : fail({ reason: 'garbage', detail: 'neither JSON nor an event stream' });
};
