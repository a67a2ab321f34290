// Says in the ledger, once per change, that another configuration is in force. Every entry names the digest it was made
// under, but a digest that first shows up in a call could have come from anywhere.
//
//     read config#current      same digest: nothing to say
//     else, in one transaction: append policy.changed, set config#current while it is still what was read
//
// Of processes that start at once one wins; the others read again and find their own digest there.

import { RecordsError } from '../adapters/dynamo-records.ts';
import { type RecorderPorts, stamp, stored } from './recorder.ts';

const MAX_TRIES = 3;

/** Settles once the change to this process's configuration is on record; asks the database once per process. */
export const makeConfigNotice = (ports: RecorderPorts): (() => Promise<void>) => {
  let noticed: Promise<void> | undefined;
  return () => {
    noticed ??= notice(ports, ports.configDigest).catch((cause: unknown) => {
      noticed = undefined;
      throw cause;
    });
    return noticed;
  };
};

const notice = async (ports: RecorderPorts, current: string): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    const previous = (await ports.records.findConfig()) ?? null;
    if (previous === current) return;
    const entry = stored({ ...stamp(ports), type: 'policy.changed', previous, current });
    try {
      return await ports.records.commit({ entries: [entry], config: { digest: current, replaces: previous } });
    } catch (cause) {
      if (attempt < MAX_TRIES && cause instanceof RecordsError && cause.code === 'conflict') continue;
      throw cause;
    }
  }
};
