// Recorded bodies of one session, opened: found by their digest, decrypted under the session's keys, and held against what
// their entries commit to. What fails is said of the one body, and never shown.

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type SplitKey, splitDataKey } from '../core/ledger/content-keys.ts';
import type { ContentRecord } from '../core/ledger/entry.ts';
import { openBody } from '../core/ledger/open-body.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { RecordedBody } from '../core/sessions/recorded-bodies.ts';
import type { OpenerPorts } from './ports.ts';

/** The text, or what a person is told in its place. */
export type OpenedBody = Result<string, string>;

type Ports = Pick<OpenerPorts, 'wrappedKeys' | 'unwrap' | 'bodies' | 'diagnostics'>;

const SHREDDED = 'Its key is gone: it was shredded.';
const NO_KEY = 'KMS did not unwrap its key. Try again, or ask the operators.';
const UNREAD = 'It could not be read just now. Try again, or ask the operators.';
const GONE = 'It is not stored any more: the time that content is kept for is over.';
const NOT_AS_RECORDED = 'It is NOT what the log commits to. Verify the log, and keep a copy of it.';

export const openBodies = async (
  ports: Ports,
  sid: string,
  bodies: readonly RecordedBody[],
  inline: readonly string[],
): Promise<readonly OpenedBody[]> => {
  if (bodies.length === 0) return [];
  const keys = await unwrapAll(ports, sid, new Set(bodies.map(({ content }) => content.kid)));
  const near = new Map(inline.map((jwe) => [digestOf(jwe), jwe]));
  const opened: OpenedBody[] = [];
  for (const { content } of bodies) opened.push(await openOne(ports, content, keys.get(content.kid), near));
  return opened;
};

const digestOf = (jwe: string): string => `sha256:${createHash('sha256').update(jwe).digest('hex')}`;

type Key = Result<SplitKey, string>;

const unwrapAll = async (ports: Ports, sid: string, kids: ReadonlySet<string>): Promise<ReadonlyMap<string, Key>> => {
  const wrapped = await ports.wrappedKeys.ofSession(sid);
  const needed = wrapped.filter(({ kid }) => kids.has(kid));
  const keys = await Promise.all(
    needed.map(async (key): Promise<readonly [string, Key]> => {
      try {
        return [key.kid, ok(splitDataKey(Buffer.from((await ports.unwrap(key)).key, 'base64')))];
      } catch (cause) {
        ports.diagnostics.error('A content key was not unwrapped', cause);
        return [key.kid, err(NO_KEY)];
      }
    }),
  );
  return new Map(keys);
};

const openOne = async (
  ports: Ports,
  content: ContentRecord,
  key: Key | undefined,
  inline: ReadonlyMap<string, string>,
): Promise<OpenedBody> => {
  if (key === undefined) return err(SHREDDED);
  if (!key.ok) return key;
  const jwe = content.at === 'inline' ? ok(inline.get(content.ct)) : await load(ports, content.ct);
  if (!jwe.ok) return jwe;
  if (jwe.value === undefined) return err(GONE);
  const commitment = { kid: content.kid, pt: content.pt, bytes: Number(content.bytes) };
  const opened = digestOf(jwe.value) === content.ct ? openBody(jwe.value, commitment, key.value) : undefined;
  if (opened?.ok !== true) return err(NOT_AS_RECORDED);
  return ok(
    isUtf8(opened.value) ? opened.value.toString('utf8') : `(not UTF-8; in base64) ${opened.value.toString('base64')}`,
  );
};

const load = async (ports: Ports, ct: string): Promise<Result<string | undefined, string>> => {
  try {
    return ok(await ports.bodies.load(ct));
  } catch (cause) {
    ports.diagnostics.error('A recorded body could not be read', cause);
    return err(UNREAD);
  }
};
