// Signed intents of strict calls against their entries, and the other way round: a call that was signed and locked before
// it was made cannot be taken out of the record before sealing without its object staying behind. Pure.

import { fromTimestamp } from '../../time.ts';
import { type SaidOutcome, wasLetThrough } from '../held-outcome.ts';
import { parseVerifierKey } from '../note.ts';
import { intentKeyName, intentPayload, readIntentPayload, type StrictIntent } from '../strict-intent.ts';
import type { EnvelopeOpener, OpenedEnvelope } from './envelope-job.ts';
import type { Inventory } from './inventory.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadEntry } from './read-line.ts';
import type { Findings, Place } from './report.ts';

/** Jobs under way at one time; each holds the signed intents of one segment. */
const MAX_AHEAD = 4;
/** Objects without an entry that are looked at in one job. */
const SPARE_AT_ONCE = 100;
/** Failures of an outcome that say that the call was not made: its signed intent need not be there. */
const NOT_MADE: ReadonlySet<string> = new Set(['intent_not_signed', 'intent_not_locked']);

interface Expected {
  readonly intent: StrictIntent;
  /** Leaf hash of the entry, hex. */
  readonly leaf: string;
  readonly place: Place;
  readonly file: string;
}

interface Running {
  readonly expected: readonly Expected[];
  readonly opened: Promise<readonly OpenedEnvelope[]>;
}

interface Unstored {
  readonly intent: StrictIntent;
  readonly place: Place;
  /** Whether policy held the call: it is signed and locked only when it is let through. */
  readonly held: boolean;
}

export class StrictIntentCheck {
  readonly #findings: Findings;
  readonly #open: EnvelopeOpener;
  readonly #origin: string;
  /** Objects that no entry has asked for so far, by call id. */
  readonly #objects: Map<string, string>;
  /** Verifier keys of the intent keys on record. */
  readonly #vkeys: string[] = [];
  #expected: Expected[] = [];
  readonly #running: Running[] = [];
  /** Signed by no key that was on record when their entry was met. */
  readonly #unproven: Expected[] = [];
  /** Strict intents without an object whose outcome is still to come. */
  readonly #unstored = new Map<string, Unstored>();
  #latest = 0;
  #coveredUntil = 0;

  constructor(findings: Findings, open: EnvelopeOpener, origin: string, { intents }: Pick<Inventory, 'intents'>) {
    this.#findings = findings;
    this.#open = open;
    this.#origin = origin;
    this.#objects = new Map(intents);
  }

  /** `leaf`: of an intent, hex. */
  entry(entry: ReadEntry, leaf: string, place: Place): void {
    this.#latest = Math.max(this.#latest, entry.at);
    if (entry.type === 'key.registered') this.#register(entry.use, entry.vkey, place);
    else if (entry.type === 'call.intent' && entry.strict !== null) {
      this.#intent({ intent: entry.strict, place, held: entry.hold !== null }, leaf);
    } else if (entry.type === 'call.outcome') this.#outcome(entry.callId, entry);
  }

  #register(use: string, vkey: string, place: Place): void {
    if (use !== 'intent') return;
    const key = parseVerifierKey(vkey);
    if (key.ok && key.value.name === intentKeyName(this.#origin)) this.#vkeys.push(vkey);
    else this.#findings.add('intent_key_malformed', vkey, place);
  }

  #intent(met: Unstored, leaf: string): void {
    const { intent, place } = met;
    const file = this.#objects.get(intent.callId);
    if (file === undefined) {
      this.#unstored.set(intent.callId, met);
      return;
    }
    this.#objects.delete(intent.callId);
    this.#expected.push({ intent, leaf, place, file });
  }

