// Connecting an SDK v1 client (@modelcontextprotocol/sdk) from a URL and a person alone.
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { HeadlessAuthProvider } from './headless-auth-provider.ts';
import { SignInError } from './sign-in-error.ts';

export interface ConnectOptions {
  readonly client: Client;
  readonly serverUrl: string;
  /** Keeps the registration and the tokens; give the same one again to connect without another sign-in. */
  readonly authProvider: HeadlessAuthProvider;
}

/** Connects, signing in first if the server asks for it; returns the transport in use. */
export async function connectSignedIn(options: ConnectOptions): Promise<StreamableHTTPClientTransport> {
  const { client, authProvider } = options;
  const url = new URL(options.serverUrl);
  const transport = new StreamableHTTPClientTransport(url, { authProvider });
  try {
    await connect(client, transport);
    return transport;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  const answer = authProvider.takeAnswer();
  const code = answer.get('code');
  if (code === null) throw new SignInError('authorization_refused', `${answer.get('error')}`);
  await transport.finishAuth(code);
  // A transport starts once; the one that was refused has served to find out how to sign in.
  const signedIn = new StreamableHTTPClientTransport(url, { authProvider });
  await connect(client, signedIn);
  return signedIn;
}

// The SDK's own transport does not fit its own interface under exactOptionalPropertyTypes (`sessionId`).
const connect = (client: Client, transport: StreamableHTTPClientTransport): Promise<void> =>
  client.connect(transport as Transport);
