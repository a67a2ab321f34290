// A Python with MiniStack, `cryptography` and cfn-lint in it, made once and kept while the pins stay the same.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, platform } from 'node:process';
import { PYTHON_AT_LEAST, PYTHON_PACKAGES } from './pins.ts';
import { runProgram } from './process.ts';

class PythonError extends Error {
  readonly code = 'PYTHON_MISSING';
}

const CANDIDATES = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** The first Python on the PATH that is new enough and can make virtual environments. */
const findPython = (): string => {
  const found = CANDIDATES.find((command) => isUsable(command));
  if (found !== undefined) return found;
  const version = PYTHON_AT_LEAST.join('.');
  throw new PythonError(
    `test:deploy needs Python ${version} or newer with its venv module on the PATH (Debian: apt install python3-venv); none was found`,
  );
};

const isUsable = (command: string): boolean => {
  const test = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${PYTHON_AT_LEAST.join(', ')}))`;
  try {
    execFileSync(command, ['-c', test], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const BIN = platform === 'win32' ? 'Scripts' : 'bin';

/** Folder of the programs of the virtual environment in `folder`, which is made when the pins changed. */
export const preparePython = async (folder: string, logs: string): Promise<string> => {
  const python = findPython();
  const pins = Object.entries(PYTHON_PACKAGES).map(([name, version]) => `${name}==${version}`);
  const stamp = join(folder, 'countersign-pins.txt');
  const bin = join(folder, BIN);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins.join('\n')) return bin;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { env: { ...env } as Record<string, string>, log: join(logs, 'pip.log') };
  await runProgram(python, ['-m', 'venv', folder], options);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pins];
  await runProgram(join(bin, 'python'), install, options);
  writeFileSync(stamp, pins.join('\n'));
  return bin;
};
