// `countersign prove`: the proof that one entry is in a log, as a file of its own (C2SP tlog-proof).

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { proveEntry, type Wanted } from '../../lambdas/core/ledger/verify/prove.ts';
import { CliError } from './cli-error.ts';
import { openSource } from './log-source.ts';
import { write } from './text.ts';
import { loadPolicy } from './trust.ts';

const HELP = `Usage: countersign prove <folder|zip|s3://bucket/prefix> --entry INDEX|LEAF [--policy FILE | --size ENTRIES]
                         [--out FILE]

Writes a proof that one entry is in a copy of a sealed log, under the newest checkpoint that witnesses cosigned, or the
last one when none did. The proof carries the entry, the checkpoint and the cosignatures, and is checked without the log:
countersign verify --proof FILE --policy FILE.

  --entry INDEX|LEAF  index of the entry, or its leaf hash (64 hex digits)
  --policy FILE       asks for a checkpoint with the cosignatures that this policy wants (C2SP tlog-policy)
  --size ENTRIES      names the checkpoint itself, by the number of entries under it. The first one after a change of
                      key carries the signatures of both keys
  --out FILE          where to write the proof, usually <name>.tlog-proof; standard output when left out`;

export const prove = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [source] = positionals;
  if (source === undefined || positionals.length > 1)
    throw new CliError('Name one copy: countersign prove <folder|zip>');
  if (values.policy !== undefined && values.size !== undefined) throw new CliError('Give --policy or --size, not both');
  const policy = values.policy === undefined ? null : await loadPolicy(values.policy);
  const under = { policy, size: sizeOf(values.size) };
  const files = await openSource(source);
  const proven = await proveEntry(files, wantedOf(values.entry), under);
  await files.close();
  if (!proven.ok) throw new CliError(`No proof: ${proven.error.detail}`);
  const { text, index, size } = proven.value;
  if (values.out === undefined) process.stdout.write(text);
  else {
    await writeFile(values.out, text);
    write(`${values.out}: entry ${index} of ${size}`);
  }
  return 0;
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        entry: { type: 'string' },
        policy: { type: 'string' },
        size: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : 'unreadable arguments');
  }
};

const sizeOf = (size: string | undefined): number | undefined => {
  if (size === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(size)) return Number(size);
  throw new CliError(`--size is "${size}", expected the number of entries under a checkpoint`);
};

const wantedOf = (entry: string | undefined): Wanted => {
  if (entry !== undefined && /^[0-9a-f]{64}$/i.test(entry)) return { leaf: entry.toLowerCase() };
  if (entry !== undefined && /^\d{1,15}$/.test(entry)) return { index: Number(entry) };
  throw new CliError(`--entry is "${entry ?? ''}", expected an index or a leaf hash of 64 hex digits`);
};
