// Zip archives: ours are reproducible and read back, others' tools read them and theirs are read, and what could be read
// in two ways or is more than it says is refused with a reason.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openZip } from '../../bin/commands/log-zip.ts';
import { writeZip } from '../../bin/commands/zip-file.ts';
import { centralRecord, endRecords, localHeader, memberOf } from '../../lambdas/core/ledger/zip.ts';
import { sealedLog } from '../support/sealed-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const path = (): string => {
  count += 1;
  return join(folder, `${count}.zip`);
};

const log = sealedLog({ sessions: 2, callsPerSession: 12 }, 40);
const hasPython = spawnSync('python3', ['--version']).status === 0;

const zipOf = async (files: ReadonlyMap<string, Uint8Array>, names = [...files.keys()]): Promise<string> => {
  const file = path();
  await writeZip(file, names, (name) => Promise.resolve(files.get(name) ?? new Uint8Array()));
  return file;
};

const readAll = async (file: string): Promise<Map<string, Uint8Array>> => {
  const source = await openZip(file);
  const found = new Map<string, Uint8Array>();
  try {
    for (const { name, bytes } of await source.list()) {
      const content = await source.read(name);
      expect(content).toHaveLength(bytes);
      found.set(name, new Uint8Array(content));
    }
    return found;
  } finally {
    await source.close();
  }
};

const bytesOf = (files: ReadonlyMap<string, Uint8Array>) =>
  new Map([...files].map(([name, bytes]) => [name, new Uint8Array(bytes)] as const));

describe('an archive of ours', () => {
  it('holds the log and reads back', { timeout: 60_000 }, async () => {
    expect(await readAll(await zipOf(log.files))).toEqual(new Map([...bytesOf(log.files)].sort()));
  });

  it('is the same bytes whatever the order in which the names came', async () => {
    const names = [...log.files.keys()];
    const [first, second] = [await zipOf(log.files, names), await zipOf(log.files, names.toReversed())];
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
  });

  it('takes nobody’s place', async () => {
    const file = await zipOf(log.files);
    await expect(writeZip(file, [], () => Promise.reject(new Error('unread')))).rejects.toThrow('cannot be written');
    expect((await readAll(file)).size).toBe(log.files.size);
  });

  it('leaves nothing behind when an object cannot be read', async () => {
    const file = path();
    await expect(writeZip(file, ['a'], () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(() => readFileSync(file)).toThrow('ENOENT');
    expect(() => readFileSync(`${file}.part`)).toThrow('ENOENT');
  });

  it('of more than 65,535 objects needs zip64, and reads back', { timeout: 60_000 }, async () => {
    const names = Array.from({ length: 66_000 }, (_, n) => `body/${n}`);
    const file = path();
    await writeZip(file, names, (name) => Promise.resolve(Buffer.from(name)));
    const source = await openZip(file);
    expect(await source.list()).toHaveLength(66_000);
    expect(Buffer.from(await source.read('body/65999')).toString()).toBe('body/65999');
    await source.close();
    if (hasPython) expect(python(file)).toMatchObject({ status: 0, stdout: '66000\n' });
  });

  it('places members beyond 4 GB by zip64 records', () => {
    const member = { ...memberOf('seg/x', Buffer.from('x'), 0), offset: 2 ** 32 + 7 };
    expect(Buffer.from(centralRecord(member)).readBigUInt64LE(46 + 5 + 4)).toBe(2n ** 32n + 7n);
    const end = Buffer.from(endRecords(3, 100, 2 ** 33));
    expect([end.readUInt32LE(0), end.readBigUInt64LE(48), end.length]).toEqual([0x06064b50, 2n ** 33n, 98]);
  });

  it.skipIf(!hasPython)('passes the test of another reader', async () => {
    expect(python(await zipOf(log.files))).toMatchObject({ status: 0, stdout: `${log.files.size}\n` });
  });
});

const python = (file: string) => {
  const script =
    'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(len(z.namelist()))';
  return spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
};

describe('an archive of somebody else', () => {
  it.skipIf(!hasPython).each(['ZIP_STORED', 'ZIP_DEFLATED'])(
    'made with %s, in a folder of its own, is read',
    async (method) => {
      for (const [name, bytes] of log.files) {
        mkdirSync(dirname(join(folder, 'copy', name)), { recursive: true });
        writeFileSync(join(folder, 'copy', name), bytes);
      }
      const file = path();
      const script = [
        'import sys, os, zipfile',
        `z = zipfile.ZipFile(sys.argv[1], "w", zipfile.${method})`,
        'for root, dirs, files in os.walk("copy"):',
        '  for name in dirs + files: z.write(os.path.join(root, name))',
        'z.comment = b"a comment"',
        'z.close()',
      ].join('\n');
      expect(spawnSync('python3', ['-c', script, file], { cwd: folder }).status).toBe(0);
      expect(new Map([...(await readAll(file))].sort())).toEqual(new Map([...bytesOf(log.files)].sort()));
    },
  );
});

interface Member {
  readonly name: string | Buffer;
  readonly content: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly mode?: number;
  readonly localName?: string;
}

/** An archive with anything in its headers. */
const craft = (members: readonly Member[], over: { count?: number; gap?: number; cut?: number } = {}): string => {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content, method = 0, flags = 0, size = content.length, mode = 0, ...more } of members) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const stated = { ...memberOf('', content, more.offset ?? offset), crc: crc32(content) };
    const local = Buffer.from(localHeader({ ...stated, name: more.localName ?? String(name) }));
    const central = Buffer.concat([Buffer.from(centralRecord({ ...stated, name: '' })), Buffer.from(name)]);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(Buffer.from(name).length, 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    parts.push(local, packed);
    directory.push(central);
    offset += local.length + packed.length;
  }
  const gap = Buffer.alloc(over.gap ?? 0);
  const bytes = directory.reduce((sum, record) => sum + record.length, 0);
  const end = endRecords(over.count ?? members.length, bytes, offset);
  const whole = Buffer.concat([...parts, ...directory, gap, end]);
  const file = path();
  writeFileSync(file, whole.subarray(0, whole.length - (over.cut ?? 0)));
  return file;
};

