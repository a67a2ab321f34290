// The AWS JSON 1.0/1.1 protocols: the operation's name is in X-Amz-Target, input and output are JSON objects and
// an error is an object with `__type`. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html

import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { z } from 'zod';
import { AwsError, type AwsRequest, type AwsResponse, type AwsService, header } from './wire.ts';

export interface CallContext {
  readonly region: string;
}

export type Operation = (input: unknown, context: CallContext) => Promise<object> | object;

/** An operation whose input is checked against a schema first; AWS answers ValidationException. */
export const operation =
  <S extends z.ZodType>(
    schema: S,
    run: (input: z.output<S>, context: CallContext) => Promise<object> | object,
  ): Operation =>
  (input, context) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(parsed.data, context);
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
    throw new AwsError(
      'ValidationException',
      `${problems.length} validation error(s) detected: ${problems.join('; ')}`,
    );
  };

const respond = (version: string, status: number, value: object): AwsResponse => {
  const body = JSON.stringify(value);
  return {
    status,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amzn-requestid': randomUUID(),
      'x-amz-crc32': String(crc32(body)),
    },
    body,
  };
};

const parseInput = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AwsError('SerializationException', 'The body is not JSON', { cause });
  }
};

export const renderJsonError = (version: string, error: AwsError): AwsResponse =>
  respond(version, error.status, { __type: error.code, message: error.message, ...error.fields });

/** Serves a table of operations; anything not in it answers UnknownOperationException. */
export const jsonService =
  (version: '1.0' | '1.1', operations: Readonly<Record<string, Operation>>): AwsService =>
  async (request: AwsRequest) => {
    const name = (header(request, 'x-amz-target') ?? '').split('.', 2)[1] ?? '';
    try {
      const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (run === undefined) throw new AwsError('UnknownOperationException', `Not served by the loopback AWS: ${name}`);
      return respond(version, 200, await run(parseInput(request.body), { region: request.region }));
    } catch (error) {
      if (error instanceof AwsError) return renderJsonError(version, error);
      throw error;
    }
  };
