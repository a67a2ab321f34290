import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { startEverything } from '../../local/upstreams/everything.ts';

describe('startEverything', () => {
  it('serves the reference server on loopback only', async () => {
    const everything = await startEverything({ port: 0 });
    expect(new URL(everything.url).hostname).toBe('127.0.0.1');
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(everything.url));
    await client.connect(transport as Parameters<Client['connect']>[0]);
    const result = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: hello' }]);
    await client.close();
    await everything.close();
  });
});
