// `npm run test:deploy`: the unmodified CDK app, deployed by the stock CDK command line into MiniStack, and used by real
// clients. Ends with one line `N passed, N failed`, and stops whatever it started, whatever happens.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { env, exit, hrtime } from 'node:process';
import { readConfig } from '../../lib/config.ts';
import { awsEnvironment, LOCAL_REGION } from '../../local/gateway.ts';
import { freePorts } from '../../local/ports.ts';
import { type DeployedEnvironment, type DeployedPorts, ENVIRONMENT_VARIABLE } from '../support/deployed-environment.ts';
import { createSecrets, resourcesOf, setIgnoredProperties } from './after-deploy.ts';
import { type Cdk, makeCdk } from './cdk.ts';
import { lintTemplates } from './cfn-lint.ts';
import { writeConfiguration } from './configuration.ts';
import { CORRECTIONS, IGNORED_PROPERTIES, LEFT_OUT_FILES, SECOND_FILES } from './differences.ts';
import { type Front, startFront } from './front.ts';
import { startMinistack } from './ministack.ts';
import { runProgram, stopPrograms } from './process.ts';
import { preparePython } from './python.ts';
import { type Counts, runScript, runSuite, staleDifferences } from './suites.ts';

const FOLDER = '.countersign/deploy';
const VENV = '.countersign/ministack-venv';

type Env = Readonly<Record<string, string>>;

const counts: Counts[] = [];
const started = hrtime.bigint();

const section = (title: string): void => {
  const seconds = Number((hrtime.bigint() - started) / 1_000_000_000n);
  console.log(`\n== ${title} (${seconds} s) ==`);
};

const count = (result: Counts): void => {
  counts.push(result);
  console.log(`  ${result.passed} passed, ${result.failed} failed`);
};

