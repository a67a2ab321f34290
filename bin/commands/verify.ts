// `countersign verify`: is this copy of a log what was signed? Files and a public key in, one finding per check out.
// Loads core/ledger and Node's own modules and nothing else: no AWS, no network, no package. Only for a log in S3 it loads
// the AWS SDK.

import { parseArgs } from 'node:util';
import { parseContentKeys, type UnwrappedKey } from '../../lambdas/core/ledger/content-keys.ts';
import { verifyProof } from '../../lambdas/core/ledger/verify/proof.ts';
import type { Verdict } from '../../lambdas/core/ledger/verify/report.ts';
import { type LogReport, type VerifyInput, verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { CliError } from './cli-error.ts';
import { readNamed } from './log-folder.ts';
import { openSource } from './log-source.ts';
import { write } from './text.ts';
import { loadTrust, type Trust } from './trust.ts';
import { printChecks, printLog, printProof, printVerdict } from './verify-text.ts';
import { startWorkThread } from './work-thread.ts';

const HELP = `Usage: countersign verify <folder|zip|s3://bucket/prefix> --policy FILE | --key KEY … [--checkpoint FILE]
                          [--content-keys FILE] [--json]
       countersign verify --proof FILE --policy FILE | --key KEY … [--json]

Checks a copy of a sealed log: every signature, every entry, every session. Runs every check and prints one finding for
each; gaps are listed even when the log is valid. A folder or a zip file is checked offline; only s3:// goes online, with
AWS credentials and region from the environment.

  --policy FILE      whom to trust, as a C2SP tlog-policy: the log's key, its witnesses, and which of them are enough
                     (countersign key --policy prints one); shows a second history signed with the same key
  --key KEY          the same without witnesses: a public key of the log (C2SP verifier key), as text or as a file with
                     one in each line; have either from the bank's own filing, never from the copy that you check. One
                     is enough for all keys that it and its successors endorsed; a key that followed a revoked one must
                     be named too: repeat --key, or give the policy a second log line
  --checkpoint FILE  a checkpoint that you kept from an earlier visit: shows truncation, forks and rewritten history
  --content-keys FILE  unwrapped data keys (countersign keys unwrap): opens the bodies under them and checks that they are
                     what their entries commit to. The file opens what was recorded: keep it like the content itself
  --proof FILE       checks one entry's inclusion proof instead of a whole log (made by countersign prove)
  --json             the whole report as JSON

Exit code 0: valid. 1: invalid. 2: could not be checked.`;

export const EXIT_CODES: Readonly<Record<Verdict, number>> = { valid: 0, invalid: 1, unchecked: 2 };

export const verify = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const trust = await loadTrust(values);
  const [source] = positionals;
  if (positionals.length > 1 || (source === undefined) === (values.proof === undefined)) {
    throw new CliError('Name one folder, zip file or s3:// prefix, or one file with --proof');
  }
  const report =
    source === undefined ? await proofReport(values.proof ?? '', trust) : await logReport(source, trust, values);
  if (values.json === true) write(JSON.stringify(report.json, null, 2));
  else report.print();
  return EXIT_CODES[report.json.verdict];
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        key: { type: 'string', multiple: true },
        policy: { type: 'string' },
        checkpoint: { type: 'string' },
        'content-keys': { type: 'string' },
        proof: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : 'unreadable arguments');
  }
};

const loadContentKeys = async (path: string | undefined, origin: string): Promise<readonly UnwrappedKey[] | null> => {
  if (path === undefined) return null;
  const keys = parseContentKeys(Buffer.from(await readNamed(path, '--content-keys')).toString('utf8'), origin);
  if (keys.ok) return keys.value;
  throw new CliError(`--content-keys ${path} is not a file of content keys: ${keys.error}`);
};

interface LogOptions {
  readonly checkpoint?: string | undefined;
  readonly 'content-keys'?: string | undefined;
}

const checkSource = async (source: string, input: Omit<VerifyInput, 'files' | 'work'>): Promise<LogReport> => {
  const files = await openSource(source);
  const thread = startWorkThread({ source, contentKeys: input.contentKeys });
  try {
    return await verifyLog({ ...input, files, work: thread.work });
  } finally {
    await Promise.all([thread.close(), files.close()]);
  }
};

const logReport = async (source: string, trust: Trust, options: LogOptions) => {
  const kept = options.checkpoint === undefined ? null : await readNamed(options.checkpoint, '--checkpoint');
  const contentKeys = await loadContentKeys(options['content-keys'], trust.keys[0]?.name ?? '');
  const json = await checkSource(source, { ...trust, kept, contentKeys });
  const print = () => {
    printLog(json);
    printChecks(json.checks);
    printVerdict(json.verdict);
  };
  return { json, print };
};

const proofReport = async (file: string, { keys, policy }: Trust) => {
  const json = verifyProof(await readNamed(file, '--proof'), keys, policy);
  const print = () => {
    printProof(json);
    printChecks(json.checks);
    printVerdict(json.verdict);
  };
  return { json, print };
};
