// Clients that know a URL and a person: our own sign-in, both SDKs in both eras, and the unmodified Inspector, against
// a protected MCP server that is not the gateway.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Idp, startIdp } from '../../local/idp/idp.ts';
import { SERVICE_CLIENT } from '../../local/idp/people.ts';
import { discover, resourceMetadataUrls, serverMetadataUrls } from '../../local/sign-in/discovery.ts';
import { HeadlessAuthProvider } from '../../local/sign-in/headless-auth-provider.ts';
import { runInspector } from '../../local/sign-in/inspector.ts';
import { connectSignedIn as connectV1 } from '../../local/sign-in/sdk-v1.ts';
import { connectSignedIn as connectV2 } from '../../local/sign-in/sdk-v2.ts';
import { signIn, signInService } from '../../local/sign-in/sign-in.ts';

let idp: Idp;
let server: Server;
let origin: string;
let serverUrl: string;
/** What clients asked for, in order. */
let asked: string[] = [];
/** Access tokens the server takes no more, as if they had expired. */
let spent: (string | undefined)[] = [];
/** Makes the stand-in forget things, one test at a time. */
let quirks: { bareChallenge?: boolean; rootMetadataOnly?: boolean; otherResource?: boolean } = {};

const METADATA = '/.well-known/oauth-protected-resource';

beforeAll(async () => {
  idp = await startIdp({ port: 0, dataDir: null, isResource: (url) => url === serverUrl });
  const verifier = JwtVerifier.create(
    { issuer: idp.issuer, audience: null, jwksUri: idp.jwksUri },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: async (uri) => (await fetch(uri)).arrayBuffer() } }) },
  );
  server = createServer(async (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const metadata = metadataFor(req.url ?? '');
    if (metadata !== null) return res.writeHead(metadata.status).end(metadata.body);
    const token = bearer(req);
    const claims = await verifier.verify(token, { audience: serverUrl }).catch(() => null);
    const sub = claims === null || spent.includes(token) ? null : String(claims.sub);
    if (sub !== null) return toNodeHandler(createMcpHandler(() => mcpServer(sub)))(req as NodeIncomingMessageLike, res);
    const parameters = quirks.bareChallenge ? '' : ` resource_metadata="${origin}${METADATA}/mcp/bank", scope="mcp"`;
    return res.writeHead(401, { 'www-authenticate': `Bearer${parameters}` }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  serverUrl = `${origin}/mcp/bank`;
});

beforeEach(() => {
  asked = [];
  spent = [];
  quirks = {};
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await idp.close();
});

const bearer = (req: IncomingMessage): string => req.headers.authorization?.replace(/^Bearer /, '') ?? '';

function metadataFor(url: string): { status: number; body: string } | null {
  if (!url.startsWith(METADATA)) return null;
  if (quirks.rootMetadataOnly && url !== METADATA) return { status: 404, body: '' };
  const resource = quirks.otherResource ? `${origin}/mcp` : serverUrl;
  return {
    status: 200,
    body: JSON.stringify({ resource, authorization_servers: [idp.issuer], scopes_supported: ['mcp'] }),
  };
}

function mcpServer(sub: string): McpServer {
  const mcp = new McpServer({ name: 'stand-in', version: '1.0.0' });
  mcp.registerTool('whoami', {}, () => ({ content: [{ type: 'text', text: sub }] }));
  return mcp;
}

const CLIENT = { name: 'test', version: '1.0.0' };
const WHOAMI = { name: 'whoami' };
const textOf = (result: object) => (result as { content: { text: string }[] }).content[0]?.text;

describe('discover', () => {
  it('follows the challenge to the metadata of the server and of its issuer', async () => {
    const found = await discover(serverUrl);
    expect(found.challenge).toMatchObject({ status: 401, scope: 'mcp' });
    expect(found.serverMetadataUrl).toBe(`${idp.issuer}/.well-known/oauth-authorization-server`);
    expect(asked).toEqual(['POST /mcp/bank', `GET ${METADATA}/mcp/bank`]);
  });

  it('looks below the path and then at the root when the challenge names no metadata', async () => {
    quirks = { bareChallenge: true, rootMetadataOnly: true };
    expect((await discover(serverUrl)).resourceMetadataUrl).toBe(`${origin}${METADATA}`);
    expect(asked).toEqual(['POST /mcp/bank', `GET ${METADATA}/mcp/bank`, `GET ${METADATA}`]);
  });

  it('refuses metadata that describes another resource', async () => {
    quirks = { otherResource: true };
    await expect(discover(serverUrl)).rejects.toMatchObject({ code: 'metadata_invalid' });
  });

  it('refuses a server that asks for no sign-in', async () => {
    await expect(discover(`${origin}${METADATA}`)).rejects.toMatchObject({ code: 'not_protected' });
  });
});

describe('resourceMetadataUrls and serverMetadataUrls', () => {
  it('look where MCP says, in its order', () => {
    expect(resourceMetadataUrls('https://a.example/v1/mcp', 'https://a.example/m')).toEqual(['https://a.example/m']);
    expect(resourceMetadataUrls('https://a.example/', null)).toEqual([`https://a.example${METADATA}`]);
    expect(serverMetadataUrls('https://a.example/tenant')).toEqual([
      'https://a.example/.well-known/oauth-authorization-server/tenant',
      'https://a.example/.well-known/openid-configuration/tenant',
      'https://a.example/tenant/.well-known/openid-configuration',
    ]);
  });
});

describe('signIn', () => {
  it('gets a token of the named person for that server', async () => {
    const tokens = await signIn({ serverUrl, person: 'paul' });
    expect(decodeJwt(tokens.accessToken)).toMatchObject({
      sub: 'paul',
      aud: serverUrl,
      client_id: tokens.clientId,
      groups: ['payments-approvers'],
    });
  });

  it('refuses a person the identity provider does not know', async () => {
    await expect(signIn({ serverUrl, person: 'mallory' })).rejects.toMatchObject({ code: 'page_not_understood' });
  });

  it('refreshes once and finds the spent refresh token refused, and with it the whole grant', async () => {
    const first = await signIn({ serverUrl, person: 'ana' });
    const second = await first.refresh();
    expect(decodeJwt(second.accessToken)).toMatchObject({ sub: 'ana', aud: serverUrl });
    await expect(first.refresh()).rejects.toMatchObject({ code: 'token_refused' });
    await expect(second.refresh()).rejects.toMatchObject({ code: 'token_refused' });
  });
});

describe('signInService', () => {
  it('gets a token of the service, with nothing about a person in it', async () => {
    const tokens = await signInService({ serverUrl, ...SERVICE_CLIENT, expectedIssuer: idp.issuer });
    const claims = decodeJwt(tokens.accessToken);
    expect(claims).toMatchObject({ sub: 'reconciliation-agent', client_id: 'reconciliation-agent', aud: serverUrl });
    expect(claims).not.toHaveProperty('preferred_username');
    expect(decodeJwt((await tokens.refresh()).accessToken).jti).not.toBe(claims.jti);
  });

  it('shows its secret to no other authorization server than the expected one', async () => {
    const elsewhere = signInService({ serverUrl, ...SERVICE_CLIENT, expectedIssuer: 'https://login.bank.example' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'metadata_invalid' });
  });

  it('refuses a wrong secret', async () => {
    const wrong = signInService({ serverUrl, ...SERVICE_CLIENT, clientSecret: 'guess' });
    await expect(wrong).rejects.toMatchObject({ code: 'token_refused' });
  });
});

describe('the SDK’s own client credentials', () => {
  it('sign the service in', async () => {
    const client = new Client(CLIENT);
    const authProvider = new ClientCredentialsProvider({ ...SERVICE_CLIENT, expectedIssuer: idp.issuer });
    await client.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider }));
    expect(textOf(await client.callTool(WHOAMI))).toBe('reconciliation-agent');
    await client.close();
  });
});

