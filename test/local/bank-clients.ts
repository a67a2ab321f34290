/** Real MCP clients of the demo bank: SDK v1, and SDK v2 in both eras. */
import { Client as V2Client, StreamableHTTPClientTransport as V2Transport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const BEARER = 'the-credential-the-gateway-holds';
export const CLIENT_INFO = { name: 'bank-test', version: '1.0.0' };

const requestInit = { headers: { Authorization: `Bearer ${BEARER}` } };

export async function connectV1(url: string): Promise<{ client: V1Client; transport: V1Transport }> {
  const client = new V1Client(CLIENT_INFO);
  const transport = new V1Transport(new URL(url), { requestInit });
  // SDK v1's Transport type is not written for exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<V1Client['connect']>[0]);
  return { client, transport };
}

export async function connectV2(url: string, mode: 'legacy' | 'auto'): Promise<V2Client> {
  const client = new V2Client(CLIENT_INFO, { versionNegotiation: { mode } });
  await client.connect(new V2Transport(new URL(url), { requestInit }));
  return client;
}

/** Posts one JSON-RPC message by hand, with the bank's credential unless `headers` says otherwise. */
export function post(url: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const Accept = 'application/json, text/event-stream';
  return fetch(url, {
    method: 'POST',
    headers: { ...requestInit.headers, 'Content-Type': 'application/json', Accept, ...headers },
    body: JSON.stringify(message),
  });
}
