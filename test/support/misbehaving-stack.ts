// A stack whose servers misbehave in every way there is, with the token of an IDE and the ledger of what happened.

import { testPolicies } from '../../local/laptop-config.ts';
import { type Ledger, openLedger } from './ledger.ts';
import {
  type MisbehavingUpstream,
  misbehavingServers,
  misbehavingUpstreams,
  startMisbehavingUpstream,
} from './misbehaving-upstream.ts';
import { startTestStack, type TestStack } from './stack.ts';

export interface MisbehavingStack {
  readonly upstream: MisbehavingUpstream;
  readonly stack: TestStack;
  readonly ledger: Ledger;
  /** Good for every server. */
  readonly token: string;
  close(): Promise<void>;
}

export const startMisbehavingStack = async (): Promise<MisbehavingStack> => {
  const upstream = await startMisbehavingUpstream();
  const stack = await startTestStack({
    upstreams: misbehavingUpstreams(upstream.url),
    overlay: { servers: misbehavingServers(upstream.url) },
    policies: [testPolicies('unsecreted')],
  });
  const claims = { scope: 'mcp', client_id: 'ide' };
  return {
    upstream,
    stack,
    ledger: openLedger(stack.resources, stack.config.log.origin),
    token: await stack.idp.mint({ resource: `${stack.publicUrl}/mcp`, claims }),
    close: async () => {
      await stack.close();
      await upstream.close();
    },
  };
};
