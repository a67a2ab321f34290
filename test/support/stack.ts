// A whole stack for tests: free ports, state in memory, gone when the test file is done. Or the one that was deployed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../local/ports.ts';
import { signIn, type TokenSet } from '../../local/sign-in/sign-in.ts';
import { type StackOptions, startStack } from '../../local/stack.ts';
import { attachStack, type RunningStack } from './attached-stack.ts';
import { deployedEnvironment } from './deployed-environment.ts';

export interface TestStack extends RunningStack {
  /** Signs in as a person from the server's URL alone; remembered until close. */
  tokenOf(person: string, server?: string): Promise<string>;
}

type TestOptions = Partial<
  Pick<StackOptions, 'upstreams' | 'overlay' | 'policies' | 'accessTokenSeconds' | 'dataDir' | 'ports' | 'startGateway'>
>;

const startLaptop = async (options: StackOptions): Promise<RunningStack> => {
  const stack = await startStack(options);
  return { ...stack, outbox: async () => (await fetch(`${stack.aws.url}/_outbox`)).text() };
};

export const startTestStack = async (options: TestOptions = {}): Promise<TestStack> => {
  const workDir = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const deployed = deployedEnvironment();
  const stack: RunningStack =
    deployed === undefined
      ? await startLaptop({
          configFile: 'config/countersign.yaml',
          ports: await freePorts(),
          dataDir: null,
          workDir,
          ...options,
        })
      : await attachStack(deployed, options);
  const tokens = new Map<string, Promise<TokenSet>>();
  return {
    ...stack,
    tokenOf: async (person, server = 'core-banking') => {
      const key = `${person}@${server}`;
      const token = tokens.get(key) ?? signIn({ serverUrl: stack.url(server), person });
      tokens.set(key, token);
      return (await token).accessToken;
    },
    close: async () => {
      await stack.close();
      await rm(workDir, { recursive: true, force: true });
    },
  };
};

export interface GatewayFor {
  url(server: string): string;
  token(): Promise<string>;
  close(): Promise<void>;
}

/** The gateway in front of given upstreams, with the token of an analyst: for the conformance run. */
export const startGatewayFor = async (upstreams: Readonly<Record<string, { url: string }>>): Promise<GatewayFor> => {
  const stack = await startTestStack({ upstreams });
  const [server = 'everything'] = Object.keys(upstreams);
  const signedIn = await signIn({ serverUrl: stack.url(server), person: 'ana' });
  return { url: stack.url, token: () => Promise.resolve(signedIn.accessToken), close: stack.close };
};
