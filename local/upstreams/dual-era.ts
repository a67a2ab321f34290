/**
 * One `/mcp` endpoint that serves an SDK v2 server to both protocol eras:
 * 2026-07-28 without state, 2024-11-05 … 2025-11-25 with `initialize` and sessions.
 */
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  InMemoryServerEventBus,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpServer,
  originValidationResponse,
  type ServerEventBus,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { makeEventLog } from './event-log.ts';
import { type LegacySessions, makeLegacySessions } from './legacy-sessions.ts';
import { type Listener, listen } from './listener.ts';

type Era = 'legacy' | 'modern';

export interface DualEraOptions {
  readonly port: number;
  /** Builds the server of one modern request or one legacy session. */
  readonly build: (era: Era) => McpServer;
  /**
   * Sees every request first; a response it returns is the answer.
   * @default every request is admitted
   */
  readonly admit?: (request: Request) => Promise<Response | undefined>;
  /**
   * Where the server publishes changes for `subscriptions/listen`.
   * @default a bus nobody publishes on
   */
  readonly bus?: ServerEventBus;
}

/** How long a client of a closed stream waits before it asks again. Short: tests wait for it. */
const RETRY_MS = 50;

/** Starts the endpoint on 127.0.0.1; port 0 picks a free one. */
export async function startDualEra(options: DualEraOptions): Promise<Listener> {
  const modern = createMcpHandler(() => options.build('modern'), {
    legacy: 'reject',
    bus: options.bus ?? new InMemoryServerEventBus(),
  });
  const legacy = makeSessionsOf(() => options.build('legacy'));

  const listener = await listen(async (request) => {
    const refusal = refuseForeign(request) ?? (await options.admit?.(request));
    if (refusal) return refusal;
    return (await isLegacyRequest(request)) ? legacy.handle(request) : modern.fetch(request);
  }, options.port);

  return {
    ...listener,
    close: async () => {
      await Promise.all([legacy.close(), modern.close()]);
      await listener.close();
    },
  };
}

/** DNS rebinding: a page on another origin must not reach a server on loopback through the user's browser. */
function refuseForeign(request: Request): Response | undefined {
  if (new URL(request.url).pathname !== '/mcp') return new Response(null, { status: 404 });
  return (
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
    originValidationResponse(request, localhostAllowedOrigins())
  );
}

function makeSessionsOf(build: () => McpServer): LegacySessions {
  return makeLegacySessions(async (hooks) => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      ...hooks,
      eventStore: makeEventLog(),
      retryInterval: RETRY_MS,
    });
    await build().connect(transport);
    return transport;
  });
}