describe('connectSignedIn', () => {
  const eras = { legacy: 'legacy', auto: 'auto', modern: { pin: '2026-07-28' } } as const;

  it.each(Object.entries(eras))('connects an SDK v2 client from the URL alone, era %s', async (_era, mode) => {
    const client = new Client(CLIENT, { versionNegotiation: { mode } });
    const authProvider = new HeadlessAuthProvider({ person: 'petra' });
    await connectV2({ client, serverUrl, authProvider });
    expect(textOf(await client.callTool(WHOAMI))).toBe('petra');
    spent.push(authProvider.tokens()?.access_token);
    expect(textOf(await client.callTool(WHOAMI))).toBe('petra');
    expect(authProvider.signIns).toBe(1);
    await client.close();
  });

  it('connects an SDK v1 client from the URL alone', async () => {
    const client = new ClientV1(CLIENT);
    const authProvider = new HeadlessAuthProvider({ person: 'erin' });
    await connectV1({ client, serverUrl, authProvider });
    expect(textOf(await client.callTool(WHOAMI))).toBe('erin');
    spent.push(authProvider.tokens()?.access_token);
    expect(textOf(await client.callTool(WHOAMI))).toBe('erin');
    expect(authProvider.signIns).toBe(1);
    await client.close();
  });

  it('does not hand on an answer to another request', async () => {
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    const stale = authProvider.state();
    const fresh = authProvider.state.bind(authProvider);
    authProvider.state = () => {
      fresh();
      return stale;
    };
    const connecting = connectV2({ client: new Client(CLIENT), serverUrl, authProvider });
    await expect(connecting).rejects.toMatchObject({ code: 'authorization_refused' });
  });

  it('connects again without another sign-in', async () => {
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    for (const client of [new Client(CLIENT), new Client(CLIENT)]) {
      await connectV2({ client, serverUrl, authProvider });
      await client.close();
    }
    expect(authProvider.signIns).toBe(1);
  });
});

describe('runInspector', () => {
  it.each(['legacy', 'modern'])('signs the unmodified Inspector in, era %s', async (era) => {
    const args = ['--method', 'tools/call', '--tool-name', 'whoami', '--protocol-era', era, '--format', 'json'];
    const run = await runInspector({ serverUrl, person: 'amir', args });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toContain('"amir"');
  });

  it('passes on what the Inspector says of a sign-in that failed', async () => {
    const run = runInspector({ serverUrl, person: 'mallory', args: ['--method', 'tools/list'] });
    await expect(run).rejects.toMatchObject({ code: 'page_not_understood' });
  });
});
