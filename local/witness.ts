// The witness on the laptop: the deployed handler behind a loopback function URL. On AWS it is a stack of its own, in the
// audit department's account; here it shares the loopback AWS, with a table and a key that are its own.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { KMSClient } from '@aws-sdk/client-kms';
import { makeSigner } from '../lambdas/adapters/kms-signer.ts';
import { ENV } from '../lambdas/contract.ts';
import { formatCosignerKey } from '../lambdas/core/ledger/cosignature.ts';
import { formatVerifierKey, rawPublicKey } from '../lambdas/core/ledger/note.ts';
import type { WitnessConfig, WitnessEndpointConfig } from '../lambdas/gateway-config.ts';
import type { WitnessReply } from '../lambdas/witness/witness.ts';
import { configDigest, deployedConfig } from '../lib/config.ts';
import type { LocalAws } from './aws/server.ts';
import { awsEnvironment, LOCAL_REGION } from './gateway.ts';
import type { Provisioned, WitnessResources } from './provision.ts';

const NAME = 'laptop.invalid/witness';

export interface WitnessOptions {
  readonly port: number;
  /** Origin of the log that it knows. */
  readonly origin: string;
  readonly resources: Provisioned & WitnessResources;
  readonly aws: LocalAws;
  readonly workDir: string;
}

export interface LocalWitness {
  /** As the gateway's configuration names it. */
  readonly endpoint: WitnessEndpointConfig;
  close(): Promise<void>;
}

type Handler = (event: unknown, context: unknown) => Promise<WitnessReply>;

const rawKey = async (aws: LocalAws, keyId: string): Promise<Uint8Array> => {
  const credentials = { accessKeyId: 'LOCALLAPTOP', secretAccessKey: 'not-a-secret' };
  const client = new KMSClient({ endpoint: aws.url, region: LOCAL_REGION, credentials });
  const raw = rawPublicKey(await makeSigner(client, keyId).publicKey());
  client.destroy();
  if (raw === undefined) throw new Error(`${keyId} is not an Ed25519 key`);
  return raw;
};

/** Handlers read their environment once, when they are loaded; what comes after may set it anew. */
const loadHandler = async ({ origin, resources, aws, workDir }: WitnessOptions): Promise<Handler> => {
  const config: WitnessConfig = {
    version: 1,
    name: NAME,
    logs: await Promise.all(
      resources.checkpointKeyIds.map(async (keyId) => formatVerifierKey(origin, await rawKey(aws, keyId))),
    ),
    callers: [],
  };
  mkdirSync(workDir, { recursive: true });
  const file = join(workDir, 'witness.json');
  writeFileSync(file, deployedConfig(config));
  Object.assign(process.env, awsEnvironment(aws.url), {
    [ENV.witnessTable]: resources.witnessTable,
    [ENV.witnessKeyId]: resources.witnessKeyId,
    [ENV.configFile]: file,
    [ENV.configDigest]: configDigest(config),
  });
  const { handler } = await import('../lambdas/witness/handler.ts');
  return handler as unknown as Handler;
};

/** The event of a function URL (payload version 2.0), as far as the handler reads it. */
const eventOf = async (request: IncomingMessage) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const body = await buffer(request);
  return {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: request.headers,
    requestContext: { requestId: crypto.randomUUID(), http: { method: request.method ?? 'GET', path: url.pathname } },
    body: body.toString('base64'),
    isBase64Encoded: true,
  };
};

export const startWitness = async (options: WitnessOptions): Promise<LocalWitness> => {
  const handler = await loadHandler(options);
  const server = createServer((request, response) => {
    eventOf(request)
      .then((event) => handler(event, {}))
      .then(({ statusCode, headers, body }) => response.writeHead(statusCode, headers).end(body))
      .catch((cause: unknown) => {
        console.error('witness:', cause);
        response.destroy();
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const vkey = formatCosignerKey(NAME, await rawKey(options.aws, options.resources.witnessKeyId));
  return {
    endpoint: { url: `http://127.0.0.1:${options.port}`, vkey, auth: { kind: 'none' } },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
