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
