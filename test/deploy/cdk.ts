// The stock CDK command line, on the app as it is.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './process.ts';

export interface Cdk {
  /** Names what the environment lacks, in an AWS account that was never deployed to. */
  bootstrap(): Promise<void>;
  /** Deploys the app with a configuration file and returns the outputs of its stack. */
  deploy(configFile: string, name: string): Promise<Readonly<Record<string, string>>>;
  /** Synthesises the app with a configuration file and returns the template's path. */
  synth(configFile: string, name: string): Promise<string>;
}

const ACCOUNT = '000000000000';
const STACK = 'Countersign';

export const makeCdk = (env: Readonly<Record<string, string>>, folder: string): Cdk => {
  const cdk = (name: string, ...args: string[]) =>
    runProgram('cdk', [...args, '--no-notices'], {
      env: { ...env, CDK_DISABLE_CLI_TELEMETRY: '1', CDK_HOME: join(folder, 'cdk-home'), CI: 'true', NO_COLOR: '1' },
      log: join(folder, `cdk-${name}.log`),
    });
  const app = (configFile: string, name: string) => ['-c', `config=${configFile}`, '--output', outOf(name)];
  const outOf = (name: string) => join(folder, `cdk.out-${name}`);
  return {
    // Without an app: bootstrapping needs none, and synthesising takes seconds.
    bootstrap: () => cdk('bootstrap', 'bootstrap', `aws://${ACCOUNT}/${env['AWS_REGION']}`, '--app', ''),
    deploy: async (configFile, name) => {
      const outputs = join(folder, `outputs-${name}.json`);
      const options = ['--require-approval', 'never', '--outputs-file', outputs];
      await cdk(name, 'deploy', STACK, ...options, ...app(configFile, name));
      return (JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>)[STACK] ?? {};
    },
    synth: async (configFile, name) => {
      await cdk(name, 'synth', '--quiet', ...app(configFile, name));
      return join(outOf(name), `${STACK}.template.json`);
    },
  };
};
