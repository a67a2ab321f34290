// The loopback Step Functions: Standard state machines whose tasks invoke Lambda functions, with and without a task token.
// Not served: Express, activities, Map runs, versions, aliases, tags.
// https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html

import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Files } from '../files.ts';
import { jsonService, operation } from '../json-protocol.ts';
import { ACCOUNT_ID, AwsError, type AwsService } from '../wire.ts';
import { type Definition, faultOf, type LocalFunctions, Runner } from './runner.ts';
import { type Execution, type Machine, openExecutionStore, type StepResult } from './store.ts';

export interface LocalStepFunctions {
  readonly service: AwsService;
  /** Goes on with what was running when the last process ended. Call it once the functions are there. */
  resume(): void;
  close(): void;
}

const NAME = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[\w-]+$/);
/** Standard executions take 256 KiB of input. */
const MAX_INPUT = 256 * 1024;

const seconds = (epochMs: number): number => epochMs / 1000;

export const openStepFunctions = (files: Files, functions: LocalFunctions, now: () => number): LocalStepFunctions => {
  const store = openExecutionStore(files);
  const runner = new Runner(store, functions, now);

  const machineOf = (arn: string): Machine => {
    const machine = store.machines.get(arn);
    if (machine === undefined) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  };
  const executionOf = (arn: string): Execution => {
    const execution = store.executions.get(arn);
    if (execution === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };
  const definitionOf = (machine: Machine): Definition => JSON.parse(machine.definition) as Definition;

  const start = (machine: Machine, name: string, input: string): Execution => {
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const existing = store.executions.get(arn);
    // StartExecution is idempotent for a running execution of the same name and input.
    if (existing !== undefined) {
      if (existing.status === 'RUNNING' && existing.input === input) return existing;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution: Execution = {
      arn,
      machineArn: machine.arn,
      name,
      input,
      startedAt: now(),
      status: 'RUNNING',
      stoppedAt: null,
      output: null,
      error: null,
      cause: null,
      token: randomBytes(64).toString('base64url'),
      steps: {},
      callback: null,
    };
    store.save(execution);
    runner.run(execution, definitionOf(machine));
    return execution;
  };

  const answer = (token: string, result: StepResult): object => {
    const execution = [...store.executions.values()].find((one) => one.token === token);
    if (execution === undefined) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    if (!runner.answer(execution, result)) {
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    return {};
  };

  const service = jsonService('1.0', {
    CreateStateMachine: operation(
      z.object({ name: NAME, definition: z.string(), roleArn: z.string() }),
      ({ name, definition }, { region }) => {
        const arn = `arn:aws:states:${region}:${ACCOUNT_ID}:stateMachine:${name}`;
        const fault = faultOf(parseDefinition(definition));
        if (fault !== undefined)
          throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${fault}'`);
        const machine = store.machines.get(arn) ?? { arn, name, definition, createdAt: now() };
        if (machine.definition !== definition) {
          throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
        }
        store.saveMachine(machine);
        return { stateMachineArn: arn, creationDate: seconds(machine.createdAt) };
      },
    ),
    UpdateStateMachine: operation(
      z.object({ stateMachineArn: z.string(), definition: z.string() }),
      ({ stateMachineArn, definition }) => {
        const fault = faultOf(parseDefinition(definition));
        if (fault !== undefined)
          throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${fault}'`);
        store.saveMachine({ ...machineOf(stateMachineArn), definition });
        return { updateDate: seconds(now()) };
      },
    ),
    StartExecution: operation(
      z.object({ stateMachineArn: z.string(), name: NAME.optional(), input: z.string().max(MAX_INPUT).default('{}') }),
      ({ stateMachineArn, name = randomUUID(), input }) => {
        const machine = machineOf(stateMachineArn);
        if (!isJson(input))
          throw new AwsError('InvalidExecutionInput', "Invalid State Machine Execution Input: 'not JSON'");
        const { arn, startedAt } = start(machine, name, input);
        return { executionArn: arn, startDate: seconds(startedAt) };
      },
    ),
    DescribeExecution: operation(z.object({ executionArn: z.string() }), ({ executionArn }) => {
      const { arn, machineArn, name, status, startedAt, stoppedAt, input, output, error, cause } =
        executionOf(executionArn);
      return {
        executionArn: arn,
        stateMachineArn: machineArn,
        name,
        status,
        startDate: seconds(startedAt),
        input,
        ...(stoppedAt === null ? {} : { stopDate: seconds(stoppedAt) }),
        ...(output === null ? {} : { output }),
        ...(error === null ? {} : { error }),
        ...(cause === null ? {} : { cause }),
      };
    }),
    StopExecution: operation(
      z.object({ executionArn: z.string(), error: z.string().optional(), cause: z.string().optional() }),
      ({ executionArn, error = null, cause = null }) => {
        const execution = executionOf(executionArn);
        runner.stop(execution, error, cause);
        return { stopDate: seconds(execution.stoppedAt ?? now()) };
      },
    ),
    SendTaskSuccess: operation(z.object({ taskToken: z.string(), output: z.string() }), ({ taskToken, output }) => {
      if (!isJson(output)) throw new AwsError('InvalidOutput', "Invalid Output: 'not JSON'");
      return answer(taskToken, { output: JSON.parse(output) as unknown });
    }),
    SendTaskFailure: operation(
      z.object({ taskToken: z.string(), error: z.string().default(''), cause: z.string().default('') }),
      ({ taskToken, error, cause }) => answer(taskToken, { error, cause }),
    ),
  });

  return {
    service,
    resume: () => {
      for (const execution of store.executions.values()) {
        const machine = store.machines.get(execution.machineArn);
        if (execution.status === 'RUNNING' && machine !== undefined) runner.run(execution, definitionOf(machine));
      }
    },
    close: () => runner.close(),
  };
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const parseDefinition = (text: string): Definition => {
  const value: unknown = isJson(text) ? JSON.parse(text) : undefined;
  const isDefinition = typeof value === 'object' && value !== null && 'StartAt' in value && 'States' in value;
  if (!isDefinition) throw new AwsError('InvalidDefinition', "Invalid State Machine Definition: 'not a state machine'");
  return value as Definition;
};
