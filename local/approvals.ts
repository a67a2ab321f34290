// Approvals on the laptop: the deployed functions behind the loopback Step Functions, and the state machine in it.

import { CreateStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { approvalMachine } from '../lambdas/approval-machine.ts';

/** Functions that the state machine invokes, by name; filled once the handlers are loaded. */
export type LocalFunctionTable = Map<string, (payload: unknown) => Promise<unknown>>;

const NAME = 'countersign-approval';
const NAMES = { notifier: 'notifier', worker: 'worker' } as const;

/** Creates the state machine, or brings it up to date, and returns its ARN. */
export const provisionApprovalMachine = async (endpoint: string, region: string): Promise<string> => {
  const credentials = { accessKeyId: 'LOCALLAPTOP', secretAccessKey: 'not-a-secret' };
  const client = new SFNClient({ endpoint, region, credentials });
  const definition = JSON.stringify(approvalMachine(NAMES));
  // The loopback has no IAM; Step Functions wants a role all the same.
  const roleArn = 'arn:aws:iam::000000000000:role/countersign-approval';
  try {
    const made = await client.send(new CreateStateMachineCommand({ name: NAME, definition, roleArn }));
    return made.stateMachineArn ?? '';
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'StateMachineAlreadyExists')) throw cause;
    const stateMachineArn = `arn:aws:states:${region}:000000000000:stateMachine:${NAME}`;
    await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    return stateMachineArn;
  } finally {
    client.destroy();
  }
};

/** As long as the deployed worker has. */
const WORKER_MS = 15 * 60 * 1000;

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** Loads the handlers, whose environment must be set already. */
export const loadApprovalFunctions = async (table: LocalFunctionTable): Promise<void> => {
  const [notifier, worker] = await Promise.all([
    import('../lambdas/notifier/handler.ts'),
    import('../lambdas/worker/handler.ts'),
  ]);
  const context = () => {
    const deadline = Date.now() + WORKER_MS;
    return { getRemainingTimeInMillis: () => deadline - Date.now() };
  };
  table.set(NAMES.notifier, (payload) => (notifier.handler as unknown as Handler)(payload, {}));
  table.set(NAMES.worker, (payload) => (worker.handler as unknown as Handler)(payload, context()));
};