  #outcome(callId: string, said: SaidOutcome): void {
    const unstored = this.#unstored.get(callId);
    if (unstored === undefined) return;
    this.#unstored.delete(callId);
    if (said.failure !== null && NOT_MADE.has(said.failure)) return;
    if (unstored.held && !wasLetThrough(said)) return;
    this.#findings.add('strict_intent_missing', nameOf(unstored.intent), unstored.place);
  }

  /** A good checkpoint covers all entries so far. */
  covered(): void {
    this.#coveredUntil = this.#latest;
  }

  async endSegment(): Promise<void> {
    const expected = this.#expected;
    this.#expected = [];
    if (expected.length === 0) return;
    const opened = this.#open({ files: expected.map(({ file }) => file), vkeys: [...this.#vkeys] });
    // Whoever awaits it hears of a failure; until then it must not end the process.
    opened.catch(() => undefined);
    this.#running.push({ expected, opened });
    if (this.#running.length > MAX_AHEAD) await this.#takeOldest();
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#running.shift();
    if (oldest === undefined) return;
    const opened = await oldest.opened;
    for (const [n, one] of oldest.expected.entries()) {
      if (!this.#isProven(one, opened[n] ?? { unsigned: true })) this.#unproven.push(one);
    }
  }

  /** `false`: no key on record signed it, so far. */
  #isProven({ intent, leaf, place, file }: Expected, opened: OpenedEnvelope): boolean {
    if ('unsigned' in opened) return false;
    if ('malformed' in opened) this.#findings.add('strict_intent_malformed', opened.malformed, { file });
    else if (opened.payload !== intentPayload(intent, leaf)) {
      this.#findings.add('strict_intent_other', nameOf(intent), { ...place, file });
    }
    return true;
  }

  /** After the last entry. `broken`: entries are missing, and objects without one may be of those. */
  async end(broken: boolean): Promise<void> {
    while (this.#running.length > 0) await this.#takeOldest();
    await this.#eachOf(this.#unproven, (one, opened) => {
      if (this.#isProven(one, opened)) return;
      this.#findings.add('strict_intent_signature', nameOf(one.intent), { ...one.place, file: one.file });
    });
    for (const { intent, place } of this.#unstored.values()) {
      this.#findings.add('strict_intent_unstored', nameOf(intent), place);
    }
    if (broken && this.#objects.size > 0) {
      this.#findings.add('strict_intents_stopped', `${this.#objects.size} signed intents have no entry in this copy`);
    } else {
      const spare = [...this.#objects].map(([callId, file]) => ({ callId, file }));
      await this.#eachOf(spare, ({ callId, file }, opened) => this.#spare(callId, file, opened));
    }
  }

  async #eachOf<Item extends { readonly file: string }>(
    items: readonly Item[],
    take: (item: Item, opened: OpenedEnvelope) => void,
  ): Promise<void> {
    for (let at = 0; at < items.length; at += SPARE_AT_ONCE) {
      const slice = items.slice(at, at + SPARE_AT_ONCE);
      const opened = await this.#open({ files: slice.map(({ file }) => file), vkeys: this.#vkeys });
      for (const [n, item] of slice.entries()) take(item, opened[n] ?? { unsigned: true });
    }
  }

  #spare(callId: string, file: string, opened: OpenedEnvelope): void {
    if ('malformed' in opened) {
      this.#findings.add('strict_intent_malformed', opened.malformed, { file });
      return;
    }
    if ('unsigned' in opened) {
      this.#findings.add('strict_intent_signature', 'and no entry names it', { file });
      return;
    }
    const intent = readIntentPayload(opened.payload);
    if (intent === undefined) this.#findings.add('strict_intent_malformed', 'no statement about a call', { file });
    else if (intent.callId !== callId || intent.log !== this.#origin) {
      this.#findings.add('strict_intent_other', `it is about call ${intent.callId} of ${intent.log}`, { file });
    } else if (fromTimestamp(intent.ts) > this.#coveredUntil - CLOCK_SLACK_MS) {
      this.#findings.add('strict_intent_unsealed', nameOf(intent), { file });
    } else this.#findings.add('strict_intent_without_entry', nameOf(intent), { file });
  }
}

/** Who wanted what, for an examiner who may have nothing else of this call. */
const nameOf = ({ sid, seq, actor, tool, server, ts }: StrictIntent): string =>
  `session ${sid}, call ${seq}: ${actor.sub} by ${actor.client}, ${tool ?? 'a call'} at ${server}, ${ts}`;
