// The configuration that is deployed: the sample bank's, with the addresses of this machine, buffered answers, and the
// servers that the end-to-end suite asks for.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { merge } from '../../lib/config-yaml.ts';
import { testPolicies, testServer } from '../../local/laptop-config.ts';
import type { DeployedPorts } from '../support/deployed-environment.ts';
import { misbehavingServers, misbehavingUpstreams } from '../support/misbehaving-upstream.ts';

const SAMPLE = 'config/countersign.yaml';
const IDLE_MINUTES = 1;

/**
 * Writes the file and what lies beside it; JSON is YAML. `changed` differs in a setting that no test depends on, and
 * rotates the checkpoint key.
 */
export const writeConfiguration = (file: string, ports: DeployedPorts, changed = false): void => {
  const { log, ...others } = addresses(ports);
  const keys = { log: { ...log, keyGeneration: changed ? 2 : 1 } };
  const overlay = { ...others, ...keys, sessions: { idleMinutes: IDLE_MINUTES, maxHours: changed ? 11 : 12 } };
  const sample: unknown = parse(readFileSync(SAMPLE, 'utf8'));
  const whole = merge(merge(sample, { servers: failing(ports) }), overlay);
  writeFileSync(file, JSON.stringify(whole, null, 2));
  for (const beside of ['policies', 'catalog']) {
    cpSync(join(dirname(SAMPLE), beside), join(dirname(file), beside), { recursive: true });
  }
  const tests = join(dirname(file), 'policies', 'tests');
  mkdirSync(tests, { recursive: true });
  for (const name of [...Object.keys(misbehavingUpstreams(() => '')), 'unsecreted']) {
    writeFileSync(join(tests, `${name}.cedar`), testPolicies(name).text);
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

const failing = ({ misbehaving }: DeployedPorts) => {
  const url = (way: string) => `http://127.0.0.1:${misbehaving}/${way}`;
  const servers = Object.entries(misbehavingUpstreams(url)).map(([name, server]) => [
    name,
    { ...testServer(name, server.url), standaloneStream: 'refuse' },
  ]);
  return merge(Object.fromEntries(servers), misbehavingServers(url));
};
