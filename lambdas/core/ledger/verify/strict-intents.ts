// Signed intents of strict calls against their entries, and the other way round: a call that was signed and locked before
// it was made cannot be taken out of the record before sealing without its object staying behind. Pure but for reading the
// files it is given.

import { fromTimestamp } from '../../time.ts';
import { openEnvelope } from '../dsse.ts';
import { parseVerifierKey, type Verifier } from '../note.ts';
import { intentKeyName, intentPayload, readIntentPayload, type StrictIntent } from '../strict-intent.ts';
import type { Inventory, LogFiles } from './inventory.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadEntry } from './read-line.ts';
import type { Findings, Place } from './report.ts';

const READ_AT_ONCE = 8;
/** Failures of an outcome that say that the call was not made: its signed intent need not be there. */
const NOT_MADE: ReadonlySet<string> = new Set(['intent_not_signed', 'intent_not_locked']);

interface Expected {
  readonly intent: StrictIntent;
  /** Leaf hash of the entry, hex. */
  readonly leaf: string;
  readonly place: Place;
  readonly file: string;
}

export class StrictIntentCheck {
  readonly #findings: Findings;
  readonly #files: LogFiles;
  readonly #origin: string;
  /** Objects that no entry has asked for so far, by call id. */
  readonly #objects: Map<string, string>;
  readonly #keys: Verifier[] = [];
  #expected: Expected[] = [];
  /** Signed by no key that was on record when their entry was met. */
  readonly #unproven: Expected[] = [];
  /** Strict intents without an object whose outcome is still to come. */
  readonly #unstored = new Map<string, { readonly intent: StrictIntent; readonly place: Place }>();
  #latest = 0;
  #coveredUntil = 0;

  constructor(findings: Findings, files: LogFiles, origin: string, { intents }: Pick<Inventory, 'intents'>) {
    this.#findings = findings;
    this.#files = files;
    this.#origin = origin;
    this.#objects = new Map(intents);
  }

  /** `leaf`: of an intent, hex. */
  entry(entry: ReadEntry, leaf: string, place: Place): void {
    this.#latest = Math.max(this.#latest, entry.at);
    if (entry.type === 'key.registered') this.#register(entry.use, entry.vkey, place);
    else if (entry.type === 'call.intent' && entry.strict !== null) this.#intent(entry.strict, leaf, place);
    else if (entry.type === 'call.outcome') this.#outcome(entry.callId, entry.failure);
  }

  #register(use: string, vkey: string, place: Place): void {
    if (use !== 'intent') return;
    const key = parseVerifierKey(vkey);
    if (key.ok && key.value.name === intentKeyName(this.#origin)) this.#keys.push(key.value);
    else this.#findings.add('intent_key_malformed', vkey, place);
  }

  #intent(intent: StrictIntent, leaf: string, place: Place): void {
    const file = this.#objects.get(intent.callId);
    if (file === undefined) {
      this.#unstored.set(intent.callId, { intent, place });
      return;
    }
    this.#objects.delete(intent.callId);
    this.#expected.push({ intent, leaf, place, file });
  }

  #outcome(callId: string, failure: string | null): void {
    const unstored = this.#unstored.get(callId);
    if (unstored === undefined) return;
    this.#unstored.delete(callId);
    if (failure !== null && NOT_MADE.has(failure)) return;
    this.#findings.add('strict_intent_missing', nameOf(unstored.intent), unstored.place);
  }

  /** A good checkpoint covers all entries so far. */
  covered(): void {
    this.#coveredUntil = this.#latest;
  }

  async endSegment(): Promise<void> {
    const expected = this.#expected;
    this.#expected = [];
    await eachOf(expected, async (one) => {
      if (!(await this.#isProven(one))) this.#unproven.push(one);
    });
  }

  /** `false`: no key on record signed it, so far. */
  async #isProven({ intent, leaf, place, file }: Expected): Promise<boolean> {
    const payload = await this.#open(file);
    if (payload === undefined) return true;
    if (payload === null) return false;
    if (payload !== intentPayload(intent, leaf)) {
      this.#findings.add('strict_intent_other', nameOf(intent), { ...place, file });
    }
    return true;
  }

  /** The payload; `null` when no key on record signed it, `undefined` when it is no envelope, which is reported here. */
  async #open(file: string): Promise<string | null | undefined> {
    const bytes = await this.#files.read(file);
    let unsigned: null | undefined = null;
    for (const key of this.#keys) {
      const opened = openEnvelope(bytes, key);
      if (opened.ok) return opened.value;
      if (opened.error.reason !== 'envelope_malformed') continue;
      this.#findings.add('strict_intent_malformed', opened.error.detail, { file });
      unsigned = undefined;
      break;
    }
    return unsigned;
  }

  /** After the last entry. `broken`: entries are missing, and objects without one may be of those. */
  async end(broken: boolean): Promise<void> {
    await eachOf(this.#unproven, async (one) => {
      if (await this.#isProven(one)) return;
      this.#findings.add('strict_intent_signature', nameOf(one.intent), { ...one.place, file: one.file });
    });
    for (const { intent, place } of this.#unstored.values()) {
      this.#findings.add('strict_intent_unstored', nameOf(intent), place);
    }
    if (broken && this.#objects.size > 0) {
      this.#findings.add('strict_intents_stopped', `${this.#objects.size} signed intents have no entry in this copy`);
    } else await eachOf([...this.#objects], ([callId, file]) => this.#spare(callId, file));
  }

  async #spare(callId: string, file: string): Promise<void> {
    const payload = await this.#open(file);
    if (payload === undefined) return;
    if (payload === null) {
      this.#findings.add('strict_intent_signature', 'and no entry names it', { file });
      return;
    }
    const intent = readIntentPayload(payload);
    if (intent === undefined) this.#findings.add('strict_intent_malformed', 'no statement about a call', { file });
    else if (intent.callId !== callId || intent.log !== this.#origin) {
      this.#findings.add('strict_intent_other', `it is about call ${intent.callId} of ${intent.log}`, { file });
    } else if (fromTimestamp(intent.ts) > this.#coveredUntil - CLOCK_SLACK_MS) {
      this.#findings.add('strict_intent_unsealed', nameOf(intent), { file });
    } else this.#findings.add('strict_intent_without_entry', nameOf(intent), { file });
  }
}

const eachOf = async <Item>(items: readonly Item[], check: (item: Item) => Promise<void>): Promise<void> => {
  for (let at = 0; at < items.length; at += READ_AT_ONCE) {
    await Promise.all(items.slice(at, at + READ_AT_ONCE).map(check));
  }
};

/** Who wanted what, for an examiner who may have nothing else of this call. */
const nameOf = ({ sid, seq, actor, tool, server, ts }: StrictIntent): string =>
  `session ${sid}, call ${seq}: ${actor.sub} by ${actor.client}, ${tool ?? 'a call'} at ${server}, ${ts}`;
