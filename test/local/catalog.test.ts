// The committed catalogues are what the servers of the laptop offer, and `countersign catalog pull` is what writes them.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningBank, startBank } from '../../local/bank/bank.ts';
import { startEverything } from '../../local/upstreams/everything.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-catalog-'));
const config = join(folder, 'countersign.yaml');
let bank: RunningBank;
const closing: (() => Promise<unknown>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true }))];

beforeAll(async () => {
  bank = await startBank({ port: 0, bearerToken: 'token-of-the-bank' });
  const everything = await startEverything({ port: 0 });
  closing.push(bank.close, everything.close);
  const servers = { 'core-banking': { url: bank.url }, everything: { url: everything.url } };
  writeFileSync(config, JSON.stringify({ servers }));
});
afterAll(() => Promise.all(closing.map((close) => close())));

const pull = async (...args: string[]) => {
  const env = { PATH: process.env['PATH'], BANK_AUTH: 'Bearer token-of-the-bank' };
  const command = ['bin/cli.ts', 'catalog', 'pull', ...args, '--config', config];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { env })) };
  } catch (cause) {
    return cause as { code: number; stdout: string; stderr: string };
  }
};

describe('countersign catalog pull', { timeout: 90_000 }, () => {
  it.each([['core-banking', '--header', 'authorization=BANK_AUTH'], ['everything']])(
    'writes of %s what is committed',
    async (server, ...options) => {
      expect(await pull(server, ...options)).toMatchObject({ code: 0, stderr: '' });
      const pulled = readFileSync(join(folder, 'catalog', `${server}.json`), 'utf8');
      expect(JSON.parse(pulled)).toEqual(JSON.parse(readFileSync(`config/catalog/${server}.json`, 'utf8')));
      expect(pulled).not.toContain('token-of-the-bank');
    },
  );

  it('says what is wrong', async () => {
    expect((await pull('core-banking')).stderr).toContain('answered 401: give its credential with --header');
    expect((await pull('core-banking', '--header', 'authorization=NONE')).stderr).toContain('variable NONE is empty');
    expect((await pull('core-banking', '--header', 'authorization: secret')).stderr).toContain('NAME=VARIABLE');
    expect((await pull('nowhere')).stderr).toContain('no server "nowhere"');
    expect((await pull('down', '--url', 'http://127.0.0.1:4/mcp')).stderr).toContain('No answer from');
  });
});
