// `npm run demo`: a scripted client, built on the official SDK, uses the gateway; then the ledger is read back.
// It runs a stack of its own in memory, on free ports, and stops it at the end.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client } from '@modelcontextprotocol/client';
import { denials } from '../bin/commands/denials.ts';
import { exportLog } from '../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE, LOG_WITNESSES_VARIABLE } from '../bin/commands/installation.ts';
import { logPolicy } from '../bin/commands/key.ts';
import { unwrapKeys } from '../bin/commands/keys-unwrap.ts';
import { masked } from '../bin/commands/masked.ts';
import { replay } from '../bin/commands/replay.ts';
import { sessions } from '../bin/commands/sessions.ts';
import { verify } from '../bin/commands/verify.ts';
import { findCustomer, openBank, SAMPLE_PAYEE_IBAN } from './bank/operations.ts';
import { resourceEnvironment } from './gateway.ts';
import { freePorts } from './ports.ts';
import { signInToConsole } from './sign-in/console-visitor.ts';
import { HeadlessAuthProvider } from './sign-in/headless-auth-provider.ts';
import { connectSignedIn } from './sign-in/sdk-v2.ts';
import { signIn } from './sign-in/sign-in.ts';
import { type Stack, startStack } from './stack.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const CUSTOMER = 'CUS-0001';

let steps = 0;
const step = (title: string): void => {
  steps += 1;
  say(`\n${styleText('bold', `${steps}. ${title}`, { stream: process.stdout })}`);
};

const firstText = (result: { readonly content?: unknown }, lines = 4): string => {
  const [first] = Array.isArray(result.content) ? result.content : [];
  const text: unknown = first?.text;
  return typeof text === 'string' ? text.split('\n').slice(0, lines).join('\n   ') : '(no text)';
};

const callTools = async (client: Client): Promise<void> => {
  const { tools } = await client.listTools();
  say(`   ${tools.length} tools: ${tools.map((tool) => tool.name).join(', ')}`);

  step(
    'Ana looks up a customer. What she may not see is masked before it reaches her, and the original is kept encrypted',
  );
  const customer = await client.callTool({ name: 'get_customer', arguments: { customerId: CUSTOMER } });
  say(`   ${firstText(customer, 8)}`);

  step('Ana runs a slow report; its progress streams through the gateway as it comes');
  const report = await client.callTool(
    { name: 'run_report', arguments: { seconds: 2 } },
    { onprogress: ({ progress, total }) => say(`   progress ${progress} of ${total ?? '?'}`) },
  );
  say(`   ${firstText(report)}`);

  step('Ana wants to send money. Policy demands an approval: the call is held, and the bank hears nothing of it');
  const order = { from: 'ACC-00021', to: SAMPLE_PAYEE_IBAN, amount: '12.50', currency: 'USD', reference: 'DEMO-1' };
  const wire = await client
    .callTool({ name: 'wire_transfer', arguments: order })
    .then(firstText, (cause: Error) => cause.message);
  say(`   ${wire.slice(0, 200)}`);

  step('Ana calls a tool that refuses her arguments; that is an outcome too');
  const refused = await client.callTool({ name: 'get_customer', arguments: { customerId: 'nobody' } });
  say(`   ${firstText(refused)}`);
};

/** What a reader sees of a page. */
const textOf = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll('&quot;', '"');

const lookFromConsole = async ({ publicUrl }: Stack, sid: string): Promise<void> => {
  const path = `/console/sessions/${sid}`;
  step('In the console Amir, an auditor, sees the same session masked. There is no way to the original for him');
  const seen = (await (await signInToConsole(publicUrl, 'amir', path)).get(path)).text;
  say(
    `   ${/"ssn": "[^"]*"/.exec(textOf(seen))?.[0] ?? 'not shown'}; buttons that open something: ${seen.split('/raw"').length - 1}`,
  );

  step('Rita, a records officer, has one exchange opened: a fresh sign-in, a reason, and it stands on record');
  const seq = /class="seq">(\d+)<\/span><div><h3>tools\/call <strong>get_customer/.exec(seen)?.[1] ?? '';
  const rita = await signInToConsole(publicUrl, 'rita', path, { anew: true });
  const opened = textOf((await rita.openRaw(sid, seq, 'case 2026-114, disputed transfer')).text);
  say(`   ${/"ssn":"[^"]*"/.exec(opened)?.[0] ?? 'not shown'}`);
  say(`   ${/That you opened.*transfer/.exec(opened)?.[0].replaceAll(/\s+/g, ' ') ?? 'not opened'}`);
};

