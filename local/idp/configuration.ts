// How oidc-provider is set up: an MCP authorization server (OAuth 2.1, RFC 8414, 8707, 9068, 9207; open registration and
// client metadata documents) that is also an OpenID provider, for consoles.
import {
  type AccessToken,
  type ClientCredentials,
  type Configuration,
  errors,
  type FindAccount,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { DEFAULT_CONSOLE } from '../../lib/config-defaults.ts';
import { makeAdapter } from './adapter.ts';
import { type Keys, SIGNING_ALGORITHM } from './keys.ts';
import { errorPage, PAGE_CONTENT_SECURITY_POLICY } from './pages.ts';
import { DEVELOPMENT_ACR, findPerson, personClaims, SERVICE_CLIENT } from './people.ts';
import type { Store } from './store.ts';

export interface ProviderSettings {
  readonly store: Store;
  readonly keys: Keys;
  readonly isResource: (url: string) => boolean;
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly fetch: typeof fetch;
  readonly consoleCallback: string | undefined;
}

const HOURS = 3600;
const DAYS = 24 * HOURS;

export const SIGN_IN_PATH = '/sign-in';

export const providerConfiguration = (settings: ProviderSettings): Configuration => ({
  adapter: makeAdapter(settings.store),
  clients: [
    {
      client_id: SERVICE_CLIENT.clientId,
      client_secret: SERVICE_CLIENT.clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    ...(settings.consoleCallback === undefined ? [] : [consoleClient(settings.consoleCallback)]),
  ],
  // Most MCP clients do not say what they are, and most are native: a loopback redirect with a port of the moment, or a
  // scheme of their own (RFC 8252). Native also means that the person confirms every time.
  clientDefaults: { application_type: 'native', id_token_signed_response_alg: SIGNING_ALGORITHM },
  jwks: { keys: [settings.keys.signing as NonNullable<Configuration['jwks']>['keys'][number]] },
  cookies: { keys: [settings.keys.cookies] },
  clientBasedCORS: (_ctx, origin, client) =>
    client.redirectUris?.some((uri) => URL.parse(uri)?.origin === origin) === true,
  fetch: settings.fetch,
  findAccount,
  extraTokenClaims,
  ...endpoints,
  ...grants(settings),
  features: features(settings),
});

/** The gateway's console: a public client with PKCE. */
const consoleClient = (redirectUri: string) => ({
  client_id: DEFAULT_CONSOLE.clientId,
  token_endpoint_auth_method: 'none' as const,
  grant_types: ['authorization_code'],
  response_types: ['code' as const],
  redirect_uris: [redirectUri],
});

const endpoints: Configuration = {
  routes: {
    authorization: '/authorize',
    token: '/token',
    jwks: '/jwks',
    registration: '/register',
    revocation: '/revoke',
    userinfo: '/userinfo',
  },
  interactions: { url: (_ctx, interaction) => `${SIGN_IN_PATH}/${interaction.uid}` },
  renderError(ctx, out) {
    ctx.type = 'html';
    ctx.set('content-security-policy', PAGE_CONTENT_SECURITY_POLICY);
    ctx.body = errorPage(out.error, out.error_description);
  },
};

const grants = ({ scopes, accessTokenSeconds }: ProviderSettings): Configuration => ({
  scopes: ['openid', ...scopes],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'], amr: null },
  acrValues: [DEVELOPMENT_ACR],
  // A console reads who signed in from the ID token and needs no call to userinfo.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  responseTypes: ['code'],
  rotateRefreshToken: true,
  // A refresh token is the client's to ask for (RFC 7591 `grant_types`), not a scope; it outlives the browser session.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  ttl: {
    AccessToken: accessTokenSeconds,
    ClientCredentials: accessTokenSeconds,
    AuthorizationCode: 60,
    IdToken: 1 * HOURS,
    Interaction: 1 * HOURS,
    RefreshToken: 14 * DAYS,
    Session: 14 * DAYS,
    Grant: 14 * DAYS,
  },
});

const features = ({ isResource, scopes, accessTokenSeconds }: ProviderSettings): Configuration['features'] => ({
  devInteractions: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  // Advertised, it would bind tokens to a key that the gateway does not ask to see proof of.
  dPoP: { enabled: false },
  clientCredentials: { enabled: true },
  revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
  registration: { enabled: true, issueRegistrationAccessToken: false },
  clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
  resourceIndicators: {
    enabled: true,
    // A token for a scope of the gateway but for no server would be one that no server takes; refusing it here says
    // why. A console's plain OpenID sign-in needs no resource and gets a token for userinfo only.
    defaultResource({ oidc }, _client, oneOf = []) {
      const [only, ...others] = oneOf;
      if (only !== undefined && others.length === 0) return only;
      const wanted = String(oidc.params?.scope ?? '').split(' ');
      if (wanted.includes('openid') && !scopes.some((scope) => wanted.includes(scope))) return [];
      throw new errors.InvalidTarget('name one resource: send the resource parameter of RFC 8707');
    },
    useGrantedResource: () => true,
    getResourceServerInfo(ctx, resource) {
      if (!isResource(resource)) throw new errors.InvalidTarget(`this is not a resource of ours: ${resource}`);
      applyDefaultScope(ctx, scopes);
      return {
        audience: resource,
        scope: scopes.join(' '),
        accessTokenTTL: accessTokenSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: SIGNING_ALGORITHM } },
      };
    },
  },
});

/** RFC 6749 section 3.3: a request without scope gets the default one; a server's 401 need not name a scope. */
function applyDefaultScope({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): void {
  const asksAnew = oidc.route === 'authorization' || oidc.params?.grant_type === 'client_credentials';
  if (asksAnew && oidc.params && oidc.params.scope === undefined) oidc.params.scope = scopes.join(' ');
}

const findAccount: FindAccount = (_ctx, sub) => {
  const person = findPerson(sub);
  return person && { accountId: sub, claims: () => ({ sub, ...personClaims(person) }) };
};

function extraTokenClaims({ oidc }: KoaContextWithOIDC, token: AccessToken | ClientCredentials) {
  const person = token.kind === 'AccessToken' ? findPerson(token.accountId) : undefined;
  if (person === undefined) return undefined;
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  return { ...personClaims(person), auth_time: source?.authTime, acr: source?.acr, amr: source?.amr };
}
