// Executions and state machines on disk or in memory. An execution keeps the result of every step that ended, so that a
// process that comes back can run it from the beginning without doing anything twice.

import type { Files } from '../files.ts';

/** How one try of a task state ended. */
export type StepResult = { readonly output: unknown } | { readonly error: string; readonly cause: string };

type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startedAt: number;
  status: Status;
  stoppedAt: number | null;
  output: string | null;
  error: string | null;
  cause: string | null;
  /** Token of the one task that waits for a callback. */
  readonly token: string;
  /** By state name and number of the try: `Notify#1`. */
  readonly steps: Record<string, StepResult>;
  /** The callback, which may come before the process asks for it again. */
  callback: StepResult | null;
}

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly definition: string;
  readonly createdAt: number;
}

export interface ExecutionStore {
  readonly machines: ReadonlyMap<string, Machine>;
  readonly executions: ReadonlyMap<string, Execution>;
  saveMachine(machine: Machine): void;
  save(execution: Execution): void;
}

const FOLDER = 'stepfunctions';

export const openExecutionStore = (files: Files): ExecutionStore => {
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  const readAll = <T extends { readonly arn: string }>(kind: string, into: Map<string, T>): void => {
    for (const path of files.list(`${FOLDER}/${kind}`)) {
      const value = JSON.parse(files.read(path).toString('utf8')) as T;
      into.set(value.arn, value);
    }
  };
  const write = (kind: string, name: string, value: object): void =>
    files.write(`${FOLDER}/${kind}/${Buffer.from(name).toString('base64url')}.json`, JSON.stringify(value));
  readAll('machines', machines);
  readAll('executions', executions);
  return {
    machines,
    executions,
    saveMachine: (machine) => {
      write('machines', machine.name, machine);
      machines.set(machine.arn, machine);
    },
    save: (execution) => {
      write('executions', execution.arn, execution);
      executions.set(execution.arn, execution);
    },
  };
};
