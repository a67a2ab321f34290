// Legal hold of a session: which objects of the log hold what was recorded of it, and which holds are in force. Pure.

import { createHash } from 'node:crypto';
import type { Hold } from './entry.ts';
import { intentName, OBJECT_BODY_PREFIX } from './log-layout.ts';
import { readLine } from './verify/read-line.ts';

/** What one segment says of a session. */
export interface HeldSegment {
  /** Whether it has entries of the session. */
  readonly touched: boolean;
  /** Whether the session begins, and ends, here. */
  readonly opens: boolean;
  readonly closes: boolean;
  /** Objects that its entries name. */
  readonly objects: readonly string[];
}

/** Reads the lines of a segment for entries of a session. */
export const heldInSegment = (lines: readonly string[], sid: string, origin: string): HeldSegment => {
  const objects: string[] = [];
  let touched = false;
  let opens = false;
  let closes = false;
  for (const line of lines) {
    if (!line.includes(sid)) continue;
    const entry = readLine(line, Buffer.byteLength(line, 'utf8'), origin);
    if (!entry.ok || !('sid' in entry.value) || entry.value.sid !== sid) continue;
    const { value } = entry;
    touched = true;
    opens ||= value.type === 'session.open';
    closes ||= value.type === 'session.close';
    if ('content' in value && value.content?.at === 'object') objects.push(`${OBJECT_BODY_PREFIX}${value.content.ct}`);
    if (value.type === 'call.intent' && value.strict !== null) objects.push(intentName(value.callId));
  }
  return { touched, opens, closes, objects };
};

/** Holds in force, by session: the last entry of each says. `entries` in their order. */
export const holdsInForce = (entries: readonly Hold[]): ReadonlyMap<string, Hold> => {
  const inForce = new Map<string, Hold>();
  for (const entry of entries) {
    if (entry.type === 'hold.placed') inForce.set(entry.sid, entry);
    else inForce.delete(entry.sid);
  }
  return inForce;
};

/** What an entry says of its objects. */
export const describeObjects = (names: readonly string[]): Pick<Hold, 'objects' | 'names'> => {
  const digest = createHash('sha256');
  for (const name of [...names].sort()) digest.update(`${name}\n`);
  return { objects: String(names.length), names: `sha256:${digest.digest('hex')}` };
};