const a = { name: 'seg/a', content: Buffer.from('content of a') };
const b = { name: 'seg/b', content: Buffer.from('content of b') };
const LINK = 0o120_777;

describe('what is refused as a whole', () => {
  it('is nothing, when the archive is a plain one', async () => {
    expect((await readAll(craft([a, { ...b, method: 8 }]))).size).toBe(2);
  });

  it.each([
    ['an archive cut off at its end', craft([a, b], { cut: 1 }), 'cut off, or no zip'],
    ['an empty file', craft([a], { cut: 10_000 }), 'cut off, or no zip'],
    ['something before the end that is no directory', craft([a], { gap: 4 }), 'right before its end'],
    ['an end that counts other members', craft([a, b], { count: 1 }), 'has 2 members, its end says 1'],
    ['a name that stands twice', craft([a, { ...b, name: a.name }]), '"seg/a" stands twice'],
    ['a path that leads out', craft([{ ...a, name: '../seg/a' }]), 'no path below the archive'],
    ['a path that leads out in the middle', craft([{ ...a, name: 'seg/../../a' }]), 'no path below the archive'],
    ['an absolute path', craft([{ ...a, name: '/seg/a' }]), 'no path below the archive'],
    ['a path of another system', craft([{ ...a, name: 'seg\\a' }]), 'no path below the archive'],
    ['a drive', craft([{ ...a, name: 'C:a' }]), 'no path below the archive'],
    ['a name that is not UTF-8', craft([{ ...a, name: Buffer.from([0x61, 0xff]) }]), 'no path below the archive'],
    ['a name with a control character', craft([{ ...a, name: 'seg/\u001b[2J' }]), 'no path below the archive'],
    ['an encrypted member', craft([{ ...a, flags: 1 }]), '"seg/a" is encrypted'],
    ['a method nobody asked for', craft([{ ...a, method: 12 }]), 'packed by method 12'],
    ['a symbolic link', craft([{ ...a, mode: LINK }]), 'a symbolic link'],
    ['a folder with content', craft([{ ...a, name: 'seg/' }]), 'a folder with content'],
    ['members that share bytes', craft([a, { ...b, offset: 0 }]), 'overlaps'],
    ['a member that reaches into the directory', craft([a, { ...b, offset: 60 }]), 'overlaps'],
    ['a stored member of two sizes', craft([{ ...a, size: 5 }]), 'the sizes of "seg/a" differ'],
  ])('%s', async (_what, file, why) => {
    await expect(openZip(file)).rejects.toThrow(why);
  });
});

describe('a member that is not what the directory says', () => {
  const reading = async (file: string) => {
    const source = await openZip(file);
    try {
      return await source.read('seg/a');
    } finally {
      await source.close();
    }
  };

  it('has another name', async () => {
    await expect(reading(craft([{ ...a, localName: 'seg/x' }]))).rejects.toThrow('does not fit the directory');
  });

  it('is a bomb: it unpacks to more than its size', async () => {
    const bomb = { name: 'seg/a', content: Buffer.alloc(50_000_000), method: 8, size: 1000 };
    await expect(reading(craft([bomb]))).rejects.toThrow('unpacks to more than it says');
  });

  it('unpacks to less than its size', async () => {
    await expect(reading(craft([{ ...a, method: 8, size: 1000 }]))).rejects.toThrow('another size');
  });

  it('is packed data that is damaged', async () => {
    const file = craft([{ name: 'seg/a', content: Buffer.from('abc'.repeat(999)), method: 8 }]);
    const bytes = readFileSync(file);
    bytes.fill(0xff, 36, 46);
    writeFileSync(file, bytes);
    await expect(reading(file)).rejects.toThrow('is damaged');
  });
});

it('never throws anything but a reason, whatever one byte of an archive is changed to', async () => {
  const good = readFileSync(craft([a, { ...b, method: 8 }]));
  const file = path();
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), async (at, value) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      writeFileSync(file, bytes);
      await readAll(file).catch((cause: unknown) => expect(cause).toMatchObject({ code: 'CLI' }));
    }),
    { numRuns: 150 },
  );
});
