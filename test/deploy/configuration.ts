// The configuration that is deployed: the sample bank's, with the addresses of this machine, buffered answers, and the
// servers that the end-to-end suite asks for.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { merge } from '../../lib/config-yaml.ts';
import { testPolicies, testServer } from '../../local/laptop-config.ts';
import type { DeployedPorts } from '../support/deployed-environment.ts';
import { HELD } from '../support/held-policies.ts';
import { misbehavingServers, misbehavingUpstreams } from '../support/misbehaving-upstream.ts';

const SAMPLE = 'config/countersign.yaml';
const IDLE_MINUTES = 1;

/** Servers that a test file makes up, on one port, since files run one after the other. */
const MADE_UP = ['leaky', 'notes'];

/**
 * Writes the file and what lies beside it; JSON is YAML. `changed` rotates the checkpoint key, and keeps clients for a
 * quick decision: held calls are answered at once before.
 */
export const writeConfiguration = (file: string, ports: DeployedPorts, changed = false): void => {
  const { log, ...others } = addresses(ports);
  const keys = { log: { ...log, keyGeneration: changed ? 2 : 1 } };
  const approvals = { holdSeconds: changed ? 1 : 0 };
  const overlay = { ...others, ...keys, approvals, sessions: { idleMinutes: IDLE_MINUTES } };
  const sample: unknown = parse(readFileSync(SAMPLE, 'utf8'));
  const whole = merge(merge(sample, { servers: testServers(ports) }), overlay);
  writeFileSync(file, JSON.stringify(whole, null, 2));
  for (const beside of ['policies', 'catalog']) {
    cpSync(join(dirname(SAMPLE), beside), join(dirname(file), beside), { recursive: true });
  }
  const tests = join(dirname(file), 'policies', 'tests');
  mkdirSync(tests, { recursive: true });
  const open = [...Object.keys(misbehavingUpstreams(() => '')), 'unsecreted', ...MADE_UP].map(testPolicies);
  for (const policy of [...open, ...Object.values(HELD)]) {
    writeFileSync(join(dirname(file), 'policies', policy.file), policy.text);
  }
};

const addresses = ({ idp, bank, everything }: DeployedPorts) => ({
  // Evidence made on an emulator says so.
  log: { origin: 'ministack.invalid/countersign-deploy-test' },
  identity: { issuer: `http://127.0.0.1:${idp}`, jwksUri: `http://127.0.0.1:${idp}/jwks` },
  servers: {
    // MiniStack runs one process per function, so one silent stream (subscriptions/listen) holds up every other call.
    'core-banking': { url: `http://127.0.0.1:${bank}/mcp`, limits: { idleSeconds: 3 } },
    // A stream held open for notifications has no use when answers come whole.
    everything: { url: `http://127.0.0.1:${everything}/mcp`, standaloneStream: 'refuse' },
  },
  retention: { mode: 'COMPLIANCE', days: 1 },
  endpoint: { responseTransfer: 'buffered', customDomain: null },
});

const testServers = ({ upstream }: DeployedPorts) => {
  const url = (path: string) => `http://127.0.0.1:${upstream}/${path}`;
  const madeUp = Object.fromEntries(MADE_UP.map((name) => [name, { url: url('mcp') }]));
  const servers = Object.entries({ ...misbehavingUpstreams(url), ...madeUp }).map(([name, server]) => [
    name,
    { ...testServer(name, server.url), standaloneStream: 'refuse' },
  ]);
  return merge(Object.fromEntries(servers), misbehavingServers(url));
};
