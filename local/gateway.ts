// The gateway itself on the laptop: the very handlers that are deployed, behind the loopback API Gateway. Handlers
// read their environment once, at import, so one process runs one gateway.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ENV } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { configDigest, deployedConfig } from '../lib/config.ts';
import { ENGINE_FILE } from '../lib/policy/compile.ts';
import { startAccessLog } from './api-gateway/access-log.ts';
import { startApiGateway } from './api-gateway/api-gateway.ts';
import { installLambdaRuntime } from './api-gateway/lambda-runtime.ts';

/** Names of what was provisioned, as the handlers' environment wants them. */
export interface GatewayResources {
  readonly ledgerTable: string;
  readonly sessionsTable: string;
  readonly approvalsTable: string;
  readonly evidenceBucket: string;
  readonly tilesBucket: string;
  readonly copiesBucket: string;
  readonly contentKeyId: string;
  readonly heldKeyId: string;
  readonly approvalMachine: string;
  readonly checkpointKeyId: string;
  readonly intentKeyId: string;
  readonly checkpointKeyIds: readonly string[];
  readonly accessLogGroup: string;
}

export interface GatewayOptions {
  readonly port: number;
  readonly publicUrl: string;
  readonly config: GatewayConfig;
  readonly resources: GatewayResources;
  readonly awsUrl: string;
  /** Folder for the deployed configuration file. */
  readonly workDir: string;
}

export interface RunningGateway {
  close(): Promise<void>;
}

/** Made up on the first start, like every secret of the laptop. */
export const COOKIE_SECRET = 'countersign/console-cookies';

/** Lambda's longest life, and API Gateway's without streaming. */
const STREAM_SECONDS = 900;
const BUFFERED_SECONDS = 29;

export const LOCAL_REGION = 'us-east-1';

/** Environment in which AWS SDK clients find the loopback AWS. */
export const awsEnvironment = (awsUrl: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: awsUrl,
  AWS_REGION: LOCAL_REGION,
  AWS_ACCESS_KEY_ID: 'LOCALLAPTOP',
  AWS_SECRET_ACCESS_KEY: 'not-a-secret',
});

export const resourceEnvironment = (resources: GatewayResources): Record<string, string> => ({
  [ENV.ledgerTable]: resources.ledgerTable,
  [ENV.sessionsTable]: resources.sessionsTable,
  [ENV.evidenceBucket]: resources.evidenceBucket,
  [ENV.tilesBucket]: resources.tilesBucket,
  [ENV.copiesBucket]: resources.copiesBucket,
  [ENV.approvalsTable]: resources.approvalsTable,
  [ENV.contentKeyId]: resources.contentKeyId,
  [ENV.heldKeyId]: resources.heldKeyId,
  [ENV.approvalMachine]: resources.approvalMachine,
  [ENV.cookieSecret]: COOKIE_SECRET,
  [ENV.checkpointKeyId]: resources.checkpointKeyId,
  [ENV.intentKeyId]: resources.intentKeyId,
  [ENV.checkpointKeyIds]: resources.checkpointKeyIds.join(','),
  [ENV.accessLogGroup]: resources.accessLogGroup,
});

/** Writes its own log, by its own right. */
const API_GATEWAY = { accessKeyId: 'LOCALAPIGATEWAY', secretAccessKey: 'not-a-secret' };

/** Gives the handlers of this process the environment that the deployed functions have. */
export const setEnvironment = (options: GatewayOptions): void => {
  const { config } = options;
  mkdirSync(options.workDir, { recursive: true });
  const configFile = join(options.workDir, 'config.json');
  writeFileSync(configFile, deployedConfig(config));
  Object.assign(process.env, awsEnvironment(options.awsUrl), resourceEnvironment(options.resources), {
    [ENV.publicUrl]: options.publicUrl,
    [ENV.configFile]: configFile,
    [ENV.configDigest]: configDigest(config),
    [ENV.policyEngine]: ENGINE_FILE,
    [ENV.responseTransfer]: config.endpoint.responseTransfer,
  });
};

export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const { config } = options;
  setEnvironment(options);
  installLambdaRuntime();
  const [authorizer, mcp, wellKnown, console_, opener] = await Promise.all([
    import('../lambdas/authorizer/handler.ts'),
    import('../lambdas/mcp/handler.ts'),
    import('../lambdas/well-known/handler.ts'),
    import('../lambdas/console/handler.ts'),
    import('../lambdas/opener/handler.ts'),
  ]);
  return startApiGateway({
    port: options.port,
    stage: config.endpoint.stageName,
    announcedScopes: config.identity.announcedScopes,
    accessLog: await startAccessLog(
      new CloudWatchLogsClient({ endpoint: options.awsUrl, region: LOCAL_REGION, credentials: API_GATEWAY }),
      options.resources.accessLogGroup,
    ),
    handlers: {
      authorizer: authorizer.handler,
      mcp: mcp.handler,
      'well-known': wellKnown.handler,
      console: console_.handler,
      // As deployed: where nobody may have content opened there is no such route.
      ...((config.console.replay?.raw ?? null) === null ? {} : { opener: opener.handler }),
    },
    timeoutSeconds: config.endpoint.responseTransfer === 'stream' ? STREAM_SECONDS : BUFFERED_SECONDS,
  });
};
