// The XML of the S3 protocol: elements and text only. No DTD, no entities beyond the five of XML, no attributes kept,
// so there is nothing to expand or to include.

import { AwsError } from '../wire.ts';

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Text, `null` for "leave out", nested elements, or a list that repeats the element. */
export type XmlValue = string | number | boolean | null | { readonly [name: string]: XmlValue } | readonly XmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const escapeText = (text: string): string => text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);

const unescapeText = (text: string): string =>
  text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name ?? ''] ?? whole;
  });

const renderElement = (name: string, value: XmlValue): string => {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map((entry: XmlValue) => renderElement(name, entry)).join('');
  if (typeof value !== 'object') return `<${name}>${escapeText(String(value))}</${name}>`;
  const children = Object.entries(value).map(([child, content]) => renderElement(child, content as XmlValue));
  return `<${name}>${children.join('')}</${name}>`;
};

export const renderXml = (root: string, value: XmlValue): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${renderElement(root, value)}`;

const malformed = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<\?[^>]*\?>|<\/(?<close>[\w:.-]+)\s*>|<(?<open>[\w:.-]+)(?:\s[^<>]*?)?(?<empty>\/)?>|(?<text>[^<]+)/gy;

const applyToken = (stack: OpenElement[], groups: Readonly<Record<string, string | undefined>>): void => {
  const top = stack.at(-1);
  if (top === undefined) throw malformed();
  if (groups['open'] !== undefined) {
    const opened: OpenElement = { name: groups['open'], children: [], text: '' };
    top.children.push(opened);
    if (groups['empty'] === undefined) stack.push(opened);
  } else if (groups['close'] !== undefined) {
    if (top.name !== groups['close']) throw malformed();
    stack.pop();
  } else if (groups['text'] !== undefined) {
    top.text += unescapeText(groups['text']);
  }
};

/** Parses a body and checks its root's name; MalformedXML otherwise. */
export const parseXml = (body: Buffer, rootName: string): XmlElement => {
  const source = body.toString('utf8');
  const document: OpenElement = { name: '', children: [], text: '' };
  const stack = [document];
  let end = 0;
  for (const token of source.matchAll(TOKEN)) {
    applyToken(stack, token.groups ?? {});
    end = token.index + token[0].length;
  }
  const [root] = document.children;
  if (end !== source.length || stack.length !== 1 || root?.name !== rootName) throw malformed();
  return root;
};

export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name);

export const textOf = (element: XmlElement, name: string): string | undefined => childOf(element, name)?.text;
