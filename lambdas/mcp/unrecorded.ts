// Events of a stream that were handed on (or are about to be, held back behind their entry) and are not yet in an entry.

import type { Finding } from '../core/masking/edit.ts';
import type { MaskedEvent } from '../core/masking/stream/stream-masker.ts';
import type { LastPart } from './recorder.ts';

export class Unrecorded {
  readonly #isMasked: boolean;
  #raw: Buffer[] = [];
  #handed: Buffer[] = [];
  #removed: Finding[] = [];
  #shown: Finding[] = [];
  bytes = 0;
  /** When the first of them was added, in epoch milliseconds. */
  since = 0;

  constructor(isMasked: boolean) {
    this.#isMasked = isMasked;
  }

  add({ raw, event, findings, shown }: MaskedEvent, now: number): void {
    if (this.bytes === 0) this.since = now;
    this.#raw.push(raw);
    this.#handed.push(event);
    // One by one: a spread of a long list would overflow the stack.
    for (const finding of findings) this.#removed.push(finding);
    for (const finding of shown) this.#shown.push(finding);
    this.bytes += raw.length;
  }

  /** Received events that nobody gets: recorded with the others. */
  addWithheld(events: readonly Buffer[], now: number): void {
    if (events.length === 0) return;
    this.add({ raw: Buffer.concat(events), event: Buffer.alloc(0), findings: [], shown: [] }, now);
  }

  /** Everything since the last entry, for the next one. */
  take(): LastPart {
    const bytes = Buffer.concat(this.#raw);
    const handed = { bytes: Buffer.concat(this.#handed), removed: this.#removed, shown: this.#shown };
    [this.#raw, this.#handed, this.#removed, this.#shown, this.bytes] = [[], [], [], [], 0];
    return { bytes, handed: this.#isMasked ? handed : undefined };
  }
}
