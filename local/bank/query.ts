/**
 * The bank's read-only query language over customers: `column operator value`, joined by `and`.
 * Parsed by hand and never evaluated: there is nothing to inject into.
 */
import type { Customer } from './data/schema.ts';
import { BankError } from './operations.ts';

export const COLUMNS = [
  'id',
  'name',
  'ssn',
  'birthDate',
  'email',
  'phone',
  'street',
  'city',
  'state',
  'postalCode',
  'segment',
  'riskRating',
  'customerSince',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Table {
  readonly columns: string[];
  readonly rows: string[][];
}

type Row = Readonly<Record<Column, string>>;
type Test = (row: Row) => boolean;

const OPERATORS: Readonly<Record<string, (value: string, operand: string) => boolean>> = {
  '=': (value, operand) => value.toLowerCase() === operand.toLowerCase(),
  '!=': (value, operand) => value.toLowerCase() !== operand.toLowerCase(),
  '<': (value, operand) => value < operand,
  '>': (value, operand) => value > operand,
  contains: (value, operand) => value.toLowerCase().includes(operand.toLowerCase()),
};

const CLAUSE = /^\s*(\w+)\s*(=|!=|<|>|contains)\s*'([^']*)'\s*$/;

/** Rows of the customers that pass `filter`; an empty filter passes all. */
export function queryCustomers(
  customers: readonly Customer[],
  filter: string,
  columns: Column[],
  limit: number,
): Table {
  const tests = filter.trim() === '' ? [] : splitClauses(filter).map(parseClause);
  const rows = customers.map(toRow).filter((row) => tests.every((test) => test(row)));
  return { columns, rows: rows.slice(0, limit).map((row) => columns.map((column) => row[column])) };
}

/** Splits at `and` between clauses only: a quoted value may contain the word. */
function splitClauses(filter: string): string[] {
  return filter.split(/(?<=')\s+and\s+(?=\w)/i);
}

function parseClause(clause: string): Test {
  const [, column = '', operator = '', operand = ''] = CLAUSE.exec(clause) ?? [];
  const compare = OPERATORS[operator];
  if (compare === undefined || !isColumn(column)) {
    throw new BankError(
      `Cannot read the clause ${JSON.stringify(clause)}. ` +
        `Write column operator 'value', with one of the columns ${COLUMNS.join(', ')} ` +
        `and one of the operators ${Object.keys(OPERATORS).join(', ')}.`,
    );
  }
  return (row) => compare(row[column], operand);
}

function isColumn(word: string): word is Column {
  return (COLUMNS as readonly string[]).includes(word);
}

function toRow({ address, ...customer }: Customer): Row {
  return { ...customer, ...address };
}

/** The table as aligned text, the way a SQL shell prints it. */
export function renderTable({ columns, rows }: Table): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ');
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return [line(columns), rule, ...rows.map(line), `(${rows.length} rows)`].join('\n');
}