/** The environment of everything we start: nothing in it may lead to a real AWS account. */
const isolated = (awsUrl: string): Env => {
  const inherited = Object.entries(env).filter(([name]) => !/^AWS_|^CDK_|_proxy$/i.test(name));
  return {
    ...(Object.fromEntries(inherited) as Env),
    ...awsEnvironment(awsUrl),
    AWS_CONFIG_FILE: join(FOLDER, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(FOLDER, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    npm_config_update_notifier: 'false',
    COUNTERSIGN_CONFIG: '',
  };
};

/** Clients go through the proxy, trust its certificate, and reach nothing else. */
const clientEnvironment = (base: Env, front: Front, deployed: DeployedEnvironment): Env => ({
  ...base,
  NODE_USE_ENV_PROXY: '1',
  HTTPS_PROXY: front.proxyUrl,
  HTTP_PROXY: front.proxyUrl,
  NO_PROXY: '127.0.0.1,localhost',
  NODE_EXTRA_CA_CERTS: join(FOLDER, 'ca.pem'),
  [ENVIRONMENT_VARIABLE]: JSON.stringify(deployed),
});

interface Ground {
  readonly bin: string;
  readonly awsUrl: string;
  readonly base: Env;
  readonly cdk: Cdk;
  readonly front: Front;
  readonly ports: DeployedPorts;
}

const prepare = async (): Promise<Ground> => {
  section('Python, MiniStack, certificate');
  const bin = await preparePython(VENV, FOLDER);
  const ports = await freePorts();
  const log = join(FOLDER, 'ministack.log');
  const awsUrl = await startMinistack({ bin, port: ports.aws, region: LOCAL_REGION, log });
  const base = isolated(awsUrl);
  const certificate = [
    join(import.meta.dirname, 'certificate.py'),
    FOLDER,
    `*.execute-api.${LOCAL_REGION}.amazonaws.com`,
  ];
  await runProgram(join(bin, 'python'), certificate, { env: base, log: join(FOLDER, 'certificate.log') });
  const front = await startFront({ awsUrl, certificates: FOLDER });
  // Our own SDK clients, in this process.
  for (const name of Object.keys(env).filter((key) => key.startsWith('AWS_'))) delete env[name];
  Object.assign(env, awsEnvironment(awsUrl));
  const { idp, bank, everything, gateway: upstream, console: slack } = ports;
  return { bin, awsUrl, base, cdk: makeCdk(base, FOLDER), front, ports: { idp, bank, everything, upstream, slack } };
};

/** `cdk deploy` and the step after it. */
const deploy = async (ground: Ground, name: string, previous: string | null): Promise<DeployedEnvironment> => {
  const configFile = join(FOLDER, `${name}.json`);
  writeConfiguration(configFile, ground.ports, previous !== null);
  const outputs = await ground.cdk.deploy(configFile, name);
  const resources = resourcesOf(outputs);
  await setIgnoredProperties(resources, readConfig(configFile).retention);
  console.log(`  ${outputs['PublicUrl']}`);
  return {
    publicUrl: outputs['PublicUrl'] ?? '',
    awsUrl: ground.awsUrl,
    resources,
    configFile,
    previousConfigFile: previous,
    ports: ground.ports,
    idpDir: join(FOLDER, 'idp'),
  };
};

const suite = (name: string, args: readonly string[], suiteEnv: Env) =>
  runSuite({ name, args, env: suiteEnv, folder: FOLDER });

const CONFIG = ['--config', 'test/deploy/vitest.config.ts'];

const useDeployment = async (ground: Ground, deployed: DeployedEnvironment): Promise<boolean> => {
  const clients = clientEnvironment(ground.base, ground.front, deployed);
  section('First contact');
  const smoke = {
    name: 'smoke',
    args: [join(import.meta.dirname, 'smoke.ts'), join(FOLDER, 'ministack.log')],
    env: clients,
    folder: FOLDER,
  };
  const contact = await runScript(smoke);
  count(contact);
  if (contact.failed > 0) return false;
  section('End-to-end suite against the deployment');
  for (const [file, reason] of Object.entries(LEFT_OUT_FILES)) console.log(`  left out: ${file}: ${reason}`);
  const later = SECOND_FILES.flatMap((file) => ['--exclude', file]);
  const result = await suite('e2e', [...CONFIG, 'test/e2e', 'test/deploy/deployed.check.ts', ...later], clients);
  count(result);
  const stale = staleDifferences(result.names);
  for (const entry of stale) console.log(`  FAILED  differences.ts names what is not there: ${entry}`);
  count({ passed: 0, failed: stale.length });
  return true;
};

/** A second generation of the checkpoint key stands beside the first; all else is the same. */
const isKept = (first: DeployedEnvironment, second: DeployedEnvironment): boolean => {
  const { checkpointKeyId, checkpointKeyIds, ...others } = second.resources;
  const { checkpointKeyId: firstKey, checkpointKeyIds: _, ...before } = first.resources;
  const rotated = checkpointKeyIds.length === 2 && checkpointKeyIds[0] === firstKey && checkpointKeyId !== firstKey;
  return rotated && JSON.stringify(others) === JSON.stringify(before);
};

const run = async (): Promise<void> => {
  const ground = await prepare();
  try {
    section('cdk bootstrap, cdk deploy');
    await createSecrets(ground.ports);
    const streaming = ground.cdk.synth('config/countersign.yaml', 'sample');
    await ground.cdk.bootstrap();
    const first = await deploy(ground, 'first', null);
    await streaming;
    if (!(await useDeployment(ground, first))) return;
    section('Second cdk deploy, under a changed configuration');
    const second = await deploy(ground, 'second', first.configFile);
    const kept = isKept(first, second) && second.publicUrl === first.publicUrl;
    if (!kept) console.log('  FAILED  the second deployment replaced a table, bucket, key or the API');
    count({ passed: kept ? 1 : 0, failed: kept ? 0 : 1 });
    const clients = clientEnvironment(ground.base, ground.front, second);
    count(await suite('redeployed', [...CONFIG, 'test/deploy/redeployed.check.ts', ...SECOND_FILES], clients));
    section('Contract suite against MiniStack');
    const target = { COUNTERSIGN_CONTRACT_ENDPOINT: ground.awsUrl, COUNTERSIGN_CONTRACT_TARGET: 'ministack' };
    const contract = ['test/contract', '--exclude', 'test/contract/local-*.test.ts'];
    count(await suite('contract', contract, { ...ground.base, ...target }));
    section('cfn-lint');
    const templates = ['first', 'sample'].map((name) => join(FOLDER, `cdk.out-${name}`, 'Countersign.template.json'));
    count(await lintTemplates(ground.bin, templates));
    for (const host of ground.front.refused) console.log(`  a client asked for ${host} and was refused`);
  } finally {
    await ground.front.close();
  }
};

/** Prints the total and leaves; a run that ends early has failed. */
const finish = async (cause?: unknown): Promise<never> => {
  await stopPrograms();
  if (cause !== undefined) {
    console.log(`\n${cause instanceof Error ? cause.message : String(cause)}`);
    counts.push({ passed: 0, failed: 1 });
  }
  const sum = (key: keyof Counts) => counts.reduce((total, result) => total + result[key], 0);
  section('Result');
  console.log(
    `Emulator, not AWS: ${Object.keys({ ...CORRECTIONS, ...IGNORED_PROPERTIES }).length} differences are made up for, see test/deploy/differences.ts`,
  );
  console.log(`Logs are in ${FOLDER}`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return exit(sum('failed') === 0 ? 0 : 1);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void finish(new Error(`stopped by ${signal}`)));
}
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
try {
  await run();
} catch (cause) {
  await finish(cause);
}
await finish();
