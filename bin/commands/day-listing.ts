// Commands that list what happened on one UTC day: their options, their help and their two forms of output.

import type { RecordsReader, StoredLine } from '../../lambdas/adapters/dynamo-reader.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { CliError } from './cli-error.ts';
import { type Choice, dayOf, INSTALLATION_HELP, openReader, parseCommand, reading } from './installation.ts';
import { columns, dim, warn, write } from './text.ts';

/** What a day holds, and how many of its entries are not what was written. */
export interface DayContent<Item> {
  readonly items: readonly Item[];
  readonly damaged: number;
}

export interface DayListing<Item> {
  readonly command: string;
  /** What is listed, in a sentence or two. */
  readonly explains: string;
  load(reader: RecordsReader, day: string, choice: Choice): Promise<DayContent<Item>>;
  /** One line of `--json`. */
  json(item: Item): string;
  readonly header: readonly string[];
  row(item: Item): readonly string[];
  /** Said of a day without any, e.g. `No requests were refused`. */
  readonly none: string;
  /** What to do next, after the table. @default nothing */
  readonly hint?: string;
}

/** The command of a listing: exit code 1 when entries of the day are damaged. */
export const listDay =
  <Item>(listing: DayListing<Item>) =>
  async (args: readonly string[]): Promise<number> => {
    const { values, positionals } = parseCommand(args, { day: { type: 'string' } });
    if (values.help === true) {
      write(helpOf(listing));
      return 0;
    }
    if (positionals.length > 0) throw new CliError(`${listing.command} takes no "${positionals[0]}"; see --help`);
    const day = dayOf(values.day);
    const reader = await openReader(values);
    const { items, damaged } = await reading(listing.load(reader, day, values));
    if (values.json === true) for (const item of items) write(listing.json(item));
    else show(listing, items, day);
    if (damaged > 0) complain(`${damaged} entries are damaged`, values.json === true);
    return damaged === 0 ? 0 : 1;
  };

/** Apart from entries as JSON lines: what reads those must not meet a sentence. */
const complain = (text: string, json: boolean): void => {
  if (json) process.stderr.write(`countersign: ${text}\n`);
  else write(warn(text));
};

const helpOf = ({ command, explains }: Pick<DayListing<never>, 'command' | 'explains'>): string =>
  `Usage: countersign ${command} [--day YYYY-MM-DD] [--local | --stack NAME] [--json]

${explains}

  --day DAY       UTC day; today when left out
${INSTALLATION_HELP}`;

const show = <Item>({ header, row, none, hint }: DayListing<Item>, items: readonly Item[], day: string): void => {
  if (items.length === 0) {
    write(`${none} on ${day} (UTC).`);
    return;
  }
  write(columns([header, ...items.map(row)]));
  write(dim(`\n${items.length} on ${day} (UTC)${hint === undefined ? '' : `. ${hint}`}`));
};

type Of<Type extends Entry['type']> = Extract<Entry, { type: Type }>;

/** An entry and its line, the bytes that `--json` prints. */
export interface ReadLine<Type extends Entry['type']> {
  readonly line: string;
  readonly entry: Of<Type>;
}

type LoadLines = (reader: RecordsReader, day: string) => Promise<readonly StoredLine[]>;

/** The entries of some types outside any session. Damaged ones are counted whatever they were: nobody can know. */
export const loadEntriesOf =
  <const Type extends Entry['type']>(
    types: readonly Type[],
    loadLines: LoadLines = (reader, day) => reader.loadDay(day),
  ) =>
  async (reader: RecordsReader, day: string): Promise<DayContent<ReadLine<Type>>> => {
    const lines = await loadLines(reader, day);
    const read = lines.map((stored) => ({ line: stored.line, entry: entryOf(stored) }));
    return {
      items: read.flatMap(({ line, entry }) => (isOneOf(entry, types) ? [{ line, entry }] : [])),
      damaged: read.filter(({ entry }) => entry === undefined).length,
    };
  };

/** `undefined` when it is not what was written. */
export const entryOf = ({ line, leaf }: StoredLine): Entry | undefined => {
  const parsed = parseEntry(line, leaf);
  return parsed.ok ? parsed.value : undefined;
};

const isOneOf = <Type extends Entry['type']>(entry: Entry | undefined, types: readonly Type[]): entry is Of<Type> =>
  types.some((type) => type === entry?.type);
