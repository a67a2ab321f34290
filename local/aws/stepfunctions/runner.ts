// Runs executions with aws-local-stepfunctions: the state machine of the deployment, its Lambda tasks called in this
// process. A run can be repeated after the process died: steps that ended give their recorded result, waits until a
// timestamp that has passed take no time, and a task that waits for its token goes on waiting under the same token.
//
// Two limits, both checked when a machine is created: one task at most waits for a token, since the library takes one
// context per execution; and Lambda is the only service a task may call.

import { StateMachine } from 'aws-local-stepfunctions';
import type { Execution, ExecutionStore, StepResult } from './store.ts';

/** A deployed function, by name. */
export type LocalFunctions = ReadonlyMap<string, (payload: unknown) => Promise<unknown>>;

const INVOKE = 'arn:aws:states:::lambda:invoke';
const WAIT_FOR_TOKEN = `${INVOKE}.waitForTaskToken`;

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Branches?: readonly Definition[];
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Every task state, those in branches included. */
const tasksOf = ({ States }: Definition): readonly (readonly [string, string])[] =>
  Object.entries(States).flatMap(([name, { Type, Resource = '', Branches = [] }]) => [
    ...(Type === 'Task' ? ([[name, Resource]] as const) : []),
    ...Branches.flatMap(tasksOf),
  ]);

const toMachine = (definition: Definition): StateMachine =>
  new StateMachine(definition as unknown as ConstructorParameters<typeof StateMachine>[0]);

/** What is wrong with a definition, or beyond the runner; `undefined` when it can run it. */
export const faultOf = (definition: Definition): string | undefined => {
  try {
    toMachine(definition);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  const tasks = tasksOf(definition);
  const other = tasks.find(([, resource]) => resource !== INVOKE && resource !== WAIT_FOR_TOKEN);
  if (other !== undefined) return `${other[0]} calls ${other[1]}; the loopback runs lambda:invoke only`;
  const waiting = tasks.filter(([, resource]) => resource === WAIT_FOR_TOKEN);
  return waiting.length > 1 ? 'The loopback runs one task with a token per execution' : undefined;
};

class TaskFailure extends Error {
  constructor({ error, cause }: { readonly error: string; readonly cause: string }) {
    super(cause);
    // Retry and Catch of the state machine compare the name.
    this.name = error;
  }
}

interface Running {
  abort: () => void;
  /** Hands the callback to the task that waits for it in this process. */
  answer: ((result: StepResult) => void) | null;
}

export class Runner {
  readonly #store: ExecutionStore;
  readonly #functions: LocalFunctions;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();

  constructor(store: ExecutionStore, functions: LocalFunctions, now: () => number) {
    this.#store = store;
    this.#functions = functions;
    this.#now = now;
  }

  /** Runs an execution, from its beginning, in the background. */
  run(execution: Execution, definition: Definition): void {
    if (this.#running.has(execution.arn)) return;
    const tries = new Map<string, number>();
    const handlers = tasksOf(definition).map(([state, resource]) => [
      state,
      (input: unknown) => this.#step(execution, state, resource, tries, input),
    ]);
    const running: Running = { abort: () => undefined, answer: null };
    this.#running.set(execution.arn, running);
    const { abort, result } = toMachine(definition).run(JSON.parse(execution.input), {
      overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
      context: { Task: { Token: execution.token } } as never,
    });
    running.abort = abort;
    result.then(
      (output: unknown) => this.#end(execution, { output }),
      // The library wraps what the machine failed with.
      (cause: unknown) => this.#end(execution, failureOf(cause instanceof Error ? (cause.cause ?? cause) : cause)),
    );
  }

  /** The callback of a waiting task; `false` when nobody waits for it any more. */
  answer(execution: Execution, result: StepResult): boolean {
    if (execution.status !== 'RUNNING' || execution.callback !== null) return false;
    execution.callback = result;
    this.#store.save(execution);
    this.#running.get(execution.arn)?.answer?.(result);
    return true;
  }

  stop(execution: Execution, error: string | null, cause: string | null): void {
    if (execution.status !== 'RUNNING') return;
    Object.assign(execution, { status: 'ABORTED', stoppedAt: this.#now(), error, cause });
    this.#store.save(execution);
    this.#running.get(execution.arn)?.abort();
    this.#running.delete(execution.arn);
  }

  /** Ends all work in this process; the executions stay RUNNING and go on when the next one starts. */
  close(): void {
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { abort } of running) abort();
  }

  async #step(
    execution: Execution,
    state: string,
    resource: string,
    tries: Map<string, number>,
    input: unknown,
  ): Promise<unknown> {
    const attempt = (tries.get(state) ?? 0) + 1;
    tries.set(state, attempt);
    const key = `${state}#${attempt}`;
    const result = execution.steps[key] ?? (await this.#invoke(execution, resource, input));
    // A run that was stopped or whose process ends must not write: the next one does this step again.
    if (this.#running.has(execution.arn)) {
      execution.steps[key] = result;
      this.#store.save(execution);
    }
    if ('error' in result) throw new TaskFailure(result);
    return result.output;
  }

  async #invoke(execution: Execution, resource: string, input: unknown): Promise<StepResult> {
    const { FunctionName = '', Payload } = input as { FunctionName?: string; Payload?: unknown };
    const waiting = resource === WAIT_FOR_TOKEN ? this.#callback(execution) : undefined;
    const run = this.#functions.get(FunctionName);
    if (run === undefined) return { error: 'Lambda.ResourceNotFoundException', cause: `No function ${FunctionName}` };
    try {
      const payload = await run(Payload);
      return waiting === undefined ? { output: { StatusCode: 200, Payload: payload ?? null } } : await waiting;
    } catch (cause) {
      return failureOf(cause);
    }
  }

  #callback(execution: Execution): Promise<StepResult> {
    if (execution.callback !== null) return Promise.resolve(execution.callback);
    return new Promise((answer) => {
      const running = this.#running.get(execution.arn);
      if (running !== undefined) running.answer = answer;
    });
  }

  #end(execution: Execution, result: StepResult): void {
    if (!this.#running.delete(execution.arn)) return;
    const failed = 'error' in result;
    Object.assign(execution, {
      status: failed ? 'FAILED' : 'SUCCEEDED',
      stoppedAt: this.#now(),
      output: failed ? null : JSON.stringify(result.output),
      error: failed ? result.error : null,
      cause: failed ? result.cause : null,
    });
    this.#store.save(execution);
  }
}

const failureOf = (cause: unknown): { error: string; cause: string } =>
  cause instanceof Error ? { error: cause.name, cause: cause.message } : { error: 'Error', cause: String(cause) };
