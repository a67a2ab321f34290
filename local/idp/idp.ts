// The development identity provider: an OAuth 2.1 authorization server and OpenID provider on 127.0.0.1, in which anyone
// may be anyone. It stands where a bank has Entra ID, Okta or Cognito.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { providerConfiguration, SIGN_IN_PATH } from './configuration.ts';
import { loadKeys } from './keys.ts';
import { type MintOptions, mintToken } from './mint.ts';
import { serveSignIn } from './sign-in.ts';
import { Store } from './store.ts';

export interface IdpOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of keys, clients, sessions and grants; `null` keeps them in memory. */
  readonly dataDir: string | null;
  /** Redirect URI of the gateway's console, a client that needs no registration. @default none */
  readonly consoleCallback?: string;
  /** Whether a URL is a resource (RFC 8707) that tokens may be issued for. */
  readonly isResource: (url: string) => boolean;
  /** Scopes of the resources; also what a request without scope gets. @default ['mcp'] */
  readonly scopes?: readonly string[];
  /** Life of an access token. @default 900 */
  readonly accessTokenSeconds?: number;
  /** Fetches client id metadata documents. @default the global fetch, which oidc-provider keeps off private addresses */
  readonly fetch?: typeof fetch;
}

export interface Idp {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly url: string;
  readonly port: number;
  /** Signs an access token of any shape; see MintOptions. */
  mint(options?: MintOptions): Promise<string>;
  /** Stops listening and waits until the state is on disk. */
  close(): Promise<void>;
}

export async function startIdp(options: IdpOptions): Promise<Idp> {
  const { scopes = ['mcp'], accessTokenSeconds = 900, isResource } = options;
  const store = await Store.open(options.dataDir);
  const keys = await loadKeys(store);
  // The issuer names the port, so the server listens before there is a provider to answer.
  const server = createServer();
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const settings = {
    store,
    keys,
    isResource,
    scopes,
    accessTokenSeconds,
    fetch: options.fetch ?? fetch,
    consoleCallback: options.consoleCallback,
  };
  const provider = new Provider(issuer, providerConfiguration(settings));
  provider.on('server_error', (_ctx, error) => console.error('identity provider:', error));
  server.on('request', listener(provider));
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    url: issuer,
    port,
    mint: (mintOptions = {}) => mintToken(issuer, keys.signing, mintOptions),
    close: () => close(server, store),
  };
}

function listener(provider: Provider) {
  const { host } = new URL(provider.issuer);
  const answer = provider.callback();
  return (req: IncomingMessage, res: ServerResponse): void => {
    if (req.headers.host !== host) {
      // A page on the internet whose name was rebound to 127.0.0.1 still sends its own name.
      res.writeHead(421, { 'content-type': 'text/plain' }).end(`this identity provider answers at ${host} only\n`);
    } else if (req.url?.startsWith(`${SIGN_IN_PATH}/`)) {
      serveSignIn({ provider, req, res }).catch((error: unknown) => {
        console.error('identity provider:', error);
        if (!res.headersSent) res.writeHead(500);
        res.end();
      });
    } else {
      allowRegistrationFromBrowsers(req, res) || void answer(req, res);
    }
  };
}

/** Browser-based clients register too; oidc-provider has CORS on every endpoint they need but this one. */
function allowRegistrationFromBrowsers(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.url !== '/register') return false;
  res.setHeader('access-control-allow-origin', '*');
  if (req.method !== 'OPTIONS') return false;
  res.setHeader('access-control-allow-headers', req.headers['access-control-request-headers'] ?? 'content-type');
  res.writeHead(204, { 'access-control-allow-methods': 'POST' }).end();
  return true;
}

async function close(server: Server, store: Store): Promise<void> {
  server.close();
  server.closeAllConnections();
  await store.flush();
}
