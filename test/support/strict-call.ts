// A strict call of the sample bank that nobody has to approve: a query over all customers.

import { request } from './mcp-call.ts';

export const STRICT_TOOL = 'query';

/** A `tools/call` of {@link STRICT_TOOL}. */
export const strictRequest = (id = 5) =>
  request('tools/call', { name: STRICT_TOOL, arguments: { columns: ['id', 'state'], limit: 1 } }, id);