const beRefused = async (stack: Stack): Promise<void> => {
  const url = stack.url('core-banking');
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const anonymous = await fetch(url, { method: 'POST', headers, body });
  say(`   without a token: ${anonymous.status}, and the challenge tells a client where to sign in:`);
  say(`   ${anonymous.headers.get('www-authenticate')}`);
  const amir = await signIn({ serverUrl: url, person: 'amir' });
  const outsider = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${amir.accessToken}` },
    body,
  });
  say(`   Amir, an auditor, may not use this server: ${outsider.status} ${await outsider.text()}`);
};

const showRecord = async (stack: Stack): Promise<void> => {
  Object.assign(process.env, resourceEnvironment(stack.resources));
  step('What was recorded: countersign sessions');
  await sessions([]);
  const [session] = await recordedSessions();
  step('One session, exchange by exchange: countersign replay');
  if (session !== undefined) {
    await replay([session]);
    await lookFromConsole(stack, session);
  }

  step('Refused requests: countersign denials');
  await denials([]);
  step('What the bank server saw of the credentials');
  const seen = stack.bank.requests().map((request) => request.headers['authorization'] ?? 'none');
  const kinds = new Set(seen).size;
  say(
    `   ${seen.length} requests, ${kinds} credential: the gateway's own, from Secrets Manager. Ana's token stopped at the gateway`,
  );
};

/** An operator ends the session; the keeper records that, and the sealer signs what the session was. */
const endSession = async (stack: Stack): Promise<void> => {
  step('An operator ends Ana’s session: countersign sessions revoke');
  const [session = ''] = await recordedSessions();
  await sessions(['revoke', session, '--reason', 'the tour is over']);
  await stack.keeper.run();
};

/** Seals, copies the log out of the bucket, verifies it without AWS, then flips one bit in the copy. */
const proveIt = async (stack: Stack, workDir: string): Promise<void> => {
  const { origin, witnesses } = stack.config.log;
  Object.assign(process.env, { [LOG_ORIGIN_VARIABLE]: origin, [LOG_WITNESSES_VARIABLE]: JSON.stringify(witnesses) });
  const folder = join(workDir, 'log');
  const policyFile = join(workDir, 'policy.txt');
  step('The entries are sealed: locked segments, a checkpoint that KMS signed, and a witness that cosigned it');
  const { size } = await stack.sealer.run();
  say(`   ${size} entries in the log, and a signed manifest of the session that ended`);
  await exportLog([folder]);
  await writeFile(policyFile, await logPolicy());

  step('An examiner verifies the copy with two public keys, the log’s and the witness’s: countersign verify');
  await verify([folder, '--policy', policyFile]);

  step(
    'An investigator asks whether a number was in an answer. The log holds none: keys of the session tell, on record',
  );
  const [session = ''] = await recordedSessions();
  const keysFile = join(workDir, 'keys.json');
  await unwrapKeys([session, '--reason', 'the tour', '--out', keysFile]);
  const { ssn } = findCustomer(openBank(), CUSTOMER);
  for (const asked of [ssn, '219-09-9999']) {
    say(`   ${asked}, to countersign masked:`);
    await masked([folder, '--content-keys', keysFile], () => Promise.resolve(asked));
  }

  step('Somebody changes one bit of the copy');
  const { segment, file, lines } = await lastWith(folder, SENT);
  const at = lines.indexOf(SENT) + SENT.length;
  lines[at] = (lines[at] ?? 0) ^ 1;
  await writeFile(file, gzipSync(lines));
  say(`   in seg/${segment}: the status that a client was sent`);
  await verify([folder, '--policy', policyFile]);
};

const SENT = '"sent":"';

/** The last segment of a copy that holds a text. */
const lastWith = async (folder: string, text: string) => {
  for (const segment of (await readdir(join(folder, 'seg'))).sort().toReversed()) {
    const file = join(folder, 'seg', segment);
    const lines = gunzipSync(await readFile(file));
    if (lines.includes(text)) return { segment, file, lines };
  }
  throw new Error(`no segment with ${text}`);
};

const recordedSessions = async (): Promise<readonly string[]> => {
  const { openReader } = await import('../bin/commands/installation.ts');
  const reader = await openReader({});
  const found = await reader.listSessions(new Date().toISOString().slice(0, 10));
  return found.filter((session) => session.subject === 'ana').map((session) => session.sid);
};

const workDir = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
const stack = await startStack({
  configFile: 'config/countersign.yaml',
  ports: await freePorts(),
  dataDir: null,
  workDir,
});
try {
  const serverUrl = stack.url('core-banking');
  step(`Ana, an analyst, connects to ${serverUrl} and signs in from that address alone`);
  const client = new Client({ name: 'countersign-demo', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await connectSignedIn({ client, serverUrl, authProvider: new HeadlessAuthProvider({ person: 'ana' }) });
  await callTools(client);
  await client.close();
  step('Two requests that must not get through');
  await beRefused(stack);
  await showRecord(stack);
  await endSession(stack);
  await proveIt(stack, workDir);
} finally {
  await stack.close();
  await rm(workDir, { recursive: true, force: true });
}
