// The manifest of an ended session: one signed statement of who used what, which entries of the log are the recording, and
// how the calls ended. Everything in it follows from the entries alone, so the same log gives the same bytes. Pure.

import { hash } from 'node:crypto';
import { STATEMENT_TYPE, type Statement, statementPayload } from './dsse.ts';
import type { SessionTotals } from './session-summary.ts';

/** What the predicate means: docs/formats.md. A name, not an address. */
export const MANIFEST_TYPE = 'https://countersign.example/session/v1';

/** A statement must stay below what KMS signs; a longer text of a token stands as its digest. */
const MAX_TEXT_BYTES = 600;

const shown = (text: string): string =>
  Buffer.byteLength(JSON.stringify(text), 'utf8') <= MAX_TEXT_BYTES ? text : `sha256:${hash('sha256', text, 'hex')}`;

/** Subject of the statement about a session. */
const subjectOf = (sid: string): string => `session/${sid}`;

const statementOf = (origin: string, sid: string, totals: SessionTotals): Statement => {
  const { principal, server, openedAt, closedAt, why, first, last, count, root } = totals;
  const { intents, outcomes, unknown, gaps, approvals, masked } = totals;
  const counts = [...outcomes].map(([status, number]) => [status, String(number)]);
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: subjectOf(sid), digest: { sha256: Buffer.from(root).toString('hex') } }],
    predicateType: MANIFEST_TYPE,
    predicate: {
      log: origin,
      session: { sid, server: shown(server), openedAt, closedAt, why },
      principal: { iss: shown(principal.iss), sub: shown(principal.sub), client: shown(principal.client) },
      entries: { first: String(first), last: String(last), count: String(count) },
      calls: {
        counted: String(intents + gaps),
        outcomes: Object.fromEntries(counts),
        unknown: String(unknown),
        gaps: String(gaps),
      },
      approvals: String(approvals),
      masked: String(masked),
    },
  };
};

/** Payload of a session's manifest: canonical JSON, to be signed as a DSSE envelope. */
export const manifestPayload = (origin: string, sid: string, totals: SessionTotals): string =>
  statementPayload(statementOf(origin, sid, totals));

/** The session that a payload says it is about; `undefined` when it is no such statement. */
export const manifestSubject = (payload: string): string | undefined => {
  try {
    const { subject, predicateType } = JSON.parse(payload) as Partial<Statement>;
    const name = Array.isArray(subject) && subject.length === 1 ? subject[0]?.name : undefined;
    return predicateType === MANIFEST_TYPE && typeof name === 'string' && name.startsWith('session/')
      ? name.slice('session/'.length)
      : undefined;
  } catch {
    return undefined;
  }
};

const MAX_DIFFERENCES = 4;

/** Where two payloads differ, as `path: one, not the other`; for people. */
export const manifestDifferences = (stated: string, expected: string): readonly string[] => {
  const found: string[] = [];
  compare(JSON.parse(stated), JSON.parse(expected), '', found);
  return found.slice(0, MAX_DIFFERENCES);
};

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const compare = (stated: unknown, expected: unknown, path: string, found: string[]): void => {
  if (isMembers(stated) && isMembers(expected)) {
    for (const name of new Set([...Object.keys(stated), ...Object.keys(expected)])) {
      compare(stated[name], expected[name], path === '' ? name : `${path}.${name}`, found);
    }
  } else if (stated !== expected) found.push(`${path} is ${quote(stated)}, the entries say ${quote(expected)}`);
};

const quote = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 100);
