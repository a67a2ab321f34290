// A held call as a task of the extension io.modelcontextprotocol/tasks (SEP-2663, MCP 2026-07-28): the client gets a handle
// at once and asks for the result when people have decided; the worker makes the call. Pure.
//
//     pending, approved ──> working          denied, expired ──> completed, with a tool result that says so
//     withdrawn ──────────> cancelled        used ───────────> completed or failed, with the server's own answer

import { asAnswer, parseUpstreamMessage } from '../mcp/answer.ts';
import { isObject, type JsonObject } from '../mcp/json.ts';
import { applyEdits, memberSpans, rootStart, type Span, textAt } from '../mcp/json-spans.ts';
import type { RequestId } from '../mcp/message.ts';
import { EventSplitter, eventData } from '../mcp/sse.ts';
import { toTimestamp } from '../time.ts';
import { endedText, toolResult } from './answers.ts';
import type { Approval } from './approval.ts';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
const CAPABILITIES_META = 'io.modelcontextprotocol/clientCapabilities';
/** Tells our tasks from those that a server makes by itself. */
const PREFIX = 'countersign-';
const POLL_MS = 5000;
/** How long an answer can be fetched after the call was made. */
export const RESULT_TTL_SECONDS = 24 * 3600;

const TASK_METHODS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel']);

/** What the client of this very request says it can do (MCP 2026-07-28, basic/index, "_meta"). */
export const clientCapabilities = (params: JsonObject): JsonObject => {
  const meta = params['_meta'];
  const capabilities = isObject(meta) ? meta[CAPABILITIES_META] : undefined;
  return isObject(capabilities) ? capabilities : {};
};

/** Whether the client of this very request can take a task in the place of a result. */
export const takesTasks = (params: JsonObject): boolean => {
  const { extensions } = clientCapabilities(params);
  return isObject(extensions) && isObject(extensions[TASKS_EXTENSION]);
};

const taskIdOf = (approvalId: string): string => `${PREFIX}${approvalId}`;

/** The request of which a `tasks/*` asks; `undefined` when it is not about a task of ours. */
export const askedTask = (method: string, params: JsonObject): string | undefined => {
  const { taskId } = params;
  if (!TASK_METHODS.has(method) || typeof taskId !== 'string' || !taskId.startsWith(PREFIX)) return undefined;
  return taskId.slice(PREFIX.length);
};

/** How the run of an approved call ended; `null` while it has not. */
export type RunEnd =
  /** The JSON-RPC response, byte for byte. */
  | { readonly kind: 'answered'; readonly text: string; readonly at: number }
  /** The worker began and did not finish: nobody here knows whether the server ran the call. */
  | { readonly kind: 'interrupted'; readonly at: number };

export interface TaskState {
  readonly approval: Approval;
  /** Whether the worker has begun. */
  readonly begun: boolean;
  readonly end: RunEnd | null;
}

