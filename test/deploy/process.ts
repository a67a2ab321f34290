// Programs that the deploy test starts. Each writes to a log file, and none outlives the test.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Output goes there and nowhere else. */
  readonly log: string;
}

export class ProgramError extends Error {
  readonly code = 'PROGRAM_FAILED';
}

const running = new Set<ChildProcess>();
const GRACE_MS = 3000;
const TAIL_LINES = 25;

/** Starts a program in a process group of its own; its standard input stays open for as long as we live. */
export const startProgram = (command: string, args: readonly string[], { env, log }: ProgramOptions): ChildProcess => {
  const output = openSync(log, 'w');
  const child = spawn(command, args, { env, stdio: ['pipe', output, output], detached: true });
  closeSync(output);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/** Runs a program to its end; throws with the end of its log when it fails. */
export const runProgram = async (command: string, args: readonly string[], options: ProgramOptions): Promise<void> => {
  const code = await exitCodeOf(command, args, options);
  if (code === 0) return;
  throw new ProgramError(
    `${[command, ...args].join(' ')}\nended with ${code}. The end of ${options.log}:\n${tail(options.log)}`,
  );
};

export const exitCodeOf = async (
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<number | string> => {
  const child = startProgram(command, args, options);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal ?? 'nothing';
};

export const tail = (log: string, lines: number = TAIL_LINES): string =>
  readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');

/** Ends every program still running, whole process groups, and waits until they are gone. */
export const stopPrograms = async (): Promise<void> => {
  await Promise.all([...running].map(stop));
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  signalGroup(child.pid, 'SIGTERM');
  await Promise.race([gone, delay(GRACE_MS, undefined, { ref: false })]);
  signalGroup(child.pid, 'SIGKILL');
  await gone;
};

/** A function's worker may outlive MiniStack by a moment, so the group is signalled even when its leader is gone. */
const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group is gone.
  }
};
