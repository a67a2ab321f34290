// Wiring of the metadata function.

import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { ENV } from '../contract.ts';
import { readEnv, taskRoot } from '../env.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { type MetadataReply, makeWellKnown } from './well-known.ts';

const env = readEnv([ENV.publicUrl, ENV.configFile, ENV.configDigest]);
const wellKnown = makeWellKnown(loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST), env.PUBLIC_URL);

export const handler = middy<APIGatewayProxyEvent, MetadataReply>()
  .use(securityHeaders())
  .use(errorBoundary(makeDiagnostics('well-known').error))
  .handler((event: APIGatewayProxyEvent) => wellKnown(event.pathParameters?.['server']));
