// `npm start` keeps its state: everything is stopped and started again on the same folder and ports.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePorts } from '../../local/ports.ts';
import { stackEnvironment } from '../../local/stack.ts';
import { makeKillableGateway } from '../support/killable-gateway.ts';
import { openLedger } from '../support/ledger.ts';
import { call, initialize, request } from '../support/mcp-call.ts';
import { startTestStack } from '../support/stack.ts';

it('goes on with the same sign-in, session, sequence, secrets and entries after a restart', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-restart-'));
  const ports = await freePorts();
  const start = () => startTestStack({ dataDir, ports, startGateway: makeKillableGateway().start });
  try {
    const first = await start();
    const url = first.url('core-banking');
    const token = await first.tokenOf('ana');
    const opened = await call(url, { token, body: initialize() });
    const sid = opened.headers.get('mcp-session-id') ?? '';
    const headers = { 'mcp-session-id': sid, 'mcp-protocol-version': '2025-11-25' };
    await first.close();

    const second = await start();
    // The bank lost its own sessions, as an upstream that restarts does: its 404 tells the client to begin again.
    const again = await call(url, { token, headers, body: request('tools/list') });
    expect(again.status).toBe(404);
    expect((await call(url, { token, body: initialize() })).status).toBe(200);
    Object.assign(process.env, stackEnvironment(second));
    const entries = (await openLedger(second.resources, second.config.log.origin).ofSession(sid)).map(
      ({ entry }) => entry,
    );
    expect(entries.map((entry) => [entry.type, 'seq' in entry ? entry.seq : ''])).toEqual([
      ['session.open', ''],
      ['call.intent', '1'],
      ['call.outcome', '1'],
      ['call.intent', '2'],
      ['call.outcome', '2'],
    ]);
    await second.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  // Two whole stacks, one after the other, on a machine that may have other things to do.
}, 60_000);
