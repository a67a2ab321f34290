// Between the gateway and the loopback AWS: lets a test fail an operation before it is applied or after (the answer is
// lost, the write stands), or do something, such as killing the gateway, at exactly that point.

import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AwsOperation {
  /** `DynamoDB.PutItem`, `KMS.GenerateDataKey`, `S3.PUT` … */
  readonly name: string;
  readonly body: string;
}

/** What happens to an operation; `undefined` lets it through. */
type Fault = 'fail-before' | 'fail-after' | undefined;

export interface AwsProxy {
  readonly url: string;
  /** Asked before each operation is applied. */
  before: (operation: AwsOperation) => Fault | Promise<Fault>;
  /** Told after each operation was applied and before its answer goes back. */
  after: (operation: AwsOperation) => void | Promise<void>;
  /** Names of the operations so far. */
  readonly operations: string[];
  close(): Promise<void>;
}

const SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'DynamoDB',
  TrentService: 'KMS',
  secretsmanager: 'SecretsManager',
};

const nameOf = (request: IncomingMessage): string => {
  const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  return operation === '' ? `S3.${request.method}` : `${SERVICES[service] ?? service}.${operation}`;
};

const failed = (response: ServerResponse): void => {
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type: 'InternalServerError', message: 'injected fault' }));
};

export const startAwsProxy = async (target: string): Promise<AwsProxy> => {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const operation = { name: nameOf(incoming), body: body.toString('utf8') };
    proxy.operations.push(operation.name);
    const fault = await proxy.before(operation);
    if (fault === 'fail-before') return failed(response);
    const { hostname, port } = new URL(target);
    const outgoing = forward(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      async (answer) => {
        const answered: Buffer[] = [];
        for await (const chunk of answer) answered.push(chunk as Buffer);
        await proxy.after(operation);
        if (fault === 'fail-after') return failed(response);
        response.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(answered));
      },
    );
    outgoing.once('error', () => response.destroy());
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: AwsProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    before: () => undefined,
    after: () => undefined,
    operations: [],
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
};
