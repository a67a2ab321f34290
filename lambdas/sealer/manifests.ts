// Manifests of ended sessions: for each one that waits, its entries out of the log, what they say as one statement, signed
// by the log's key in force, and put beside the log.
//
//     list what waits -> (all sealed? -> read entries -> check -> sign -> MANIFEST -> nothing is due any more)*
//
// The statement follows from the entries alone and Ed25519 is deterministic, so every step can be repeated:
//
//     died before MANIFEST    nothing is there; the next run does the same
//     died after MANIFEST     the next run finds it, sees that it says the same, and takes the session off the list;
//                             it may have been signed by the key before
//
// A session is checked with the verifier's own rules first. What those would refuse is not signed.

import { formatEnvelope, preAuthEncoding } from '../core/ledger/dsse.ts';
import { manifestName } from '../core/ledger/log-layout.ts';
import { manifestPayload } from '../core/ledger/manifest.ts';
import { leafHashOf } from '../core/ledger/merkle.ts';
import { readLine } from '../core/ledger/verify/read-line.ts';
import { Findings } from '../core/ledger/verify/report.ts';
import { SessionCheck } from '../core/ledger/verify/sessions.ts';
import { err, ok, type Result } from '../core/result.ts';
import { keyInForce } from './log-keys.ts';
import type { OpenLog } from './open-log.ts';
import type { SealerPorts } from './ports.ts';
import { linesAt } from './session-lines.ts';

/** Why a session gets no manifest. */
interface Refused {
  readonly why: string;
}

/** Manifests under way at one time: each waits for AWS most of the time, and a busy log ends several sessions a second. */
const AT_ONCE = 8;

/** Writes manifests until the deadline (epoch milliseconds); tells how many. */
export const writeManifests = async (ports: SealerPorts, log: OpenLog, deadlineAt: number): Promise<number> => {
  let written = 0;
  let sids: string[] = [];
  const writeAll = async (): Promise<void> => {
    const done = await Promise.all(sids.map((sid) => writeManifest(ports, log, sid)));
    written += done.filter(Boolean).length;
    sids = [];
  };
  for await (const sid of ports.ended.list()) {
    if (ports.clock.now() >= deadlineAt) return written;
    sids.push(sid);
    if (sids.length === AT_ONCE) await writeAll();
  }
  await writeAll();
  return written;
};

/** `false`: not yet, or not at all. */
const writeManifest = async (ports: SealerPorts, log: OpenLog, sid: string): Promise<boolean> => {
  const indexes = await sealedIndexes(ports, log, sid);
  if (indexes === undefined) return false;
  const payload = await payloadOf(ports, sid, indexes);
  if (payload.ok) await putManifest(ports, log, sid, payload.value);
  else {
    ports.diagnostics.error('A session gets no manifest', new Error(`${sid}: ${payload.error.why}`));
    await ports.ended.refuse(sid, payload.error.why);
  }
  return payload.ok;
};

/** Where a session's entries stand in the log, in its order; `undefined` while one of them is not sealed and signed. */
const sealedIndexes = async (
  { ended }: SealerPorts,
  { signedSize }: OpenLog,
  sid: string,
): Promise<readonly number[] | undefined> => {
  const found: number[] = [];
  for await (const index of ended.listIndexes(sid)) {
    if (index === null || index >= signedSize) return undefined;
    found.push(index);
  }
  // An entry that was changed while it waited stands at the index of the suspicion; the check below says so.
  return [...new Set(found)].sort((a, b) => a - b);
};

/** The statement about a session, from its lines in the log. */
const payloadOf = async (
  ports: SealerPorts,
  sid: string,
  indexes: readonly number[],
): Promise<Result<string, Refused>> => {
  const findings = new Findings();
  const check = new SessionCheck(findings);
  for await (const { index, line } of linesAt(ports, indexes)) {
    const entry = readLine(line, Buffer.byteLength(line, 'utf8'), ports.origin);
    if (!entry.ok) return err({ why: `entry ${index}: ${entry.error.detail}` });
    if (!('sid' in entry.value) || entry.value.sid !== sid)
      return err({ why: `entry ${index} is not of this session: the ledger table was changed` });
    check.entry(entry.value, leafHashOf(line), { index });
  }
  const faults = findings.logReports().filter(({ status }) => status === 'failed');
  if (faults.length > 0) return err({ why: faults.flatMap(({ counts }) => Object.keys(counts)).join(', ') });
  const session = check.find(sid);
  const totals = session?.isSettled === true ? session.summary.totals() : undefined;
  if (totals === undefined) return err({ why: 'entries are missing: it has no end, or its calls are not settled' });
  return ok(manifestPayload(ports.origin, sid, totals));
};

const putManifest = async (ports: SealerPorts, { keys }: OpenLog, sid: string, payload: string): Promise<void> => {
  const name = manifestName(sid);
  const { key, keyId } = await keyInForce(ports, keys);
  const envelope = formatEnvelope(payload, keyId, await key.signer.sign(preAuthEncoding(payload)));
  if ((await ports.log.putOnce(name, Buffer.from(envelope, 'utf8'))) === 'exists')
    await requireSame(ports, sid, payload);
  await ports.ended.finish(sid, name);
};

/** A manifest that is there already was written by a run that died after it; it can only say the same. */
const requireSame = async ({ log, diagnostics }: SealerPorts, sid: string, payload: string): Promise<void> => {
  const there = await log.get(manifestName(sid));
  const text = there === undefined ? '' : Buffer.from(there).toString('utf8');
  if (text.includes(`"payload":"${Buffer.from(payload, 'utf8').toString('base64')}"`)) return;
  diagnostics.error('A session gets no manifest', new Error(`${sid}: another one is there; verify a copy of the log`));
};
