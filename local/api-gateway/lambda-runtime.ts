// The part of the Lambda runtime that a streaming handler touches: the `awslambda` global. It must exist before a
// handler module is imported, since the handler is wrapped at load.

import { Writable } from 'node:stream';

export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a streaming handler writes: first the head, through `HttpResponseStream.from`, then the body. */
export class ResponseStream extends Writable {
  readonly #onHead: (head: ResponseHead) => void;
  readonly #onChunk: (chunk: Buffer, done: (error?: Error | null) => void) => void;

  constructor(
    onHead: (head: ResponseHead) => void,
    onChunk: (chunk: Buffer, done: (error?: Error | null) => void) => void,
  ) {
    super();
    this.#onHead = onHead;
    this.#onChunk = onChunk;
  }

  head(head: ResponseHead): void {
    this.#onHead(head);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) done();
    else this.#onChunk(chunk, done);
  }
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly awsRequestId: string;
  readonly functionName: string;
}

export type StreamingHandler = (event: unknown, stream: ResponseStream, context: LambdaContext) => Promise<void>;
export type PlainHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

export const isStreaming = (handler: unknown): handler is StreamingHandler =>
  typeof handler === 'function' && STREAMING in handler;

/** Installs `globalThis.awslambda` as the Lambda runtime does. */
export const installLambdaRuntime = (): void => {
  const runtime = {
    streamifyResponse: <Handler extends object>(handler: Handler): Handler =>
      Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from: (stream: ResponseStream, head: ResponseHead): ResponseStream => {
        stream.head(head);
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda: runtime });
};
