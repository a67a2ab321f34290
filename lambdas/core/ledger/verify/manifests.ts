// Manifests of ended sessions: signed by the log's key, and saying in every field what the entries of the session say. The
// statement is made anew from the entries and compared byte for byte. Pure but for reading the files it is given.

import { type DsseFault, formatEnvelope, openEnvelope } from '../dsse.ts';
import { manifestDifferences, manifestPayload, manifestSubject } from '../manifest.ts';
import type { LogFiles } from './inventory.ts';
import type { KeyCheck, KnownKey } from './keys.ts';
import type { Findings } from './report.ts';
import type { SessionCheck } from './sessions.ts';

/** A sealer writes a manifest minutes after its session is settled. Later than this, it is missing. */
const DUE_AFTER_MS = 60 * 60 * 1000;
const READ_AT_ONCE = 8;

export class ManifestCheck {
  readonly #findings: Findings;
  readonly #files: LogFiles;
  readonly #keys: KeyCheck;
  /** Names by session. */
  readonly #manifests: ReadonlyMap<string, string>;
  /** Manifests that hold. */
  found = 0;

  constructor(
    findings: Findings,
    files: LogFiles,
    { keys, manifests }: { readonly keys: KeyCheck; readonly manifests: ReadonlyMap<string, string> },
  ) {
    this.#findings = findings;
    this.#files = files;
    this.#keys = keys;
    this.#manifests = manifests;
  }

  /** After the last entry, whose time it is given (epoch milliseconds). */
  async end(sessions: SessionCheck, lastAt: number): Promise<void> {
    const manifests = [...this.#manifests];
    if (sessions.stopped && manifests.length > 0)
      this.#findings.add('manifests_stopped', `${manifests.length} manifests: only their signatures were checked`);
    for (let at = 0; at < manifests.length; at += READ_AT_ONCE) {
      const slice = manifests.slice(at, at + READ_AT_ONCE);
      const bytes = await Promise.all(slice.map(([, name]) => this.#files.read(name)));
      for (const [n, [sid, name]] of slice.entries()) this.#one(bytes[n] ?? new Uint8Array(), sessions, sid, name);
    }
    if (!sessions.stopped) this.#missing(sessions, lastAt);
  }

  #one(bytes: Uint8Array, sessions: SessionCheck, sid: string, file: string): void {
    const opened = this.#open(bytes, file);
    if (opened === undefined || !this.#isOf(sid, opened, file)) return;
    if (!sessions.stopped) this.#compare(opened, sessions, sid, file);
  }

  #missing(sessions: SessionCheck, lastAt: number): void {
    for (const { sid, settledAt } of sessions.settled()) {
      const isDue = settledAt + DUE_AFTER_MS < lastAt;
      if (isDue && !this.#manifests.has(sid)) this.#findings.add('manifest_missing', `session ${sid}`);
    }
  }

  /** The payload of a manifest that is well formed and signed by a key of this log, and that key. */
  #open(bytes: Uint8Array, file: string): Opened | undefined {
    let fault: DsseFault | undefined;
    // The youngest key first: of most manifests it is the one.
    for (const key of this.#keys.known.toReversed()) {
      const opened = openEnvelope(bytes, key);
      if (!opened.ok) fault = opened.error;
      // The signature covers the payload only: the rest has one spelling.
      else if (isOwnForm(bytes, opened.value, key.keyId)) return { payload: opened.value, key };
      else fault = { reason: 'envelope_malformed', detail: 'not the envelope that a sealer writes' };
      if (fault.reason === 'envelope_malformed') break;
    }
    if (fault?.reason === 'envelope_malformed') this.#findings.add('manifest_malformed', fault.detail, { file });
    else this.#findings.add('manifest_signature', `no good signature by a key of ${this.#keys.origin}`, { file });
    return undefined;
  }

  #isOf(sid: string, { payload }: Opened, file: string): boolean {
    const subject = manifestSubject(payload);
    if (subject === undefined) this.#findings.add('manifest_malformed', 'no statement about a session', { file });
    else if (subject !== sid) this.#findings.add('manifest_other_session', `is about session ${subject}`, { file });
    return subject === sid;
  }

  #compare({ payload, key }: Opened, sessions: SessionCheck, sid: string, file: string): void {
    const session = sessions.find(sid);
    if (session === undefined) {
      this.#findings.add('manifest_unknown_session', `session ${sid}`, { file });
      return;
    }
    const totals = session.isSettled ? session.summary.totals() : undefined;
    if (totals === undefined) {
      this.#findings.add('manifest_mismatch', 'the session has not ended, or its calls are not settled', { file });
      return;
    }
    const expected = manifestPayload(this.#keys.origin, sid, totals);
    if (payload === expected) this.#weigh(key, totals.last, file);
    else {
      const differences = manifestDifferences(payload, expected).join('; ');
      this.#findings.add('manifest_mismatch', differences === '' ? 'not canonical JSON' : differences, { file });
    }
  }

  /** A manifest is signed once all entries of its session are, by the key that is in force then. */
  #weigh(key: KnownKey, last: number, file: string): void {
    const worth = this.#keys.worthAfter(key.vkey, last);
    if (worth === 'proof') this.found += 1;
    else if (worth === 'doubtful') this.#findings.add('manifest_doubtful', key.vkey, { file });
    else this.#findings.add('manifest_signature', `${key.vkey} had been replaced before entry ${last}`, { file });
  }
}

interface Opened {
  readonly payload: string;
  readonly key: KnownKey;
}

/** Whether an envelope that opened is written as a sealer writes it: one signature, under the name of the key. */
const isOwnForm = (bytes: Uint8Array, payload: string, keyId: string): boolean => {
  const text = Buffer.from(bytes).toString('utf8');
  const { signatures } = JSON.parse(text) as { readonly signatures: readonly { readonly sig: string }[] };
  return text === formatEnvelope(payload, keyId, Buffer.from(signatures[0]?.sig ?? '', 'base64'));
};
