import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeTokenCache, startShim } from './shim.ts';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('startShim', () => {
  it('adds its token and keeps method, path, Host, Origin and header casing', async () => {
    const seen: IncomingMessage[] = [];
    const url = await shimTo((incoming, outgoing) => {
      seen.push(incoming);
      outgoing.end('ok');
    });
    await send(url, {
      Host: 'bank.example',
      Origin: 'http://bank.example',
      'Mcp-NAME': 'x',
      Authorization: 'Bearer own',
    });
    const [arrived] = seen;
    expect(arrived?.method).toBe('PUT');
    expect(arrived?.url).toBe('/a/mcp?b=c');
    expect(arrived?.headersDistinct['authorization']).toEqual(['Bearer from-callback']);
    expect(arrived?.rawHeaders).toEqual(expect.arrayContaining(['bank.example', 'http://bank.example', 'Mcp-NAME']));
  });

  it('passes on the first part of a stream before there is a second', async () => {
    let parts = 0;
    const url = await shimTo((_, outgoing) => {
      outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' });
      outgoing.write('data: 1\n\n');
      parts += 1;
    });
    const reader = (await fetch(url)).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n');
    expect(parts).toBe(1);
    await reader.cancel();
  });

  it('hangs up on the server when the client hangs up', async () => {
    const hungUp = Promise.withResolvers<void>();
    const url = await shimTo((_, outgoing) => {
      outgoing.on('close', hungUp.resolve);
      outgoing.writeHead(200);
      outgoing.write('first');
    });
    const gone = new AbortController();
    await fetch(url, { signal: gone.signal });
    gone.abort();
    await expect(hungUp.promise).resolves.toBeUndefined();
  });

  it('hangs up on the client when the server hangs up', async () => {
    const url = await shimTo((_, outgoing) => {
      outgoing.writeHead(200);
      outgoing.write('first', () => outgoing.destroy());
    });
    const answer = await fetch(url);
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('makeTokenCache', () => {
  const jwt = (exp: number) => `h.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;

  it('keeps a token until a minute before it expires', async () => {
    let now = 0;
    let fetched = 0;
    const token = makeTokenCache(
      () => {
        fetched += 1;
        return Promise.resolve(jwt(300));
      },
      () => now,
    );
    await token();
    now = 239_000;
    await token();
    expect(fetched).toBe(1);
    now = 241_000;
    await token();
    expect(fetched).toBe(2);
  });

  it('asks again after a failed fetch', async () => {
    const answers = [Promise.reject(new Error('sign-in is down')), Promise.resolve(jwt(300))];
    const token = makeTokenCache(
      () => answers.shift()!,
      () => 0,
    );
    await expect(token()).rejects.toThrow('sign-in is down');
    await expect(token()).resolves.toBe(jwt(300));
  });
});

async function shimTo(handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/mcp?b=c`;
  const shim = await startShim({ target, token: () => Promise.resolve('from-callback') });
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    shim.close,
  );
  return shim.url;
}

/** `fetch` would not let a test choose Host. */
function send(url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'PUT', headers }, (answer) => answer.resume().on('end', resolve))
      .on('error', reject)
      .end('body');
  });
}
