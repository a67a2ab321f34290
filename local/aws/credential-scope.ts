// Reads who is asking, and for which region, from a SigV4 header or presigned query. The signature itself is NOT
// verified: the loopback has no secret to verify with. A request without one is refused as AWS refuses it, so
// that a client that forgot to sign fails on the laptop too.

import type { IncomingHttpHeaders } from 'node:http';

export type CredentialScope =
  | { readonly kind: 'signed'; readonly accessKeyId: string; readonly region: string; readonly service: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed' };

const CREDENTIAL = /^(?<accessKeyId>[^/\s]+)\/\d{8}\/(?<region>[^/\s]+)\/(?<service>[^/\s]+)\/aws4_request$/;
const HEADER = /^AWS4-HMAC-SHA256\s+(?<fields>.+)$/;

const parseCredential = (credential: string | undefined): CredentialScope => {
  const groups = CREDENTIAL.exec(credential ?? '')?.groups;
  const { accessKeyId, region, service } = groups ?? {};
  if (accessKeyId === undefined || region === undefined || service === undefined) return { kind: 'malformed' };
  return { kind: 'signed', accessKeyId, region, service };
};

/** The credential scope of a request (SigV4 header first, presigned query second). */
export const readCredentialScope = (headers: IncomingHttpHeaders, query: URLSearchParams): CredentialScope => {
  const presigned = query.get('X-Amz-Credential');
  if (headers.authorization === undefined) {
    if (presigned === null) return { kind: 'missing' };
    return query.has('X-Amz-Signature') ? parseCredential(presigned) : { kind: 'malformed' };
  }
  const fields = new Map<string, string>();
  for (const field of (HEADER.exec(headers.authorization)?.groups?.['fields'] ?? '').split(/\s*,\s*/)) {
    const [name, value] = field.split('=', 2);
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  if (!fields.has('Signature') || !fields.has('SignedHeaders')) return { kind: 'malformed' };
  return parseCredential(fields.get('Credential'));
};
