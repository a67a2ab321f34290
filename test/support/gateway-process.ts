// Run as a child process: one gateway, so that a test can kill it. Options come as JSON in the environment.

import { type GatewayOptions, startGateway } from '../../local/gateway.ts';

const options = JSON.parse(process.env['GATEWAY_OPTIONS'] ?? '') as GatewayOptions;
await startGateway(options);
process.send?.('ready');
// A test that dies must not leave us behind.
process.on('disconnect', () => process.exit(0));
