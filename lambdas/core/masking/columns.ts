// Tables in JSON: lists of lists under a list of headings, and pairs of a name and a value. What a heading says of its
// column it says as if it were the name of each cell. Pure.

import { ARRAY, childrenOf, type JsonNode, member, OBJECT, STRING, stringText } from './json/nodes.ts';
import type { NameFacts, Plan } from './plan.ts';

export const HEADING_NAMES: readonly string[] = [
  'columns',
  'headers',
  'header',
  'fields',
  'columnNames',
  'column_names',
  'schema',
];
const MAX_COLUMNS = 1000;
const ROW_NAMES = new Set(['rows', 'data', 'values', 'records', 'result', 'results', 'items', 'body']);
const HEADING_TITLES = ['name', 'field', 'key', 'column', 'label', 'title'];
/** `{"idType": "PASSPORT", "idNumber": "…"}`: what kind of document it is names its number, and no other value. */
const KIND_NAMES = ['type', 'idType', 'documentType', 'docType', 'id_type', 'document_type', 'doc_type'];
const KIND_NUMBERS = [
  'number',
  'idNumber',
  'documentNumber',
  'docNumber',
  'id_number',
  'document_number',
  'doc_number',
];
export const NAME_NAMES: readonly string[] = [...HEADING_TITLES, ...KIND_NAMES];

const isArray = (node: JsonNode | null | undefined): node is JsonNode => node?.kind === ARRAY;

/** Whether a member is a list of lists, as rows are. */
export const isListOfLists = (node: JsonNode): boolean => isArray(node) && isArray(node.first);

/** Headings of an object such as `{"columns": ["id", "ssn"], "rows": [[1, "…"]]}`: the first of these lists that has some. */
export const headingsIn = (text: string, lists: readonly JsonNode[], plan: Plan): readonly NameFacts[] | null => {
  for (const list of lists) {
    const headings = isArray(list) ? namesOf(text, list) : null;
    if (headings !== null) return headings.map((heading) => plan.nameFacts(heading));
  }
  return null;
};

/** Whether a member holds the rows that the headings beside it speak of. */
export const holdsRows = (name: string, value: JsonNode): boolean => ROW_NAMES.has(name) && isListOfLists(value);

/** Headings in the first row of a list of lists, when one of them is known. */
export const headingsInFirstRow = (text: string, list: JsonNode, plan: Plan): readonly NameFacts[] | null => {
  const { first, count } = list;
  if (!isArray(first) || count < 2) return null;
  const names = namesOf(text, first);
  const facts = names?.map((name) => plan.nameFacts(name)) ?? [];
  return facts.some(({ rule, contexts }) => rule !== undefined || contexts !== 0) ? facts : null;
};

/** The texts of a list of headings: strings, or objects that name each column. */
const namesOf = (text: string, list: JsonNode): readonly string[] | null => {
  if (list.count > MAX_COLUMNS) return null;
  const names = childrenOf(list).map((item) =>
    item.kind === OBJECT ? nameOf(text, item) : item.kind === STRING ? stringText(text, item) : null,
  );
  return names.length > 0 && names.every((name) => name !== null && name.length <= 64) ? (names as string[]) : null;
};

const nameOf = (text: string, object: JsonNode, names = HEADING_TITLES): string | null => {
  for (const name of names) {
    const found = member(text, object, name);
    if (found?.kind === STRING) return stringText(text, found);
  }
  return null;
};

export const VALUE_NAMES: readonly string[] = ['value', 'val', 'content', 'text', ...KIND_NUMBERS];

/** Of a pair such as `{"name": "ssn", "value": "…"}`: the name that stands for that of the value. */
export const pairName = (text: string, object: JsonNode, valueName: string): string | null => {
  const name = nameOf(text, object, KIND_NUMBERS.includes(valueName) ? KIND_NAMES : HEADING_TITLES);
  return name === null || name.length > 64 ? null : name;
};
