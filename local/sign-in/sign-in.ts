// Signing in without a browser: dynamic registration, authorization code with PKCE, and the development sign-in page
// driven as a named person. Everything is found from the MCP server's URL.
import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { visit } from './browser.ts';
import { type Discovery, discover, type ServerMetadata } from './discovery.ts';
import { SignInError } from './sign-in-error.ts';

/** Nobody listens here: the answer is read from the redirect itself. */
export const HEADLESS_REDIRECT_URI = 'http://127.0.0.1:33418/callback';

export interface SignInOptions {
  readonly serverUrl: string;
  /** `ana`, `paul`, `petra`, `amir` or `erin`. */
  readonly person: string;
  /** @default 'Countersign script' */
  readonly clientName?: string;
}

export interface ServiceSignInOptions {
  readonly serverUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The only authorization server that may see the secret. @default whichever the MCP server names */
  readonly expectedIssuer?: string;
}

export interface TokenSet {
  readonly accessToken: string;
  /** `null` for a service, which signs in again instead. */
  readonly refreshToken: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly clientId: string;
  readonly scope: string | null;
  /** A new set; the refresh token of this one is spent. */
  refresh(): Promise<TokenSet>;
}

const tokenSchema = z.looseObject({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_in: z.number(),
  scope: z.string().optional(),
});

/** Signs in as a person, as a client that the authorization server has never seen. */
export async function signIn({
  serverUrl,
  person,
  clientName = 'Countersign script',
}: SignInOptions): Promise<TokenSet> {
  const discovery = await discover(serverUrl);
  const clientId = await register(discovery.serverMetadata, clientName);
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize({ discovery, clientId, verifier, person });
  return await requestTokens(discovery, clientId, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: HEADLESS_REDIRECT_URI,
    client_id: clientId,
  });
}

/** Signs in as a registered service, with its own credentials and no person (RFC 6749 section 4.4). */
export async function signInService(options: ServiceSignInOptions): Promise<TokenSet> {
  const { clientId, clientSecret, expectedIssuer } = options;
  const discovery = await discover(options.serverUrl);
  const { issuer } = discovery.serverMetadata;
  if (expectedIssuer !== undefined && issuer !== expectedIssuer) {
    throw new SignInError('metadata_invalid', `the server names ${issuer}; the secret is for ${expectedIssuer} only`);
  }
  const scope: Record<string, string> = discovery.scope === null ? {} : { scope: discovery.scope };
  return await requestTokens(discovery, clientId, { grant_type: 'client_credentials', ...scope }, clientSecret);
}

async function register({ registration_endpoint }: ServerMetadata, clientName: string): Promise<string> {
  if (registration_endpoint === undefined) {
    throw new SignInError('registration_refused', 'the authorization server has no dynamic client registration');
  }
  const response = await fetch(registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: clientName,
      redirect_uris: [HEADLESS_REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    }),
  });
  if (!response.ok) throw new SignInError('registration_refused', await response.text());
  return z.looseObject({ client_id: z.string() }).parse(await response.json()).client_id;
}

interface Authorization {
  readonly discovery: Discovery;
  readonly clientId: string;
  readonly verifier: string;
  readonly person: string;
}

async function authorize({ discovery, clientId, verifier, person }: Authorization): Promise<string> {
  const state = randomBytes(16).toString('base64url');
  const authorizationUrl = new URL(discovery.serverMetadata.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: HEADLESS_REDIRECT_URI,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: discovery.resourceMetadata.resource,
    ...(discovery.scope !== null && { scope: discovery.scope }),
  };
  for (const [name, value] of Object.entries(parameters)) authorizationUrl.searchParams.set(name, value);
  const answer = (await visit({ authorizationUrl, person, redirectUri: HEADLESS_REDIRECT_URI })).searchParams;
  return checkAnswer(answer, state, discovery.serverMetadata);
}

function checkAnswer(answer: URLSearchParams, state: string, server: ServerMetadata): string {
  const refused = (message: string) => new SignInError('authorization_refused', message);
  if (answer.get('state') !== state) throw refused('the answer belongs to another request (state differs)');
  // RFC 9207: an answer from another server is not to be exchanged at this one.
  const iss = answer.get('iss');
  if (iss !== server.issuer && (iss !== null || server.authorization_response_iss_parameter_supported === true)) {
    throw refused(`the answer is from ${iss}, expected ${server.issuer}`);
  }
  const code = answer.get('code');
  if (code === null) throw refused(`${answer.get('error')}: ${answer.get('error_description')}`);
  return code;
}

async function requestTokens(
  discovery: Discovery,
  clientId: string,
  grant: Record<string, string>,
  clientSecret: string | null = null,
): Promise<TokenSet> {
  const response = await fetch(discovery.serverMetadata.token_endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(clientSecret !== null && { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }),
    },
    body: new URLSearchParams({ ...grant, resource: discovery.resourceMetadata.resource }),
  });
  if (!response.ok) throw new SignInError('token_refused', await response.text());
  const tokens = tokenSchema.parse(await response.json());
  const refreshToken = tokens.refresh_token ?? null;
  return {
    accessToken: tokens.access_token,
    refreshToken,
    expiresAt: Date.now() + tokens.expires_in * 1000,
    clientId,
    scope: tokens.scope ?? null,
    refresh: () =>
      refreshToken === null
        ? requestTokens(discovery, clientId, grant, clientSecret)
        : requestTokens(discovery, clientId, {
            grant_type: 'refresh_token',
            refresh_token: refreshToken,
            client_id: clientId,
          }),
  };
}
