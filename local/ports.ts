// Where the laptop's servers listen, all on 127.0.0.1.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

export interface Ports {
  readonly gateway: number;
  readonly idp: number;
  readonly aws: number;
  readonly bank: number;
  readonly everything: number;
  readonly console: number;
  readonly witness: number;
}

const FIRST = 7410;

/** The fixed ports of `npm start`, so that a client's configuration keeps working after a restart. */
export const fixedPorts = (first: number = FIRST): Ports => ({
  gateway: first,
  idp: first + 1,
  aws: first + 2,
  bank: first + 3,
  everything: first + 4,
  console: first + 5,
  witness: first + 6,
});

/** Ports that are free now, for tests. */
export const freePorts = async (): Promise<Ports> => {
  const ports: Ports = { gateway: 0, idp: 0, aws: 0, bank: 0, everything: 0, console: 0, witness: 0 };
  const found = await Promise.all(Object.keys(ports).map(async (name) => [name, await free()] as const));
  return { ...ports, ...Object.fromEntries(found) };
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
