// The CDK app of a witness, for an account of its own: cdk deploy --app 'node bin/witness.ts' -c config=<file>.
import { exit } from 'node:process';
import { App } from 'aws-cdk-lib';
import { ConfigError } from '../lib/config-problems.ts';
import { FEATURE_FLAGS } from '../lib/feature-flags.ts';
import { attachNag } from '../lib/nag.ts';
import { readWitnessConfig, witnessConfigFile } from '../lib/witness-config.ts';
import { WitnessStack } from '../lib/witness-stack.ts';

const app = new App({ context: FEATURE_FLAGS });

const config = (() => {
  try {
    return readWitnessConfig(witnessConfigFile(app.node));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return exit(1);
  }
})();

new WitnessStack(app, 'CountersignWitness', { config });
attachNag(app);
