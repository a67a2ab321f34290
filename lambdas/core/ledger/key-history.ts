// Which key signs a log at which size, from the log's own entries: one genesis, then rotations, each from the key in
// force to another, and revocations. Whether a key may be believed is not decided here. Pure.

import { err, ok, type Result } from '../result.ts';
import type { KeyFact } from './key-files.ts';
import { parseVerifierKey, type Verifier } from './note.ts';

/** A key that the log names. */
export interface LogKey extends Verifier {
  readonly vkey: string;
  /** Index of the entry that put it in force. */
  readonly since: number;
  revoked: { readonly at: number; readonly upTo: number } | null;
}

export interface KeyFault {
  readonly reason: 'genesis_again' | 'rotation_wrong' | 'revocation_wrong' | 'key_unreadable';
  readonly detail: string;
}

export class KeyHistory {
  readonly #origin: string;
  readonly #keys: LogKey[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Oldest first. */
  get keys(): readonly LogKey[] {
    return this.#keys;
  }

  get inForce(): LogKey | undefined {
    return this.#keys.at(-1);
  }

  /** Takes the key entry at `index`, in the order of the log; one that does not follow changes nothing. */
  take(fact: KeyFact, index: number): Result<void, KeyFault> {
    switch (fact.type) {
      case 'key.genesis':
        if (index === 0) return this.#add(fact.checkpointKey, index);
        return err({ reason: 'genesis_again', detail: fact.checkpointKey });
      case 'key.rotated':
        return this.#rotate(fact, index);
      case 'key.revoked':
        return this.#revoke(fact, index);
    }
  }

  #rotate({ previous, next }: Extract<KeyFact, { type: 'key.rotated' }>, index: number): Result<void, KeyFault> {
    const wrong = (detail: string): Result<void, KeyFault> => err({ reason: 'rotation_wrong', detail });
    const inForce = this.inForce?.vkey;
    if (previous !== inForce) return wrong(`from ${previous}, in force is ${inForce ?? 'no key'}`);
    if (this.#keys.some(({ vkey }) => vkey === next)) return wrong(`back to ${next}`);
    return this.#add(next, index);
  }

  #revoke({ key, upTo }: Extract<KeyFact, { type: 'key.revoked' }>, index: number): Result<void, KeyFault> {
    const wrong = (detail: string): Result<void, KeyFault> => err({ reason: 'revocation_wrong', detail });
    const revoked = this.#keys.find(({ vkey }) => vkey === key);
    if (revoked === undefined) return wrong(`${key} is no key of this log`);
    if (revoked.revoked !== null) return wrong(`${key} was revoked at entry ${revoked.revoked.at}`);
    if (Number(upTo) > index) return wrong(`believed up to ${upTo} entries, there are ${index}`);
    revoked.revoked = { at: index, upTo: Number(upTo) };
    return ok(undefined);
  }

  #add(vkey: string, since: number): Result<void, KeyFault> {
    const key = parseVerifierKey(vkey);
    if (!key.ok) return err({ reason: 'key_unreadable', detail: `${vkey}: ${key.error.reason}` });
    if (key.value.name !== this.#origin) return err({ reason: 'key_unreadable', detail: `${vkey}: of another log` });
    this.#keys.push({ ...key.value, vkey, since, revoked: null });
    return ok(undefined);
  }
}
