// The gateway as a process of its own, behind a proxy to the loopback AWS.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import type { GatewayOptions, RunningGateway } from '../../local/gateway.ts';
import { type AwsProxy, startAwsProxy } from './aws-proxy.ts';

const CHILD = fileURLToPath(new URL('./gateway-process.ts', import.meta.url));

export interface KillableGateway {
  readonly start: (options: GatewayOptions) => Promise<RunningGateway>;
  readonly proxy: () => AwsProxy;
  /** SIGKILL: nothing in the process gets to run any more. */
  kill(): Promise<void>;
  /** Starts anew, under another configuration when one is given. */
  restart(config?: GatewayConfig): Promise<void>;
  /** What the gateway logged. */
  output(): string;
}

export const makeKillableGateway = (): KillableGateway => {
  let child: ChildProcess | undefined;
  let proxy: AwsProxy | undefined;
  let options: GatewayOptions | undefined;
  let output = '';
  const requireProxy = (): AwsProxy => {
    if (proxy === undefined) throw new Error('the gateway was not started');
    return proxy;
  };
  const spawn = async (): Promise<void> => {
    const GATEWAY_OPTIONS = JSON.stringify({ ...options, awsUrl: requireProxy().url });
    const spawned = fork(CHILD, { env: { ...process.env, GATEWAY_OPTIONS }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    spawned.stdout?.on('data', collect);
    spawned.stderr?.on('data', collect);
    child = spawned;
    const ready = once(spawned, 'message');
    const died = once(spawned, 'exit').then(() => Promise.reject(new Error(`the gateway did not start:\n${output}`)));
    await Promise.race([ready, died]);
    died.catch(() => undefined);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    start: async (given) => {
      options = given;
      proxy = await startAwsProxy(given.awsUrl);
      await spawn();
      return {
        close: async () => {
          await kill();
          await requireProxy().close();
        },
      };
    },
    proxy: requireProxy,
    kill,
    restart: async (config) => {
      await kill();
      if (config !== undefined && options !== undefined) options = { ...options, config };
      await spawn();
    },
    output: () => output,
  };
};
