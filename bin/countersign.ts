// The CDK app: read the configuration, build the stack, let cdk-nag check it.
import { exit } from 'node:process';
import { App } from 'aws-cdk-lib';
import { configFile, readConfig } from '../lib/config.ts';
import { ConfigError } from '../lib/config-problems.ts';
import { FEATURE_FLAGS } from '../lib/feature-flags.ts';
import { GatewayStack } from '../lib/gateway-stack.ts';
import { attachNag } from '../lib/nag.ts';

const app = new App({ context: FEATURE_FLAGS });

const config = (() => {
  try {
    return readConfig(configFile(app.node));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The list is the answer; a stack trace would hide it.
    console.error(error.message);
    return exit(1);
  }
})();

new GatewayStack(app, 'Countersign', { config });
attachNag(app);
