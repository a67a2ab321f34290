// Signs a request with AWS Signature Version 4 and the function's own role.

import { Sha256 } from '@aws-crypto/sha256-js';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';

export interface SignableRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The headers to send, those of the request included. */
export const signV4 = async (
  request: SignableRequest,
  { service, region }: { readonly service: string; readonly region: string },
): Promise<Record<string, string>> => {
  const url = new URL(request.url);
  const signer = new SignatureV4({ service, region, credentials: defaultProvider(), sha256: Sha256 });
  const signed = await signer.sign({
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    // A parameter that appears twice is signed twice.
    query: Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)])),
    headers: { ...request.headers, host: url.host },
    ...(request.body === null ? {} : { body: request.body }),
  });
  // `fetch` sets Host itself; everything else that was signed must go out as signed.
  const { host: _host, ...headers } = signed.headers;
  return headers;
};
