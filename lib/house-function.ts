// The one way a Lambda is made here: runtime, architecture, bundle, logs, tracing, configuration.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { type Duration, RemovalPolicy, Stage } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENV, type EnvName, type FunctionName, type WitnessFunctionName } from '../lambdas/contract.ts';
import type { GatewayConfig, WitnessConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import { configDigest, deployedConfig } from './config.ts';
import { accept } from './nag.ts';
import { ENGINE_FILE } from './policy/compile.ts';

const REPOSITORY = join(import.meta.dirname, '..');
/** Names inside the bundle, relative to LAMBDA_TASK_ROOT. */
const CONFIG_FILE = 'config.json';
const POLICY_ENGINE_FILE = 'cedar.wasm';
/**
 * CommonJS packages in an ES module bundle still call `require` for Node's own modules. The long name is on purpose:
 * esbuild does not know what a banner declares, and a short one meets a minified name ("already been declared").
 */
export const REQUIRE_BANNER =
  "import{createRequire as countersignCreateRequire}from'node:module';const require=countersignCreateRequire(import.meta.url);";

/** All functions of the gateway. The opener is there only where the configuration says who may have content opened. */
export type HouseFunctions = Readonly<Record<Exclude<FunctionName, 'opener'>, HouseFunction>> & {
  readonly opener?: HouseFunction;
};

export interface HouseFunctionProps {
  /** Folder under lambdas/ whose handler.ts is deployed. */
  readonly name: FunctionName | WitnessFunctionName;
  /** One sentence for the console. */
  readonly description: string;
  /** Deployed as config.json inside the bundle. */
  readonly config: GatewayConfig | WitnessConfig;
  /** Encrypts the log group. */
  readonly atRestKey: AtRestKey;
  readonly timeout: Duration;
  /**
   * Whether the Cedar engine is part of the bundle: as a file beside the code, since inlined it would have to be decoded
   * at every cold start.
   * @default false
   */
  readonly decidesPolicy?: boolean;
  /** @default 512 */
  readonly memoryMegabytes?: number;
  /**
   * Concurrent executions kept for, and the most ever given to, this function.
   * @default - the account's unreserved concurrency, behind the stage throttle
   */
  readonly reservedConcurrency?: number;
}

/** A Lambda function in house style. Permissions come from the verbs of other constructs, never from here. */
export class HouseFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      encryptionKey: props.atRestKey,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // A role of our own: the managed AWSLambdaBasicExecutionRole may write to every log group of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      description: props.description,
      entry: join(REPOSITORY, 'lambdas', props.name, 'handler.ts'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      projectRoot: REPOSITORY,
      depsLockFilePath: join(REPOSITORY, 'package-lock.json'),
      bundling: bundling({
        [CONFIG_FILE]: stageConfig(scope, props.config),
        ...(props.decidesPolicy === true ? { [POLICY_ENGINE_FILE]: ENGINE_FILE } : {}),
      }),
      // The variable it would set is for SDK v2.
      awsSdkConnectionReuse: false,
      timeout: props.timeout,
      memorySize: props.memoryMegabytes ?? 512,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
    });
    this.setEnv(ENV.configFile, CONFIG_FILE);
    this.setEnv(ENV.configDigest, configDigest(props.config));
    if (props.decidesPolicy === true) this.setEnv(ENV.policyEngine, POLICY_ENGINE_FILE);
    accept(this, FUNCTION_REASONS);
    accept(role, ROLE_REASONS);
  }

  /** Sets one of the variables the runtime may read; lambdas/env.ts reads the same names. */
  setEnv(name: EnvName, value: string): void {
    this.addEnvironment(name, value);
  }
}

/** Writes the deployed configuration next to the templates, where the bundles copy it from. */
const stageConfig = (scope: Construct, config: HouseFunctionProps['config']): string => {
  const file = join(Stage.of(scope)?.outdir ?? '.', `${configDigest(config).replace(':', '-')}.config.json`);
  writeFileSync(file, deployedConfig(config));
  return file;
};

/** `files`: name inside the bundle to the file that is copied there. */
const bundling = (files: Readonly<Record<string, string>>): BundlingOptions => ({
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  banner: REQUIRE_BANNER,
  minify: true,
  // Names stay, so that a stack trace in the log can be read without a source map.
  keepNames: true,
  sourceMap: false,
  // The SDK is part of the bundle: what was tested and scanned is what runs, not what the runtime has that day;
  // and one file without unused clients starts faster than the runtime's copy.
  bundleAwsSDK: true,
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_inputDir, outputDir) =>
      Object.entries(files).map(([name, file]) => copyCommand(file, join(outputDir, name))),
  },
});

const copyCommand = (from: string, to: string): string =>
  platform === 'win32' ? `copy "${from}" "${to}"` : `cp "${from}" "${to}"`;

const FUNCTION_REASONS = {
  'NIST.800.53.R5-LambdaConcurrency':
    'The stage throttle bounds the callers of every function; a reserved concurrency is for the bank to set (reservedConcurrency) once it knows its account quota. Throttles raise an alarm (lib/alarms.ts).',
  'NIST.800.53.R5-LambdaDLQ':
    'Invoked by API Gateway synchronously only: a dead-letter queue is never used. A failed call is an answer to the client, a ledger entry and an alarm.',
  'NIST.800.53.R5-LambdaInsideVPC':
    'No inbound network path exists to the function, only API Gateway may invoke it (resource policy), and its role reaches named tables, keys, secrets and one bucket prefix. Upstreams are fixed at synth, https only (lib/config-schema.ts).',
};

const ROLE_REASONS = {
  'AwsSolutions-IAM5[Resource::*]':
    'X-Ray has no resources to name: xray:PutTraceSegments and xray:PutTelemetryRecords accept only *. test/infra/permissions.test.ts lists every * in the template.',
  'NIST.800.53.R5-IAMNoInlinePolicy':
    'The policy belongs to exactly one role and dies with it; a managed policy could be attached elsewhere. test/infra/permissions.test.ts states what each role may do.',
};
