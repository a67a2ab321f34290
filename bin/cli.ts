#!/usr/bin/env -S node --max-semi-space-size=4 --optimize-for-size
// The `countersign` command. Each subcommand is loaded when it is called, so that one which must stay offline never
// loads AWS code.

import { CliError } from './commands/cli-error.ts';

type Command = (args: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  sessions: {
    summary: 'List recorded sessions of a day',
    load: async () => (await import('./commands/sessions.ts')).sessions,
  },
  replay: {
    summary: 'Show one session, exchange by exchange',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  denials: {
    summary: 'List refused requests of a day',
    load: async () => (await import('./commands/denials.ts')).denials,
  },
  approvals: {
    summary: 'List requests for approval of a day, who decided, and what became of them',
    load: async () => (await import('./commands/approvals.ts')).approvals,
  },
  key: {
    summary: 'Print the public key of a log, a policy with its witnesses, or the key of a witness',
    load: async () => (await import('./commands/key.ts')).key,
  },
  keys: {
    summary: 'Unwrap content keys, on the record, to open recorded bodies',
    load: async () => (await import('./commands/keys.ts')).keys,
  },
  export: {
    summary: 'Copy the sealed log into a folder or a zip file',
    load: async () => (await import('./commands/export.ts')).exportLog,
  },
  verify: {
    summary: 'Check a copy of the sealed log, offline',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  hold: {
    summary: 'Keep a session beyond its retention, or release it: legal hold',
    load: async () => (await import('./commands/hold.ts')).hold,
  },
  prove: {
    summary: 'Write the proof that one entry is in a sealed log',
    load: async () => (await import('./commands/prove.ts')).prove,
  },
  masked: {
    summary: 'Ask whether a value was among those that were masked',
    load: async () => (await import('./commands/masked.ts')).masked,
  },
  openings: {
    summary: 'List who had recorded content opened on a day, and why',
    load: async () => (await import('./commands/openings.ts')).openings,
  },
  tampering: {
    summary: 'List what other hands did to the ledger table on a day',
    load: async () => (await import('./commands/tampering.ts')).tampering,
  },
  reconcile: {
    summary: 'Compare a day with the logs of API Gateway and CloudTrail',
    load: async () => (await import('./commands/reconcile.ts')).reconcile,
  },
  policy: {
    summary: 'Check policies, run a table of requests against them, explain a decision',
    load: async () => (await import('./commands/policy.ts')).policy,
  },
  catalog: {
    summary: "Write a server's tools into the repository, to be reviewed",
    load: async () => (await import('./commands/catalog.ts')).catalog,
  },
  changes: {
    summary: 'List configuration changes of a day',
    load: async () => (await import('./commands/changes.ts')).changes,
  },
};

const usage = (): string => {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `Usage: countersign <command> [options]\n\n${lines.join('\n')}\n\nEach command explains itself with --help.\n`;
};

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new CliError(`No command "${name}". Commands: ${Object.keys(COMMANDS).join(', ')}`);
  const run = await command.load();
  return run(args);
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  if (!(cause instanceof CliError)) throw cause;
  process.stderr.write(`countersign: ${cause.message}\n`);
  process.exitCode = 2;
}
