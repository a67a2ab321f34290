// Connecting an SDK v2 client (@modelcontextprotocol/client) from a URL and a person alone. Which protocol era it speaks
// is the client's own option: `versionNegotiation: { mode: 'legacy' | 'auto' | { pin } }`.
import { type Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import type { HeadlessAuthProvider } from './headless-auth-provider.ts';

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
    await client.connect(transport);
    return transport;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  await transport.finishAuth(authProvider.takeAnswer());
  // A transport starts once; the one that was refused has served to find out how to sign in.
  const signedIn = new StreamableHTTPClientTransport(url, { authProvider });
  await client.connect(signedIn);
  return signedIn;
}
