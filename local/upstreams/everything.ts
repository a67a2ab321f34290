/**
 * The reference "everything" server (SDK v1, 2025-11-25 and older) over streamable HTTP on loopback.
 * Its own entry point listens on every interface, so only its server factory is used.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { createServer } from '@modelcontextprotocol/server-everything/dist/server/index.js';
import { makeLegacySessions, type SessionHooks } from './legacy-sessions.ts';
import { type Listener, listen } from './listener.ts';

/** Starts server-everything on 127.0.0.1; port 0 picks a free one. */
export async function startEverything(options: { readonly port: number }): Promise<Listener> {
  const sessions = makeLegacySessions(open);
  const listener = await listen(sessions.handle, options.port);
  return {
    ...listener,
    close: async () => {
      await sessions.close();
      await listener.close();
    },
  };
}

async function open(hooks: SessionHooks): Promise<WebStandardStreamableHTTPServerTransport> {
  const { server, cleanup } = createServer();
  const transport = new WebStandardStreamableHTTPServerTransport(hooks);
  // Its simulated log lines and resource updates run on timers until told to stop.
  server.server.onclose = () => cleanup(transport.sessionId);
  await server.connect(transport);
  return transport;
}