const response = (id: RequestId, members: readonly string[]): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members.join(',')}}}`;

const member = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

const lastChange = ({ requestedAt, approvals, ending }: Approval, end: RunEnd | null): number =>
  Math.max(requestedAt, ...approvals.map(({ at }) => at), ending?.at ?? 0, end?.at ?? 0);

const ttlMs = ({ terms }: Approval): number =>
  (terms.expiresSeconds + (terms.windowSeconds ?? terms.expiresSeconds) + RESULT_TTL_SECONDS) * 1000;

const base = (approval: Approval, status: string, end: RunEnd | null): readonly string[] => [
  member('taskId', taskIdOf(approval.id)),
  member('status', status),
  member('createdAt', toTimestamp(approval.requestedAt)),
  member('lastUpdatedAt', toTimestamp(lastChange(approval, end))),
  member('ttlMs', ttlMs(approval)),
  member('pollIntervalMs', POLL_MS),
];

/** `CreateTaskResult`: the handle in the place of the tool's result. */
export const createdTask = (id: RequestId, approval: Approval, message: string): string =>
  response(id, [member('resultType', 'task'), ...base(approval, 'working', null), member('statusMessage', message)]);

/** `GetTaskResult`. The server's own result stands in it byte for byte. */
export const taskResult = (id: RequestId, state: TaskState, waiting: string): string => {
  const { approval, end } = state;
  const { status, members } = describe(state, waiting);
  return response(id, [member('resultType', 'complete'), ...base(approval, status, end), ...members]);
};

interface Described {
  readonly status: 'working' | 'completed' | 'failed' | 'cancelled';
  readonly members: readonly string[];
}

const describe = ({ approval, begun, end }: TaskState, waiting: string): Described => {
  if (end !== null) return describeEnd(approval, end);
  switch (approval.state) {
    case 'pending':
      return { status: 'working', members: [member('statusMessage', waiting)] };
    case 'approved':
      return { status: 'working', members: [member('statusMessage', 'Approved; the call is being made')] };
    case 'withdrawn':
      return { status: 'cancelled', members: [member('statusMessage', endedText(approval))] };
    case 'used':
      // The worker has used it and not ended; or an identical call of the same client was faster.
      return begun
        ? { status: 'working', members: [member('statusMessage', 'Approved; the call is being made')] }
        : completed(endedText(approval));
    case 'denied':
    case 'expired':
      return completed(endedText(approval));
  }
};

const completed = (text: string): Described => ({
  status: 'completed',
  members: [member('result', toolResult('modern', text))],
});

const INTERRUPTED = -31507;

const describeEnd = (approval: Approval, end: RunEnd): Described => {
  if (end.kind === 'interrupted') {
    const ran =
      approval.uses === 0
        ? 'It did not run.'
        : 'It is not known whether the server ran it: ask there before you try again.';
    const message = `The approved call was interrupted. ${ran} Reference: ${approval.id}.`;
    return { status: 'failed', members: [member('error', { code: INTERRUPTED, message })] };
  }
  const members = memberSpans(end.text, rootStart(end.text));
  const found = members.find(({ name }) => name === 'result' || name === 'error');
  if (found === undefined) throw new TypeError('The stored answer of a task is no JSON-RPC response');
  const value = textAt(end.text, found.value);
  return found.name === 'result'
    ? { status: 'completed', members: [`"result":${value}`] }
    : { status: 'failed', members: [`"error":${value}`] };
};

/** The empty acknowledgement of `tasks/cancel`. */
export const acknowledged = (id: RequestId): string => response(id, [member('resultType', 'complete')]);

/** The request as the worker sends it: nobody is there who could answer what the server might ask of a client. */
export const withoutCapabilities = (body: string): string => {
  const params = memberSpan(body, rootStart(body), 'params');
  const meta = params === undefined ? undefined : memberSpan(body, params.start, '_meta');
  const span = meta === undefined ? undefined : memberSpan(body, meta.start, CAPABILITIES_META);
  return span === undefined ? body : applyEdits(body, [{ span, text: '{}' }]);
};

const memberSpan = (text: string, start: number, name: string): Span | undefined =>
  memberSpans(text, start).find((found) => found.name === name)?.value;

/** The JSON-RPC response in a whole reply, JSON or events; `undefined` when it holds none. */
export const answerIn = (contentType: string, whole: string): string | undefined => {
  const texts = contentType.startsWith('text/event-stream') ? dataOf(whole) : [whole];
  return texts.findLast((text) => {
    const message = parseUpstreamMessage(text);
    return message !== undefined && asAnswer(message) !== undefined;
  });
};

const dataOf = (whole: string): readonly string[] => {
  const bytes = Buffer.from(whole, 'utf8');
  const splitter = new EventSplitter(bytes.length);
  const split = splitter.push(bytes);
  const events = 'tooLong' in split ? [] : split.events;
  const last = splitter.end();
  return [...events, ...(last === undefined ? [] : [last])].flatMap((event) => eventData(event) ?? []);
};
