// Finds or opens the recording session of an exchange and counts the exchange in it.
//
//     legacy with Mcp-Session-Id   count in exactly that session, or refuse
//     legacy initialize            open a new session; its id becomes the client's Mcp-Session-Id
//     anything else                the rolling window of principal, client and server; open one when there is none
//
// A session that must be opened is not written here: it becomes durable together with its first intent.

import type { Window } from '../adapters/dynamo-items.ts';
import { type Admitted, isHandshake } from '../core/mcp/admit.ts';
import type { Refusal } from '../core/mcp/refusal.ts';
import { err, ok, type Result } from '../core/result.ts';
import {
  newSession,
  type Session,
  type SessionOwner,
  sessionOwner,
  sessionRefusal,
  windowKey,
} from '../core/sessions/session.ts';
import type { McpPorts } from './ports.ts';

export interface Entered {
  readonly session: Session;
  /** Set when the session is new and still to be written; `window: null` for one the client will name itself. */
  readonly open: { readonly window: Window | null } | null;
}

export interface SessionDoor {
  enter(admitted: Admitted): Promise<Result<Entered, Refusal>>;
  /** Remembers the open window of an owner, which saves the next exchange a look-up. */
  opened(session: Session): void;
}

type DoorPorts = Pick<McpPorts, 'records' | 'config' | 'clock' | 'newId'>;

const MAX_WINDOWS = 1000;

export const makeSessionDoor = (ports: DoorPorts): SessionDoor => {
  const windows = new Map<string, string>();
  return {
    enter: (admitted) => {
      const owner = sessionOwner(admitted.request.principal, admitted.request.server);
      const claimed = admitted.request.headers['mcp-session-id'];
      if (admitted.classification.era === 'legacy' && claimed !== undefined) return enterNamed(ports, owner, claimed);
      if (isHandshake(admitted)) return Promise.resolve(ok(opening(ports, owner, null)));
      return enterWindow(ports, owner, windows);
    },
    opened: (session) => {
      if (windows.size >= MAX_WINDOWS) windows.clear();
      windows.set(windowKey(session), session.sid);
    },
  };
};

const epochSeconds = (ports: DoorPorts): number => Math.floor(ports.clock.now() / 1000);

const opening = (ports: DoorPorts, owner: SessionOwner, window: Window | null): Entered => ({
  session: newSession(owner, ports.newId(), epochSeconds(ports), ports.config.sessions),
  open: { window },
});

/** Session ids are UUIDs of ours; anything else is not looked up. */
const SESSION_ID = /^[0-9a-f-]{36}$/;

const enterNamed = async (
  ports: DoorPorts,
  owner: SessionOwner,
  claimed: string,
): Promise<Result<Entered, Refusal>> => {
  if (!SESSION_ID.test(claimed)) return err({ reason: 'session_unknown', claimed });
  const now = epochSeconds(ports);
  const limits = ports.config.sessions;
  const touched = await ports.records.touch(claimed, owner, now, limits);
  if (touched.ok) return ok({ session: touched.session, open: null });
  // The condition failed on the stored item; if it looks usable now, it changed in between and is refused all the same.
  const why = sessionRefusal(touched.session, claimed, owner, now, limits);
  return err(why ?? { reason: 'session_ended', claimed, why: 'closed' });
};

const enterWindow = async (
  ports: DoorPorts,
  owner: SessionOwner,
  windows: Map<string, string>,
): Promise<Result<Entered, Refusal>> => {
  const key = windowKey(owner);
  const remembered = windows.get(key);
  const used = remembered === undefined ? undefined : await touchWindow(ports, owner, remembered);
  if (used !== undefined) return ok(used);
  windows.delete(key);
  const found = await ports.records.findWindow(key);
  const current = found === undefined || found === remembered ? undefined : await touchWindow(ports, owner, found);
  if (current === undefined) return ok(opening(ports, owner, { key, replaces: found ?? null }));
  windows.set(key, current.session.sid);
  return ok(current);
};

const touchWindow = async (ports: DoorPorts, owner: SessionOwner, sid: string): Promise<Entered | undefined> => {
  const touched = await ports.records.touch(sid, owner, epochSeconds(ports), ports.config.sessions);
  return touched.ok ? { session: touched.session, open: null } : undefined;
};
