// What a tool is, asked of its server at the moment when people are asked to agree to it, and again when it is used: what
// they agree to is not only a name. The gateway asks as itself; the request carries nothing of the client's.

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { definitionDigest } from '../core/approvals/exact-call.ts';
import { answerIn } from '../core/approvals/tasks.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import { parseUpstreamMessage } from '../core/mcp/answer.ts';
import { isObject, type JsonObject } from '../core/mcp/json.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Session } from '../core/sessions/session.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import { upstreamRequestHeaders } from '../core/upstreams/headers.ts';
import { type ForwardPorts, send } from './forward.ts';
import { BodyFailure, readWhole } from './read-body.ts';

export interface ToolDefinition {
  /** `sha256:` of it; `null` when the server lists no such tool. */
  readonly digest: string | null;
  /** The tool as listed. */
  readonly tool: JsonObject | null;
}

const TIMEOUT_MS = 10_000;
const MAX_PAGES = 50;
const VERSION_META = 'io.modelcontextprotocol/protocolVersion';

export const toolDefinition = async (
  ports: ForwardPorts,
  admitted: Admitted,
  session: Session,
): Promise<Result<ToolDefinition, UpstreamFailure>> => {
  const { name } = admitted.call.resource;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let cursor: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const listed = await listTools(ports, admitted, session, { signal, cursor });
    if (!listed.ok) return listed;
    const { tools, nextCursor } = listed.value;
    const tool = Array.isArray(tools) ? tools.find((one) => isObject(one) && one['name'] === name) : undefined;
    if (isObject(tool)) return ok({ digest: definitionDigest(tool), tool });
    if (typeof nextCursor !== 'string') return ok({ digest: null, tool: null });
    cursor = nextCursor;
  }
  return err({ reason: 'garbage', detail: `more than ${MAX_PAGES} pages of tools` });
};

const listTools = async (
  ports: ForwardPorts,
  admitted: Admitted,
  session: Session,
  { signal, cursor }: { readonly signal: AbortSignal; readonly cursor: string | undefined },
): Promise<Result<JsonObject, UpstreamFailure>> => {
  const { classification, request, server } = admitted;
  const { era, protocolVersion } = classification;
  const params = {
    ...(cursor === undefined ? {} : { cursor }),
    ...(era === 'modern'
      ? { _meta: { [VERSION_META]: protocolVersion, 'io.modelcontextprotocol/clientCapabilities': {} } }
      : {}),
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: randomUUID(), method: 'tools/list', params });
  const own = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const version = request.headers['mcp-protocol-version'];
  const headers = { ...own, 'mcp-protocol-version': version, 'mcp-method': 'tools/list' };
  const sent = await send(ports, admitted, signal, {
    url: server.url,
    method: 'POST',
    headers: upstreamRequestHeaders(headers, era, session.upstreamSession),
    body,
  });
  if (!sent.ok) return sent;
  const { response, kind } = sent.value;
  if (kind.kind === 'failure') return err(kind.failure);
  try {
    const whole = await readWhole(response.body ?? Readable.from([]), signal, server.limits);
    const answer = answerIn(response.headers['content-type'] ?? '', whole.toString('utf8'));
    const result = answer === undefined ? undefined : parseUpstreamMessage(answer)?.['result'];
    return isObject(result) ? ok(result) : err({ reason: 'garbage', detail: 'no list of tools' });
  } catch (cause) {
    if (cause instanceof BodyFailure) return err(cause.failure);
    throw cause;
  } finally {
    response.cancel();
  }
};
