// The strict call of the sample bank: money that leaves.

import { SAMPLE_PAYEE_IBAN } from '../../local/bank/operations.ts';
import { request } from './mcp-call.ts';

let orders = 0;

/** A `tools/call` of `wire_transfer`, each under a reference of its own. */
export const wireRequest = (id = 5) => {
  orders += 1;
  const order = { from: 'ACC-00021', to: SAMPLE_PAYEE_IBAN, amount: '1.00', currency: 'USD' };
  return request(
    'tools/call',
    { name: 'wire_transfer', arguments: { ...order, reference: `TEST-${Date.now()}-${orders}` } },
    id,
  );
};
