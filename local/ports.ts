// Where the laptop's servers listen, all on 127.0.0.1.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

export interface Ports {
  readonly gateway: number;
  readonly idp: number;
  readonly aws: number;
  readonly bank: number;
  readonly everything: number;
}

const FIRST = 7410;

/** The fixed ports of `npm start`, so that a client's configuration keeps working after a restart. */
export const fixedPorts = (first: number = FIRST): Ports => ({
  gateway: first,
  idp: first + 1,
  aws: first + 2,
  bank: first + 3,
  everything: first + 4,
});

/** Ports that are free now, for tests. */
export const freePorts = async (): Promise<Ports> => {
  const [gateway, idp, aws, bank, everything] = await Promise.all([free(), free(), free(), free(), free()]);
  return { gateway, idp, aws, bank, everything };
};

const free = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
