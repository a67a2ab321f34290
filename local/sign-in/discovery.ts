// From the URL of an MCP server to its authorization server, by public discovery alone (MCP authorization, RFC 9728 and
// RFC 8414), as strict as the specifications ask clients to be.
import * as z from 'zod';
import { SignInError } from './sign-in-error.ts';

const resourceMetadataSchema = z.looseObject({
  resource: z.string(),
  authorization_servers: z.tuple([z.string()], z.string()),
  scopes_supported: z.array(z.string()).optional(),
});
const serverMetadataSchema = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});

type ResourceMetadata = z.infer<typeof resourceMetadataSchema>;
export type ServerMetadata = z.infer<typeof serverMetadataSchema>;

interface Challenge {
  readonly status: number;
  /** `resource_metadata`, `scope` and `error` of a Bearer challenge. */
  readonly resourceMetadataUrl: string | null;
  readonly scope: string | null;
  readonly error: string | null;
}

export interface Discovery {
  readonly challenge: Challenge;
  readonly resourceMetadataUrl: string;
  readonly resourceMetadata: ResourceMetadata;
  readonly serverMetadataUrl: string;
  readonly serverMetadata: ServerMetadata;
  /** What to ask for: the challenge's scope, else the metadata's, else nothing. */
  readonly scope: string | null;
}

/** Finds out where and how to sign in to an MCP server. */
export async function discover(serverUrl: string): Promise<Discovery> {
  const challenge = await provokeChallenge(serverUrl);
  const resource = await firstDocument(
    resourceMetadataUrls(serverUrl, challenge.resourceMetadataUrl),
    resourceMetadataSchema,
  );
  // RFC 9728 section 3.3: metadata that speaks of another resource must not be used.
  if (resource.document.resource !== serverUrl) {
    throw invalid(`${resource.url} describes ${resource.document.resource}, not ${serverUrl}`);
  }
  const issuer = resource.document.authorization_servers[0];
  const server = await firstDocument(serverMetadataUrls(issuer), serverMetadataSchema);
  if (server.document.issuer !== issuer) throw invalid(`${server.url} is of ${server.document.issuer}, not ${issuer}`);
  if (!server.document.code_challenge_methods_supported?.includes('S256')) {
    throw invalid(`${server.url} does not offer PKCE with S256, which MCP requires`);
  }
  return {
    challenge,
    resourceMetadataUrl: resource.url,
    resourceMetadata: resource.document,
    serverMetadataUrl: server.url,
    serverMetadata: server.document,
    scope: challenge.scope ?? resource.document.scopes_supported?.join(' ') ?? null,
  };
}

/** Where RFC 9728 metadata may be, in the order MCP gives: the challenge, else below the path, else at the root. */
export function resourceMetadataUrls(serverUrl: string, named: string | null): string[] {
  if (named !== null) return [named];
  const { origin, pathname } = new URL(serverUrl);
  const root = `${origin}/.well-known/oauth-protected-resource`;
  return pathname === '/' ? [root] : [root + pathname.replace(/\/$/, ''), root];
}

/** Where an issuer's metadata may be, in the order MCP gives: RFC 8414, then OpenID with the path inserted, then appended. */
export function serverMetadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

async function provokeChallenge(serverUrl: string): Promise<Challenge> {
  const response = await fetch(serverUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  await response.body?.cancel();
  if (response.status !== 401) {
    throw new SignInError('not_protected', `${serverUrl} answered ${response.status} without a token; expected 401`);
  }
  const header = response.headers.get('www-authenticate') ?? '';
  const parameter = (name: string) => new RegExp(`[ ,]${name}="([^"]*)"`).exec(header)?.[1] ?? null;
  return {
    status: response.status,
    resourceMetadataUrl: parameter('resource_metadata'),
    scope: parameter('scope'),
    error: parameter('error'),
  };
}

async function firstDocument<T>(urls: readonly string[], schema: z.ZodType<T>): Promise<{ url: string; document: T }> {
  for (const url of urls) {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (response.ok) {
      const parsed = schema.safeParse(await response.json());
      if (!parsed.success) throw invalid(`${url}: ${z.prettifyError(parsed.error)}`);
      return { url, document: parsed.data };
    }
    await response.body?.cancel();
  }
  throw new SignInError('metadata_not_found', `no metadata at ${urls.join(' or ')}`);
}

const invalid = (message: string): SignInError => new SignInError('metadata_invalid', message);
