// MiniStack on 127.0.0.1, with the settings that keep it there.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { PYTHON_PACKAGES } from './pins.ts';
import { ProgramError, startProgram, tail } from './process.ts';

const START_MS = 30_000;

export interface MinistackOptions {
  /** Programs of the virtual environment. */
  readonly bin: string;
  readonly port: number;
  readonly region: string;
  readonly log: string;
}

export const startMinistack = async ({ bin, port, region, log }: MinistackOptions): Promise<string> => {
  const script = join(import.meta.dirname, 'corrected-ministack.py');
  // Unpacked functions stay behind when it is killed. Not below this repository, whose package.json would apply to them.
  const temporary = mkdtempSync(join(tmpdir(), 'countersign-ministack-'));
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
  const child = startProgram(join(bin, 'python'), [script, PYTHON_PACKAGES.ministack], {
    env: {
      // Functions are plain `node` processes with MiniStack's environment: it must not hold more than this.
      PATH: env['PATH'] ?? '',
      HOME: env['HOME'] ?? '',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      AWS_DEFAULT_REGION: region,
      TMPDIR: temporary,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LAMBDA_EXECUTOR: 'local',
      PYTHONUNBUFFERED: '1',
    },
    log,
  });
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + START_MS; Date.now() < until; await delay(100)) {
    if (child.exitCode !== null) break;
    if (await answers(`${url}/_ministack/health`)) return url;
  }
  throw new ProgramError(`MiniStack did not start. The end of ${log}:\n${tail(log)}`);
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};
