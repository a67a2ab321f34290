// The development sign-in as a browser sees it: what it says, what it forbids, and who may press its buttons.
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Idp, startIdp } from '../../local/idp/idp.ts';

const RESOURCE = 'http://127.0.0.1:9/mcp/core-banking';
const EDITOR = 'https://editor.example/client.json';
const REDIRECT = 'http://127.0.0.1:8123/callback';
const VERIFIER = 'a-code-verifier-of-at-least-forty-three-characters';

let idp: Idp;
let clientId: string;

beforeAll(async () => {
  // Stands for the web server of the client whose id is its address.
  const metadata = {
    client_id: EDITOR,
    client_name: 'Editor',
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
  };
  const metadataFetch = () => Promise.resolve(Response.json(metadata));
  idp = await startIdp({ port: 0, dataDir: null, isResource: (url) => url === RESOURCE, fetch: metadataFetch });
  const client = {
    client_name: '<script>alert(1)</script>',
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
  };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${idp.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(client) });
  clientId = ((await response.json()) as { client_id: string }).client_id;
});
afterAll(() => idp.close());

/** A browser at the first page of a sign-in. Cookies are kept whatever their path; the server knows which it set. */
function open(client = clientId) {
  const cookies = new Map<string, string>();
  const load = async (url: string, form?: Record<string, string>): Promise<{ url: string; response: Response }> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null || location.startsWith(REDIRECT)) return { url, response };
    return load(new URL(location, url).href);
  };
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: REDIRECT,
    scope: 'mcp',
    resource: RESOURCE,
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { load, start: () => load(`${idp.issuer}/authorize?${query}`) };
}

describe('the sign-in page', () => {
  it('lists the people and says that it is for development', async () => {
    const page = await (await open().start()).response.text();
    for (const name of ['Ana Silva', 'Paul Meyer', 'Petra Novak', 'Amir Haddad', 'Erin Walsh'])
      expect(page).toContain(name);
    expect(page).toContain('Development sign-in');
  });

  it('runs no script, its own or a client’s', async () => {
    const { response } = await open().start();
    const policy = response.headers.get('content-security-policy');
    expect(policy).toMatch(
      /default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127\.0\.0\.1:8123;/,
    );
    const page = await response.text();
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
  });
});

describe('the confirmation', () => {
  it('names the client, where it sends the person, the server and the scope', async () => {
    const browser = open();
    const { url } = await browser.start();
    const page = await (await browser.load(url, { person: 'ana' })).response.text();
    expect(page).toContain('Allow access?');
    for (const fact of ['&lt;script&gt;', '127.0.0.1:8123', RESOURCE, 'mcp', 'Ana Silva']) expect(page).toContain(fact);
  });

  it('is asked for again by the same client in the same browser', async () => {
    const browser = open();
    const { url } = await browser.start();
    const confirm = await browser.load(url, { person: 'ana' });
    const { response } = await browser.load(confirm.url, { action: 'allow' });
    expect(response.headers.get('location')).toContain('code=');
    expect(await (await browser.start()).response.text()).toContain('Allow access?');
  });

  it('can be handed to another person, who then confirms for themselves', async () => {
    const browser = open();
    const { url } = await browser.start();
    const forAna = await browser.load(url, { person: 'ana' });
    const forPaul = await browser.load(forAna.url, { person: 'paul' });
    expect(await forPaul.response.text()).toContain('Paul Meyer</strong>');
    const { response } = await browser.load(forPaul.url, { action: 'allow' });
    const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const grant = { grant_type: 'authorization_code', code, client_id: clientId, redirect_uri: REDIRECT };
    const body = new URLSearchParams({ ...grant, code_verifier: VERIFIER });
    const tokens = await (await fetch(`${idp.issuer}/token`, { method: 'POST', body })).json();
    expect(decodeJwt((tokens as { access_token: string }).access_token)).toMatchObject({ sub: 'paul', aud: RESOURCE });
  });

  it('can be declined', async () => {
    const browser = open();
    const { url } = await browser.start();
    const { response } = await browser.load(url, { action: 'cancel' });
    expect(response.headers.get('location')).toContain('error=access_denied');
  });

  it('cannot be skipped by pressing its button before anybody has signed in', async () => {
    const browser = open();
    const { url } = await browser.start();
    expect((await browser.load(url, { action: 'allow' })).response.status).toBe(400);
  });

  it('is void once the same browser has begun another sign-in', async () => {
    const browser = open();
    const first = await browser.start();
    const second = await browser.start();
    expect((await browser.load(first.url, { person: 'ana' })).response.status).toBe(400);
    expect((await browser.load(second.url, { person: 'ana' })).response.status).toBe(200);
  });

  it('belongs to the browser that began', async () => {
    const { url } = await open().start();
    expect((await open().load(url, { person: 'ana' })).response.status).toBe(400);
  });
});

describe('a client id metadata document', () => {
  it('makes the client known by the address of the document', async () => {
    const browser = open(EDITOR);
    const { url } = await browser.start();
    const confirm = await browser.load(url, { person: 'ana' });
    const page = await confirm.response.text();
    expect(page).toContain(EDITOR);
    expect(page).not.toContain('nobody has checked');
    const { response } = await browser.load(confirm.url, { action: 'allow' });
    expect(response.headers.get('location')).toContain('code=');
  });

  it('is refused at any other address', async () => {
    const { response } = await open('https://evil.example/client.json').start();
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Sign-in stopped');
  });
});

describe('registration', () => {
  it('is open to a page of another origin, as browser-based clients need', async () => {
    const preflight = await fetch(`${idp.issuer}/register`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the Host header', () => {
  const statusFor = (host: string) =>
    new Promise((resolve) => {
      request(idp.jwksUri, { headers: { host } }, (response) => resolve(response.resume().statusCode)).end();
    });

  it('is refused when it is not ours, as after DNS rebinding', async () => {
    expect(await statusFor('evil.example')).toBe(421);
    expect(await statusFor(new URL(idp.issuer).host)).toBe(200);
  });
});
