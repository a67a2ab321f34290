// The loopback AWS: one HTTP server on 127.0.0.1 that speaks the part of the AWS wire protocols the product uses, so
// that the real SDK clients work unmodified (`endpoint`, or AWS_ENDPOINT_URL).
// Signatures are NOT verified; a request without credentials is refused as AWS refuses it. There is no IAM: whoever
// reaches the port may do anything. It is for one laptop and proves nothing about IAM, S3 or KMS on AWS.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openComprehend } from './comprehend/comprehend.ts';
import { createDispatcher } from './dispatch.ts';
import type { TableChangeListener } from './dynamodb/changes.ts';
import { openDynamoDb } from './dynamodb/dynamodb.ts';
import { folderFiles, memoryFiles } from './files.ts';
import { openKms } from './kms/kms.ts';
import { openLogs } from './logs/logs.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { openS3 } from './s3/s3.ts';
import { openSecrets } from './secrets/secrets.ts';
import type { LocalFunctions } from './stepfunctions/runner.ts';
import { openStepFunctions } from './stepfunctions/stepfunctions.ts';
import { openTrail } from './trail/trail.ts';
import { AwsError, type AwsRequest, type AwsResponse } from './wire.ts';

export interface LocalAwsOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Folder that keeps the state; `null` keeps it in memory. */
  readonly dataDir: string | null;
  /** The functions that state machines invoke, by name; it may be filled later. @default none */
  readonly functions?: LocalFunctions;
  /** The clock of retention, tokens and timestamps, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

export interface LocalAws {
  readonly url: string;
  readonly port: number;
  /** What was sent by mail or to Slack. */
  readonly outbox: Outbox;
  /** Calls the listener with every change of a table that has a stream, in commit order, until unsubscribed. */
  onTableChange(listener: TableChangeListener): () => void;
  /** Runs time to live on a table now; AWS takes its time. Resolves to how many items went. */
  expireItems(tableName: string): Promise<number>;
  /** Goes on with the executions that were running when the last process ended; once the functions are there. */
  resumeExecutions(): void;
  /** Finishes requests in flight, then closes the stores. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Larger than any object the product writes (API Gateway takes 10 MB), small enough for a laptop. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const readBody = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new AwsError('EntityTooLarge', `More than ${MAX_BODY_BYTES} bytes`, { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

const toRequest = async (incoming: IncomingMessage): Promise<Omit<AwsRequest, 'region'>> => {
  const [path = '/', search = ''] = (incoming.url ?? '/').split('?', 2);
  return {
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    headers: incoming.headers,
    body: await readBody(incoming),
  };
};

const send = (outgoing: ServerResponse, answer: AwsResponse): void => {
  const length =
    answer.status === 204 || answer.status === 304 ? {} : { 'content-length': Buffer.byteLength(answer.body) };
  // HEAD answers carry the length of the body they leave out, so the service's own header wins.
  outgoing.writeHead(answer.status, { ...length, ...answer.headers });
  outgoing.end(answer.body);
};

const faultAnswer = (error: unknown): AwsResponse => {
  if (error instanceof AwsError) return { status: error.status, headers: {}, body: `${error.code}: ${error.message}` };
  // A client that gives up in the middle of its body is no fault, and hears no answer either.
  if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET'))
    console.error('[local aws] fault:', error);
  const body = JSON.stringify({ __type: 'InternalFailure', message: String(error) });
  return { status: 500, headers: { 'content-type': 'application/json' }, body };
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });

/** Starts the loopback AWS and resolves when it accepts requests. */
export const startLocalAws = async (options: LocalAwsOptions): Promise<LocalAws> => {
  const now = options.now ?? Date.now;
  const files = options.dataDir === null ? memoryFiles() : folderFiles(options.dataDir);
  const dynamoDb = await openDynamoDb(options.dataDir === null ? null : join(options.dataDir, 'dynamodb'), now);
  const outbox = openOutbox(files, now);
  const trail = openTrail(files, now);
  const stepFunctions = openStepFunctions(files, options.functions ?? new Map(), now);
  const dispatch = createDispatcher({
    comprehend: openComprehend(),
    dynamoDb: dynamoDb.service,
    kms: openKms(files, now, trail.record),
    logs: openLogs(files, now),
    trail: trail.service,
    secrets: openSecrets(files, now),
    s3: openS3(files, now),
    stepFunctions: stepFunctions.service,
    outbox,
  });
  const server = createServer((incoming, outgoing) => {
    toRequest(incoming)
      .then(dispatch)
      .catch(faultAnswer)
      .then((answer) => send(outgoing, answer))
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.keepAliveTimeout = 60_000; // longer than the SDK keeps an idle connection, so it never meets a closed one
  const port = await listen(server, options.port).catch(async (error: unknown) => {
    await dynamoDb.close();
    throw error;
  });
  return {
    url: `http://${HOST}:${port}`,
    port,
    outbox,
    onTableChange: (listener) => dynamoDb.feed.subscribe(listener),
    expireItems: (tableName) => dynamoDb.expire(tableName),
    resumeExecutions: stepFunctions.resume,
    close: async () => {
      stepFunctions.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await dynamoDb.close();
    },
  };
};
