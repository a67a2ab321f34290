// Reads fields of an object of unknown shape and remembers which were missing or malformed. Pure.

import { isObject, type JsonObject } from '../../mcp/json.ts';

export interface ReadContent {
  readonly bytes: number;
  /** Hex of the ciphertext's SHA-256. */
  readonly ct: string;
  /** `sha256:<hex>` of the wrapped key. */
  readonly kid: string;
  /** `hmac-sha256:<hex>` of the plaintext. */
  readonly pt: string;
  readonly at: 'inline' | 'object';
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const COUNT = /^(?:0|[1-9]\d{0,14})$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const COMMITMENT = /^hmac-sha256:[0-9a-f]{64}$/;
const LEAF = /^[0-9a-f]{64}$/;

export class Fields {
  /** Paths of the fields that do not fit. */
  readonly bad: string[];
  readonly #value: JsonObject;
  readonly #path: string;

  constructor(value: JsonObject, path = '', bad: string[] = []) {
    this.#value = value;
    this.#path = path;
    this.bad = bad;
  }

  refuse(name: string): void {
    this.bad.push(`${this.#path}${name}`);
  }

  text(name: string, form?: RegExp): string {
    const value = this.#value[name];
    if (typeof value === 'string' && (form === undefined || form.test(value))) return value;
    this.refuse(name);
    return '';
  }

  id(name: string): string {
    return this.text(name, ID);
  }

  digest(name: string): string {
    return this.text(name, DIGEST);
  }

  leaf(name: string): string {
    return this.text(name, LEAF);
  }

  timestamp(name: string): string {
    return this.text(name, TIMESTAMP);
  }

  /** A decimal string, at most 15 digits. */
  count(name: string): number {
    return Number(this.text(name, COUNT));
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    if (typeof value !== 'boolean') this.refuse(name);
    return value === true;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#value, name);
  }

  /** A field that may be null, and must be there. */
  nullable<Value>(name: string, read: (name: string) => Value): Value | null {
    return this.#value[name] === null ? null : read(name);
  }

  /** A field that is `true` or not there. */
  mark(name: string): boolean {
    const value = this.#value[name];
    if (value !== undefined && value !== true) this.refuse(name);
    return value === true;
  }

  /** The reason in an object of facts; `null` where there is none. */
  reason(name: string): string | null {
    const value = this.#value[name];
    const reason = isObject(value) ? value['reason'] : undefined;
    return typeof reason === 'string' ? reason : null;
  }

  object(name: string): Fields {
    return this.#member(this.#value[name], name);
  }

  /** A list of lists of texts. */
  textLists(name: string): readonly (readonly string[])[] {
    const value = this.#value[name];
    const isList = (item: unknown): item is string[] =>
      Array.isArray(item) && item.every((text) => typeof text === 'string');
    if (Array.isArray(value) && value.every(isList)) return value;
    this.refuse(name);
    return [];
  }

  /** A list of objects. */
  objects(name: string): readonly Fields[] {
    const value = this.#value[name];
    if (!Array.isArray(value)) this.refuse(name);
    return Array.isArray(value) ? value.map((item, at) => this.#member(item, `${name}.${at}`)) : [];
  }

  #member(value: unknown, name: string): Fields {
    if (!isObject(value)) this.refuse(name);
    return new Fields(isObject(value) ? value : {}, `${this.#path}${name}.`, this.bad);
  }

  /** A list of texts, of a form where there is one. */
  texts(name: string, form = /^/): readonly string[] {
    const list = this.#value[name];
    const texts = Array.isArray(list) ? list.filter((item) => typeof item === 'string' && form.test(item)) : [];
    if (!Array.isArray(list) || texts.length !== list.length) this.refuse(name);
    return texts;
  }

  /** Whom a session belongs to. A renewed token may change the rest of an actor within a session. */
  actor(): string {
    const actor = this.object('actor');
    return JSON.stringify([actor.text('iss'), actor.text('sub'), actor.text('client')]);
  }

  content(name: string): ReadContent | null {
    if (this.#value[name] === null) return null;
    const content = this.object(name);
    const at = content.text('at', /^(?:inline|object)$/);
    return {
      bytes: content.count('bytes'),
      ct: content.text('ct', DIGEST).slice('sha256:'.length),
      kid: content.text('kid', DIGEST),
      pt: content.text('pt', COMMITMENT),
      at: at === 'object' ? 'object' : 'inline',
    };
  }
}
