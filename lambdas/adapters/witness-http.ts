// HTTP to a witness (C2SP tlog-witness): one attempt, no redirects, a short wait, a bounded answer. What the answer is
// worth, its signature says.

import type { Cosigner } from '../core/ledger/cosignature.ts';
import type { WitnessEndpointConfig } from '../gateway-config.ts';
import { signV4 } from './sigv4.ts';

class WitnessUnavailable extends Error {
  readonly code = 'WITNESS_UNAVAILABLE';
}

export interface WitnessAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface WitnessClient {
  readonly cosigner: Cosigner;
  /** Sends the body of an add-checkpoint call. */
  addCheckpoint(body: string): Promise<WitnessAnswer>;
}

const TIMEOUT_MS = 3000;
/** Sixteen signature lines of the largest kind would be more; ours are of 150 bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

export const makeWitnessClient = (
  { url, auth }: Pick<WitnessEndpointConfig, 'url' | 'auth'>,
  cosigner: Cosigner,
): WitnessClient => ({
  cosigner,
  addCheckpoint: async (body) => {
    const target = `${url.replace(/\/$/, '')}/add-checkpoint`;
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    try {
      const request = { url: target, method: 'POST', headers, body };
      const response = await fetch(target, {
        method: 'POST',
        headers:
          auth.kind === 'none'
            ? headers
            : await signV4(request, { service: 'lambda', region: regionOf(auth.function) }),
        body,
        // A redirect would carry the signed request to an address nobody configured.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, body: await readBounded(response) };
    } catch (cause) {
      throw new WitnessUnavailable(`Witness ${cosigner.name} did not answer`, { cause });
    }
  },
});

const regionOf = (functionArn: string): string => functionArn.split(':')[3] ?? '';

const readBounded = async (response: Response): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new RangeError(`The answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
