// Bodies that are opened, and everything that keeps one closed.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealContent } from '../../../lambdas/adapters/jwe-sealer.ts';
import { kidOf, splitDataKey } from '../../../lambdas/core/ledger/content-keys.ts';
import type { ContentRecord } from '../../../lambdas/core/ledger/entry.ts';
import { openBodies } from '../../../lambdas/opener/open-bodies.ts';

const SID = '01a20327-92b4-7074-af1a-0a1a1fef557f';
const dataKey = randomBytes(32);
const wrapped = Buffer.from('a wrapped key');
const kid = kidOf(wrapped);
const WRAPPED = { sid: SID, kid, wrapped: wrapped.toString('base64') };

interface Sealed {
  readonly content: ContentRecord;
  readonly jwe: string;
}

const sealed = (plaintext: Uint8Array, over: Partial<ContentRecord> = {}): Sealed => {
  const { jwe, ct, pt, bytes } = sealContent({ ...splitDataKey(dataKey), kid }, plaintext);
  return { jwe, content: { bytes: String(bytes), kid, ct, pt, at: 'inline', ...over } };
};

type Ports = Parameters<typeof openBodies>[0];

const open = async ({ content }: Sealed, inline: readonly string[], over: Partial<Ports> = {}) => {
  const faults: string[] = [];
  const ports: Ports = {
    wrappedKeys: { ofSession: async () => [WRAPPED] },
    unwrap: async () => ({ kid, sid: SID, key: dataKey.toString('base64') }),
    bodies: { load: async () => undefined },
    diagnostics: { error: (message: string) => faults.push(message) } as unknown as Ports['diagnostics'],
    ...over,
  };
  const [opened] = await openBodies(ports, SID, [{ title: 'it', content }], inline);
  return { opened, faults };
};

const SECRET = 'ssn 078-05-1120';
const body = sealed(Buffer.from(SECRET));
const object = sealed(Buffer.from(SECRET), { at: 'object' });

describe('a body', () => {
  it('is opened where it lies: beside its entry, or in the bucket', async () => {
    expect((await open(body, ['another', body.jwe])).opened).toEqual({ ok: true, value: SECRET });
    const fromBucket = await open(object, [], {
      bodies: { load: async (ct) => (ct === object.content.ct ? object.jwe : '') },
    });
    expect(fromBucket.opened).toEqual({ ok: true, value: SECRET });
  });

  it('that is no text is shown in base64, and not as other bytes', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    const binary = sealed(bytes);
    expect((await open(binary, [binary.jwe])).opened).toEqual({
      ok: true,
      value: `(not UTF-8; in base64) ${bytes.toString('base64')}`,
    });
  });

  it.each([
    ['its key is gone', body, [body.jwe], { wrappedKeys: { ofSession: async () => [] } }, 'shredded'],
    [
      'KMS refuses',
      body,
      [body.jwe],
      { unwrap: () => Promise.reject(new Error('AccessDenied')) },
      'KMS did not unwrap',
    ],
    ['it is gone', body, [], {}, 'not stored any more'],
    ['it is gone from the bucket', object, [], {}, 'not stored any more'],
    ['the bucket fails', object, [], { bodies: { load: () => Promise.reject(new Error('503')) } }, 'could not be read'],
    ['the bucket holds another', object, [], { bodies: { load: async () => body.jwe } }, 'NOT what the log commits to'],
    [
      'the key is another',
      body,
      [body.jwe],
      { unwrap: async () => ({ kid, sid: SID, key: randomBytes(32).toString('base64') }) },
      'NOT what the log commits to',
    ],
    [
      'the entry commits to other bytes',
      { ...body, content: { ...body.content, pt: `hmac-sha256:${'0'.repeat(64)}` } },
      [body.jwe],
      {},
      'NOT what the log commits to',
    ],
    [
      'the entry says another size',
      { ...body, content: { ...body.content, bytes: '14' } },
      [body.jwe],
      {},
      'NOT what the log commits to',
    ],
  ] as const)('stays closed when %s', async (_, one, inline, over, told) => {
    const { opened } = await open(one, inline, over as Partial<Ports>);
    expect(opened).toMatchObject({ ok: false, error: expect.stringContaining(told) });
    expect(JSON.stringify(opened)).not.toContain('078');
  });

  it('leaves word for the operators when AWS fails, without what was asked for', async () => {
    const { faults } = await open(body, [body.jwe], { unwrap: () => Promise.reject(new Error('throttled')) });
    expect(faults).toEqual(['A content key was not unwrapped']);
  });
});
