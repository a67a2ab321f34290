// Inclusion proofs as files (C2SP tlog-proof): one entry, its place, the hashes up to a signed checkpoint. The entry
// itself travels as the proof's extra data; nothing of it is believed but what the hashes prove. Pure.
//
//     c2sp.org/tlog-proof@v1
//     extra <base64 of the entry's line>
//     index 73894
//     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
//     …
//
//     <checkpoint, verbatim>

import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '../../result.ts';
import { type Hash, leafHashOf, rootFromInclusion } from '../merkle.ts';
import { parseNote, strictBase64, type Verifier } from '../note.ts';
import type { TrustPolicy } from '../trust-policy.ts';
import { openCheckpoint } from './checkpoints.ts';
import { cosignedBy } from './cosigned.ts';
import { readLine } from './read-line.ts';
import { type CheckReport, Findings, type Verdict, verdictOf } from './report.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** An entry of 60,000 bytes in base64, 16 signatures, 63 hashes, with room to spare. */
const MAX_PROOF_BYTES = 256 * 1024;
const MAX_HASHES = 63;

export interface TlogProof {
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: Uint8Array;
  /** Unauthenticated by the format; ours is the line of the entry. */
  readonly extra: Uint8Array | null;
}

export const formatProof = ({ index, hashes, checkpoint, extra }: TlogProof): string => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const head = [HEADER, ...(extra === null ? [] : [`extra ${base64(extra)}`]), `index ${index}`];
  return `${[...head, ...hashes.map(base64)].join('\n')}\n\n${Buffer.from(checkpoint).toString('utf8')}`;
};

export type ProofFault = { readonly reason: 'proof_malformed'; readonly detail: string };

export const parseProof = (bytes: Uint8Array): Result<TlogProof, ProofFault> => {
  const wrong = (detail: string): Result<never, ProofFault> => err({ reason: 'proof_malformed', detail });
  if (bytes.length > MAX_PROOF_BYTES) return wrong(`longer than ${MAX_PROOF_BYTES} bytes`);
  if (!isUtf8(bytes)) return wrong('not UTF-8');
  const text = Buffer.from(bytes).toString('utf8');
  const split = text.indexOf('\n\n');
  if (split < 0) return wrong('no empty line before the checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) return wrong(`the first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? strictBase64(lines.shift()?.slice('extra '.length) ?? '') : null;
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (extra === undefined) return wrong('the extra data is not base64');
  if (index === undefined || !Number.isSafeInteger(Number(index))) return wrong('no line "index <number>"');
  const hashes = lines.map(strictBase64).filter((hash) => hash?.length === 32);
  if (hashes.length !== lines.length || hashes.length > MAX_HASHES) return wrong('a hash is not base64 of 32 bytes');
  const proven = hashes.filter((hash) => hash !== undefined);
  return ok({ index: Number(index), hashes: proven, checkpoint: Buffer.from(text.slice(split + 2)), extra });
};

export interface ProofReport {
  readonly verdict: Verdict;
  readonly origin: string;
  readonly index: number | null;
  /** Entries under the checkpoint. */
  readonly size: number | null;
  /** Witnesses of the policy that cosigned the checkpoint, by their names there. */
  readonly witnesses: readonly string[];
  /** The line of the entry, only when it is proven. */
  readonly entry: string | null;
  readonly checks: readonly CheckReport[];
}

export const verifyProof = (bytes: Uint8Array, keys: readonly Verifier[], policy: TrustPolicy | null): ProofReport => {
  const findings = new Findings();
  const proof = parseProof(bytes);
  const proven = proof.ok ? checkProof(proof.value, keys, findings) : undefined;
  const witnesses = proof.ok ? checkWitnesses(proof.value, policy, findings) : [];
  if (!proof.ok) findings.add(proof.error.reason, proof.error.detail);
  const checks = [findings.reportOf('proof'), findings.reportOf('witnesses')];
  return {
    verdict: verdictOf(checks),
    origin: keys[0]?.name ?? '',
    index: proof.ok ? proof.value.index : null,
    size: proven?.size ?? null,
    witnesses,
    entry: proven?.line ?? null,
    checks,
  };
};

const checkProof = (
  { index, hashes, checkpoint, extra }: TlogProof,
  keys: readonly Verifier[],
  findings: Findings,
): { readonly size: number; readonly line: string } | undefined => {
  const head = openCheckpoint(checkpoint, keys);
  if (!head.ok) findings.add('proof_checkpoint', head.error.reason);
  if (extra === null) findings.add('proof_without_entry', 'no "extra" line');
  if (!head.ok || extra === null) return undefined;
  const root = rootFromInclusion(leafHashOf(extra), index, head.value.size, hashes);
  if (root === undefined || Buffer.compare(root, head.value.root) !== 0) {
    findings.add('proof_inclusion', `entry ${index} of ${head.value.size}`, { index });
    return undefined;
  }
  const line = Buffer.from(extra).toString('utf8');
  const entry = isUtf8(extra) ? readLine(line, extra.length, keys[0]?.name ?? '') : undefined;
  if (entry?.ok !== true) findings.add('proof_entry', entry?.error.detail ?? 'not UTF-8', { index });
  return { size: head.value.size, line };
};

const checkWitnesses = (
  { checkpoint }: TlogProof,
  policy: TrustPolicy | null,
  findings: Findings,
): readonly string[] => {
  if (policy === null) findings.add('policy_not_given', 'give one with --policy');
  else if (policy.quorum.kind === 'none') findings.add('quorum_none', 'the policy says "quorum none"');
  const note = parseNote(checkpoint);
  if (policy === null || !note.ok) return [];
  const { by, wrong, quorum } = cosignedBy(note.value, policy);
  for (const name of wrong) findings.add('cosignature_signature', `the cosignature by ${name} does not verify`);
  if (!quorum) findings.add('quorum_never', `cosigned by ${[...by.keys()].join(', ') || 'no witness of the policy'}`);
  return [...by.keys()];
};
