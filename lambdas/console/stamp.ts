// What the console's own entries begin with: where and when they were written, and who acted.

import type { ActorRecord, EntryStamp } from '../core/ledger/entry.ts';
import { toTimestamp } from '../core/time.ts';
import type { ConsolePorts } from './ports.ts';
import type { ConsoleSession } from './session.ts';

export type StampPorts = Pick<ConsolePorts, 'config' | 'configDigest' | 'gateway' | 'clock' | 'newId'>;

export const stampOf = ({ config, configDigest, gateway, clock, newId }: StampPorts): EntryStamp => ({
  v: 1,
  log: config.log.origin,
  id: newId(),
  ts: toTimestamp(clock.now()),
  config: configDigest,
  gw: gateway,
});

/** The client that acted is the console itself. */
export const actorOf = ({ config }: Pick<ConsolePorts, 'config'>, by: ConsoleSession): ActorRecord => ({
  iss: by.issuer,
  sub: by.subject,
  kind: by.kind,
  name: by.name,
  client: config.console.clientId,
  groups: by.groups,
  jti: by.tokenId,
  authTime: by.authTime === null ? null : String(by.authTime),
  acr: by.acr,
  amr: by.amr,
});
