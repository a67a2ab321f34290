// First contact with the deployment, in the order a client makes it. When a step fails, the rest would only fail too, so
// this says what is wrong with the deployment instead.

import { argv, env } from 'node:process';
import { CHALLENGE_CONTEXT_KEY, metadataUrl } from '../../lambdas/contract.ts';
import { deployedEnvironment } from '../support/deployed-environment.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { diagnose } from './diagnose.ts';

const SERVER = 'core-banking';

const NO_CHALLENGE = `no WWW-Authenticate (gateway response ACCESS_DENIED takes it from context.authorizer.${CHALLENGE_CONTEXT_KEY}, which lambdas/authorizer/handler.ts returns)`;

class SmokeError extends Error {
  readonly code = 'SMOKE';
}

const insist = (holds: boolean, expected: string, got: string): void => {
  if (!holds) throw new SmokeError(`expected ${expected}, got ${got}`);
};

const publishesMetadata = async (stack: TestStack): Promise<void> => {
  const response = await fetch(metadataUrl(stack.publicUrl, SERVER));
  const text = await response.text();
  insist(response.status === 200, '200', `${response.status} ${text}`);
  const { resource } = JSON.parse(text) as { resource?: string };
  insist(resource === stack.url(SERVER), `the resource ${stack.url(SERVER)}`, String(resource));
};

const challenges = async (stack: TestStack): Promise<void> => {
  const answer = await call(stack.url(SERVER), modern('tools/list'));
  insist(answer.status === 401, '401', `${answer.status} ${answer.text}`);
  const challenge = answer.headers.get('www-authenticate') || NO_CHALLENGE;
  const expected = `resource_metadata="${metadataUrl(stack.publicUrl, SERVER)}"`;
  insist(challenge.includes(expected), `a challenge with ${expected}`, challenge);
};

const answersAnAuthorisedCall = async (stack: TestStack, ledger: Ledger): Promise<void> => {
  const tool = { name: 'get_customer', arguments: { customerId: 'CUS-0001' } };
  const answer = await call(stack.url(SERVER), { token: await stack.tokenOf('ana'), ...modern('tools/call', tool) });
  insist(answer.text.includes('CUS-0001'), 'the customer', `${answer.status} ${answer.text}`);
  const callId = answer.headers.get('x-countersign-call');
  const entries = (await ledger.all()).flatMap(({ entry }) =>
    'callId' in entry && entry.callId === callId ? [entry.type] : [],
  );
  insist(entries.join() === 'call.intent,call.outcome', 'an intent and an outcome in the ledger', entries.join());
};

const STEPS: readonly (readonly [string, (stack: TestStack, ledger: Ledger) => Promise<void>])[] = [
  ['metadata document', publishesMetadata],
  ['401 with a challenge', challenges],
  ['one authorised call, with its entries', answersAnAuthorisedCall],
];

const deployed = deployedEnvironment();
if (deployed === undefined) throw new Error('smoke.ts is run by test/deploy/run.ts');
// A certificate that only this run trusts: without the variable every step would fail for a reason of its own.
if (env['NODE_EXTRA_CA_CERTS'] === undefined) throw new Error('NODE_EXTRA_CA_CERTS is not set');
const ministackLog = argv[2] ?? '';
const stack = await startTestStack();
const ledger = openLedger(stack.resources, stack.config.log.origin);
try {
  for (const [name, step] of STEPS) {
    try {
      await step(stack, ledger);
      console.log(`ok      ${name}`);
    } catch (cause) {
      console.log(`FAILED  ${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
      const entries = (await ledger.all()).map(({ entry }) => entry);
      console.log(
        await diagnose({
          ...deployed,
          entries,
          contacted: SERVER,
          ministackLog,
          announcedScopes: stack.config.identity.announcedScopes,
        }),
      );
      process.exitCode = 1;
      break;
    }
  }
} finally {
  await stack.close();
}
