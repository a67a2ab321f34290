// `countersign masked`: was this value among those that were masked, or shown by an exception? The log holds commitments
// only; whoever has a session's key can ask them. The value comes in by standard input: arguments of a command are seen by
// others on the machine, and stay in its history.

import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { parseContentKeys, splitDataKey, type UnwrappedKey } from '../../lambdas/core/ledger/content-keys.ts';
import { findMasked, type MaskedSearch } from '../../lambdas/core/ledger/verify/find-masked.ts';
import { commitTo } from '../../lambdas/core/masking/proof.ts';
import { CliError } from './cli-error.ts';
import { readNamed } from './log-folder.ts';
import { openSource } from './log-source.ts';
import { columns, dim, plain, warn, write } from './text.ts';

const HELP = `Usage: countersign masked <folder|zip|s3://bucket/prefix> --content-keys FILE [--json] < value

Asks every entry of a copy of a sealed log whether a value was among those that masking removed, or that an exception
showed. Reads the value from standard input, in any spelling: spaces, separators and case do not count. The log itself is
checked by countersign verify.

  --content-keys FILE  unwrapped data keys of the sessions to ask (countersign keys unwrap, which is on record)
  --json               one JSON object for each finding

Exit code 0: it was. 1: it was not. 2: it was not found, but not every entry could be asked.`;

const options = {
  'content-keys': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const masked = async (
  args: readonly string[],
  readValue: () => Promise<string> = () => text(process.stdin),
): Promise<number> => {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [source] = positionals;
  const file = values['content-keys'];
  if (source === undefined || positionals.length > 1)
    throw new CliError('Name one copy: countersign masked <folder|zip>');
  if (file === undefined) throw new CliError('Give the keys of the sessions to ask: --content-keys FILE');
  const { origin, keys } = await loadKeys(file);
  const value = (await readValue()).replace(/\r?\n$/, '');
  if (!/[\p{L}\p{N}]/u.test(value))
    throw new CliError('Give the value by standard input: a letter or a digit at least');
  const commits = new Map(
    keys.map(({ kid, key }) => [kid, commitTo(splitDataKey(Buffer.from(key, 'base64')).masking, value)]),
  );
  const files = await openSource(source);
  try {
    const search = await findMasked(files, origin, commits);
    if (values.json === true) for (const hit of search.hits) write(JSON.stringify(hit));
    else print(search);
    return exitCode(search);
  } finally {
    await files.close();
  }
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : 'unreadable arguments');
  }
};

/** The file says itself of which log its keys are. */
const loadKeys = async (file: string): Promise<{ origin: string; keys: readonly UnwrappedKey[] }> => {
  const content = Buffer.from(await readNamed(file, '--content-keys')).toString('utf8');
  const origin = originIn(content);
  const keys = parseContentKeys(content, origin);
  if (!keys.ok) throw new CliError(`--content-keys ${file} is not a file of content keys: ${keys.error}`);
  return { origin, keys: keys.value };
};

const originIn = (content: string): string => {
  try {
    return String((JSON.parse(content) as { log?: unknown }).log);
  } catch {
    return '';
  }
};

const exitCode = ({ hits, asked, withoutKey, unlisted, isWhole }: MaskedSearch): number => {
  if (hits.length > 0) return 0;
  return asked > 0 && withoutKey === 0 && unlisted === 0 && isWhole ? 1 : 2;
};

const print = (search: MaskedSearch): void => {
  const { hits, asked, withoutKey, unlisted, isWhole } = search;
  const rows = hits.map(({ index, ts, sid, seq, path, rule, shown }) => [
    ...[String(index), ts, sid, String(seq), plain(rule), plain(path)],
    shown === null ? 'masked' : `shown by ${plain(shown)}`,
  ]);
  if (rows.length > 0) write(columns([['entry', 'time', 'session', '#', 'rule', 'place', ''], ...rows]));
  write(hits.length > 0 ? 'It was there.' : 'It was not found.');
  write(dim(`${asked} entries asked`));
  if (withoutKey > 0) write(warn(`${withoutKey} entries are of sessions whose key is not in the file`));
  if (unlisted > 0) write(warn(`${unlisted} values had no room in their entries; open the bodies to see them`));
  if (!isWhole) write(warn('Not every entry could be read: run countersign verify'));
};
