// Ports of the gate for tests in which no policy holds a call: touching one is a fault.

import type { McpPorts } from '../../lambdas/mcp/ports.ts';

const untouched = (): never => {
  throw new Error('no policy of this test holds a call');
};

export const NO_APPROVALS: Pick<
  McpPorts,
  'approvals' | 'startMachine' | 'endWait' | 'runs' | 'heldKeys' | 'publicUrl'
> = {
  approvals: {
    ...{ findByCall: untouched, find: untouched, take: untouched },
    ...{ markStarted: untouched, markTold: untouched, saveToken: untouched, list: untouched },
  },
  startMachine: untouched,
  endWait: untouched,
  runs: { begin: untouched, end: untouched, find: untouched },
  heldKeys: { generate: untouched, unwrap: untouched },
  publicUrl: 'https://mcp.bank.example',
};

/** Ports of the gate where calls are held and nobody ever decides: each call asks anew. */
export const NOBODY_DECIDES: typeof NO_APPROVALS = {
  ...NO_APPROVALS,
  approvals: {
    ...NO_APPROVALS.approvals,
    findByCall: () => Promise.resolve(undefined),
    find: () => Promise.resolve(undefined),
    markStarted: () => Promise.resolve(),
  },
  startMachine: () => Promise.resolve(),
  heldKeys: { ...NO_APPROVALS.heldKeys, generate: () => Promise.resolve({ plaintext: Buffer.alloc(32), wrapped: '' }) },
};
