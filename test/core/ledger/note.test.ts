// Signed notes and checkpoints, against notes that others signed, and refused for every deviation from the format.

import { describe, expect, it } from 'vitest';
import {
  formatCheckpoint,
  formatVerifierKey,
  type NoteFault,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  rawPublicKey,
  verifyNote,
} from '../../../lambdas/core/ledger/note.ts';
import type { Result } from '../../../lambdas/core/result.ts';
import { logKey } from '../../support/sealed-log.ts';

// The example of golang.org/x/mod/sumdb/note.
const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const NEUMANN_NOTE =
  'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
    '’',
    "'",
  ) +
  '\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
// The examples of C2SP signed-note and tlog-checkpoint; their keys are not published.
const SALVATORE =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
const SOFA =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const opened = <T>(result: Result<T, NoteFault>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const reasonOf = (result: Result<unknown, NoteFault>): string => (result.ok ? 'ok' : result.error.reason);

describe('parseVerifierKey', () => {
  it.each([NEUMANN, 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'])('reads %s', (vkey) => {
    const { name, publicKey } = opened(parseVerifierKey(`${vkey}\n`));
    const raw = rawPublicKey(publicKey.export({ format: 'der', type: 'spki' })) ?? new Uint8Array();
    expect(formatVerifierKey(name, raw)).toBe(vkey);
  });

  it.each([
    ['another key id', NEUMANN.replace('c74f20a3', 'c74f20a4')],
    ['another name', NEUMANN.replace('Peter', 'Paul')],
    ['a name with a space', NEUMANN.replace('Peter', 'Peter ')],
    ['a name with a next-line character', formatVerifierKey('a\u0085b', new Uint8Array(32))],
    ['another algorithm', NEUMANN.replace('+ARpc', '+AhpC')],
    ['a key cut off', NEUMANN.slice(0, -4)],
    ['base64 of another alphabet', NEUMANN.replace('/', '_')],
    ['nothing', ''],
  ])('refuses %s', (_, vkey) => {
    expect(reasonOf(parseVerifierKey(vkey))).toBe('key_malformed');
  });

  it('accepts the nearest name without a space', () => {
    expect(reasonOf(parseVerifierKey(formatVerifierKey('a.b', new Uint8Array(32))))).toBe('ok');
  });
});

describe('rawPublicKey', () => {
  it('is undefined for anything but an Ed25519 key', () => {
    const der = logKey().verifier.publicKey.export({ format: 'der', type: 'spki' });
    expect(rawPublicKey(der)).toHaveLength(32);
    expect(rawPublicKey(der.subarray(1))).toBeUndefined();
    expect(rawPublicKey(Buffer.concat([der, Buffer.alloc(1)]))).toBeUndefined();
  });
});

describe('parseNote', () => {
  it('reads the examples of the specifications', () => {
    const note = opened(parseNote(bytes(SALVATORE)));
    expect(note.text.split('\n')).toHaveLength(5);
    expect(note.signatures).toMatchObject([{ name: 'quasimodo.example/salvatore', keyId: '367ba04b' }]);
    expect(opened(parseNote(bytes(SOFA))).signatures).toMatchObject([{ keyId: '033de0ae' }]);
  });

  const signature = NEUMANN_NOTE.split('\n').at(-2) ?? '';
  const text = NEUMANN_NOTE.slice(0, NEUMANN_NOTE.indexOf('\u2014') - 1);
  it.each([
    ['no last newline', NEUMANN_NOTE.slice(0, -1)],
    ['no empty line', NEUMANN_NOTE.replace('\n\n', '\n')],
    ['no signature', `${text}\n`],
    ['an empty line after the signatures', `${NEUMANN_NOTE}\n`],
    ['a carriage return', NEUMANN_NOTE.replace('\n', '\r\n')],
    ['a tab', NEUMANN_NOTE.replace(' ', '\t')],
    ['a hyphen for the dash', NEUMANN_NOTE.replace('\u2014', '-')],
    ['two spaces in a signature line', NEUMANN_NOTE.replace('\u2014 ', '\u2014  ')],
    ['more after a signature', NEUMANN_NOTE.replace('=\n', '= x\n')],
    ['base64 without its padding', NEUMANN_NOTE.replace('=\n', '\n')],
    ['base64 with loose bits', NEUMANN_NOTE.replace('nAM=\n', 'nAN=\n')],
    ['a name with a plus', NEUMANN_NOTE.replace('\u2014 Peter', '\u2014 Peter+')],
    ['a signature of a key id only', `${text}\n\u2014 PeterNeumann x08gow==\n`],
    ['17 signatures', `${text}\n${`${signature}\n`.repeat(17)}`],
    ['more bytes than the limit', `${'x'.repeat(128 * 1024)}\n${NEUMANN_NOTE}`],
  ])('refuses %s', (_, note) => {
    expect(reasonOf(parseNote(bytes(note)))).toBe('note_malformed');
  });

  it('refuses what is not UTF-8', () => {
    expect(reasonOf(parseNote(Buffer.concat([Buffer.of(0xff), bytes(NEUMANN_NOTE)])))).toBe('note_malformed');
  });

  it.each([
    ['16 signatures', `${text}\n${`${signature}\n`.repeat(16)}`],
    ['empty lines in the text', NEUMANN_NOTE.replace(',\n', ',\n\n')],
    ['the note itself', NEUMANN_NOTE],
  ])('accepts %s', (_, note) => {
    expect(reasonOf(parseNote(bytes(note)))).toBe('ok');
  });
});

describe('verifyNote', () => {
  const verifier = opened(parseVerifierKey(NEUMANN));
  const check = (note: string, by = verifier) => reasonOf(verifyNote(opened(parseNote(bytes(note))), by));

  it('accepts a note that the Go implementation signed', () => {
    expect(check(NEUMANN_NOTE)).toBe('ok');
  });

  it('accepts a note of ours', () => {
    const key = logKey();
    expect(check(key.note('hello\n'), key.verifier)).toBe('ok');
  });

  it('refuses a changed text, and a changed signature', () => {
    expect(check(NEUMANN_NOTE.replace('answer', 'Answer'))).toBe('signature_wrong');
    expect(check(NEUMANN_NOTE.replace('nAM=', 'nAQ='))).toBe('signature_wrong');
  });

  it('ignores signatures of other keys, also of one with the same name', () => {
    const others = `${NEUMANN_NOTE}${logKey(2, 'PeterNeumann').note('x\n').split('\n').at(-2)}\n`;
    expect(check(others)).toBe('ok');
    expect(check(SALVATORE)).toBe('signature_missing');
    expect(check(logKey(2, 'PeterNeumann').note('x\n'))).toBe('signature_missing');
  });

  it('refuses a note with one good and one bad signature of the key', () => {
    const bad = (NEUMANN_NOTE.split('\n').at(-2) ?? '').replace('nAM=', 'nAQ=');
    expect(check(`${NEUMANN_NOTE}${bad}\n`)).toBe('signature_wrong');
  });
});

describe('parseCheckpoint', () => {
  const ORIGIN = 'example.com/behind-the-sofa';
  const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  const read = (...lines: string[]) => reasonOf(parseCheckpoint(lines.join('\n'), ORIGIN));

  it('reads the example of C2SP and writes it back', () => {
    const { text } = opened(parseNote(bytes(SOFA)));
    const head = opened(parseCheckpoint(text, ORIGIN));
    expect(head.size).toBe(20852163);
    expect(formatCheckpoint(ORIGIN, head)).toBe(text);
  });

  it.each([
    ['a leading zero', '020852163', ROOT],
    ['a sign', '+20852163', ROOT],
    ['a negative size', '-1', ROOT],
    ['a fraction', '1.5', ROOT],
    ['an exponent', '1e3', ROOT],
    ['a size beyond safe integers', '9007199254740993', ROOT],
    ['no size', '', ROOT],
    ['a short root', '1', ROOT.slice(4)],
    ['loose bits in the root', '1', ROOT.replace('2I=', '2J=')],
  ])('refuses %s', (_, size, root) => {
    expect(read(ORIGIN, size, root, '')).toBe('checkpoint_malformed');
    expect(read(ORIGIN, '0', ROOT, '')).toBe('ok');
  });

  it('refuses extension lines, a missing line and a missing newline', () => {
    expect(read(ORIGIN, '1', ROOT, 'more', '')).toBe('checkpoint_malformed');
    expect(read(ORIGIN, '1', '')).toBe('checkpoint_malformed');
    expect(read(ORIGIN, '1', ROOT)).toBe('checkpoint_malformed');
  });

  it('refuses another origin', () => {
    expect(read('example.com/in-front-of-the-sofa', '1', ROOT, '')).toBe('origin_mismatch');
  });
});
