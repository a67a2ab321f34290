// Makes the call of an approved request for a client that took a task: the very call that the client would make again, by
// the same column of steps, with the same entries. The approval machine invokes it, perhaps more than once; a run begins
// once, and what began and did not end is never tried again.
//
//     begin the run                       dies here: the task says that it was interrupted and did not run
//     the column: use, intent, upstream   dies here: the task says that nobody knows
//     end the run                         the answer, sealed, for whoever asks for the task

import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { StoredEnd } from '../adapters/dynamo-runs.ts';
import { heldKey, openHeld, readHeldRequest } from '../core/approvals/held-call.ts';
import { answerIn, RESULT_TTL_SECONDS, withoutCapabilities } from '../core/approvals/tasks.ts';
import type { McpRequest } from '../core/mcp/http.ts';
import type { Reply } from '../mcp/exchange.ts';
import type { McpPorts } from '../mcp/ports.ts';
import { slowly } from '../mcp/slowly.ts';

export interface WorkerTask {
  /** Id of the approved request. */
  readonly approval: string;
}

type WorkerPorts = Pick<McpPorts, 'approvals' | 'runs' | 'heldKeys' | 'seal' | 'clock' | 'diagnostics'>;

export const makeWorker =
  (ports: WorkerPorts, mcp: (request: McpRequest) => Promise<Reply>) =>
  async ({ approval: id }: WorkerTask, deadlineAt: number): Promise<void> => {
    const found = await ports.approvals.find(id);
    if (found === undefined || found.approval.runs !== 'worker') throw new Error(`No call of ${id} is for the worker`);
    if (!(await ports.runs.begin(id, ports.clock.now()))) return end(ports, id, interrupted(ports));
    const dataKey = await ports.heldKeys.unwrap(id, 'call', found.held.wrapped);
    const { tool: _shown, ...held } = readHeldRequest(openHeld(found.held, dataKey));
    const reply = await mcp({
      httpMethod: 'POST',
      server: found.approval.binding.server,
      ...held,
      body: withoutCapabilities(held.body),
      requestId: null,
      run: id,
      receivedAt: ports.clock.now(),
      deadlineAt,
    });
    await end(ports, id, await answered(ports, id, reply));
  };

const interrupted = ({ clock }: WorkerPorts): StoredEnd => ({ kind: 'interrupted', at: clock.now() });

const end = ({ runs, clock }: WorkerPorts, id: string, how: StoredEnd): Promise<void> =>
  runs.end(id, how, Math.floor(clock.now() / 1000) + RESULT_TTL_SECONDS);

const answered = async (ports: WorkerPorts, id: string, { headers, body }: Reply): Promise<StoredEnd> => {
  const whole = typeof body === 'string' ? body : await text(body);
  // The outcome of a stream is written as it closes.
  if (typeof body !== 'string') await finished(body).catch(() => undefined);
  const answer = answerIn(headers['content-type'] ?? '', whole);
  if (answer === undefined) return interrupted(ports);
  const { plaintext, wrapped } = await ports.heldKeys.generate(id, 'answer');
  const { jwe } = await slowly(ports.seal(heldKey(wrapped, plaintext), Buffer.from(answer, 'utf8')));
  return { kind: 'answered', sealed: { jwe, wrapped }, at: ports.clock.now() };
};
