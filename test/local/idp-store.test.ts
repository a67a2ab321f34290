import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAdapter } from '../../local/idp/adapter.ts';
import { Store } from '../../local/idp/store.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-store-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('Store', () => {
  it('has on disk what it said it had set, for its owner alone to read', async () => {
    const store = await Store.open(dataDir);
    await store.set('Session:a', { uid: 'u' });
    expect((await Store.open(dataDir)).get('Session:a')).toEqual({ uid: 'u' });
    expect((await stat(join(dataDir, 'idp.json'))).mode & 0o777).toBe(0o600);
  });

  it('keeps every one of many writes made at once', async () => {
    const store = await Store.open(dataDir);
    await Promise.all(Array.from({ length: 50 }, (_, number) => store.set(`Grant:${number}`, number)));
    expect([...(await Store.open(dataDir)).list('Grant:')]).toHaveLength(50);
  });

  it('reads the last whole state when a write was cut short', async () => {
    const store = await Store.open(dataDir);
    await store.set('Grant:1', 'whole');
    await writeFile(join(dataDir, 'idp.json.new'), '[["Grant:1",{"val');
    expect((await Store.open(dataDir)).get('Grant:1')).toBe('whole');
  });

  it('no longer has what has expired or was deleted', async () => {
    const store = await Store.open(dataDir);
    await store.set('Session:old', 1, Date.now() - 1);
    await store.set('Session:new', 2, Date.now() + 60_000);
    await store.set('Session:gone', 3);
    await store.delete('Session:gone');
    expect([...store.list('Session:')]).toEqual([['Session:new', 2]]);
    expect(await readFile(join(dataDir, 'idp.json'), 'utf8')).not.toContain('Session:old');
  });

  it('lets the oldest registered clients make room', async () => {
    const store = await Store.open(dataDir);
    await Promise.all(Array.from({ length: 501 }, (_, number) => store.set(`Client:${number}`, {})));
    expect(store.get('Client:0')).toBeUndefined();
    expect(store.get('Client:1')).toEqual({});
  });
});

describe('makeAdapter', () => {
  it('takes back everything a grant gave, and nothing another grant gave', async () => {
    const tokens = makeAdapter(await Store.open(null))('RefreshToken');
    await tokens.upsert('mine', { grantId: 'a' }, 60);
    await tokens.upsert('other', { grantId: 'b' }, 60);
    await tokens.revokeByGrantId('a');
    expect(await tokens.find('mine')).toBeUndefined();
    expect(await tokens.find('other')).toEqual({ grantId: 'b' });
  });
});
