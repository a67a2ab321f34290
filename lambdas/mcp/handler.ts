// Wiring of the mcp function: environment -> adapters -> makeMcp -> middy.

import { text } from 'node:stream/consumers';
import { SFNClient } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import { executionModeStandard } from '@middy/core/executionModeStandard';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { makeStartMachine } from '../adapters/approval-machine.ts';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { systemClock } from '../adapters/clock.ts';
import { ENV } from '../contract.ts';
import { readEnv, responseTransfer } from '../env.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { toMcpRequest } from './event.ts';
import type { Reply } from './exchange.ts';
import { makeMcp } from './mcp.ts';
import { endBody } from './readable.ts';
import { wire } from './wire.ts';

const { APPROVAL_MACHINE } = readEnv([ENV.approvalMachine]);
const startMachine = makeStartMachine(new SFNClient(AWS_CLIENT_OPTIONS), APPROVAL_MACHINE);
const ports = wire('mcp', import.meta.filename, startMachine);
const { diagnostics } = ports;
const mcp = makeMcp(ports);

const respond = (event: APIGatewayProxyEvent, context: Context): Promise<Reply> =>
  mcp(toMcpRequest(event, context, systemClock.now()));

/** API Gateway without response streaming takes the whole body as text. */
const respondWhole = async (event: APIGatewayProxyEvent, context: Context): Promise<Reply> => {
  const reply = await respond(event, context);
  return typeof reply.body === 'string' ? reply : { ...reply, body: await text(reply.body) };
};

const streams = responseTransfer() === 'stream';

export const handler = middy<APIGatewayProxyEvent, Reply>({
  executionMode: streams ? executionModeStreamifyResponse : executionModeStandard,
  requestEnd: ({ response }) => endBody(response?.body),
})
  .use(securityHeaders())
  .use(errorBoundary(diagnostics.error))
  .handler(streams ? respond : respondWhole);
