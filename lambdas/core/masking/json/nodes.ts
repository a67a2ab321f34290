// JSON as spans: where each value stands in its text, so that values can be replaced without writing the text anew.
//
// A text of megabytes has millions of values. They lie in one array of numbers, which costs the collector nothing however
// long it is kept; what the code handles are short-lived views of it. Pure.

export const OBJECT = 1;
export const ARRAY = 2;
export const STRING = 3;
export const NUMBER = 4;
/** `true`, `false` and `null`. */
export const LITERAL = 5;

/** A string as it is written: its span with the quotes, and whether it holds escapes. */
export interface StringSpan {
  readonly start: number;
  readonly end: number;
  readonly escaped: boolean;
}

// What is kept of one value. Its first child, if it has any, is the value after it.
const START = 0;
const END = 1;
const KIND = 2;
/** Index of the next value of the same list or object; 0 for the last one. */
const NEXT = 3;
/** Values of a list or object. */
const COUNT = 4;
const KEY_START = 5;
const KEY_END = 6;
const STRIDE = 7;

// Beside the kind: whether the value, or its name, holds escapes.
const KIND_BITS = 7;
const ESCAPED = 8;
const KEY_ESCAPED = 16;

/** A value takes about so many characters; a guess too low costs a copy. */
const CHARACTERS_PER_VALUE = 16;

/** Values in one piece of the array: it grows piece by piece, so that nothing large is ever copied. */
const PIECE_BITS = 14;
const PIECE = 1 << PIECE_BITS;
const IN_PIECE = PIECE - 1;

export class JsonNodes {
  readonly #pieces: Int32Array[];
  #last: Int32Array;
  #count = 0;

  constructor(textLength: number) {
    this.#last = new Int32Array(Math.min(PIECE, Math.ceil(textLength / CHARACTERS_PER_VALUE) + 4) * STRIDE);
    this.#pieces = [this.#last];
  }

  /** Adds a value, under its name when it has one; returns its index. */
  add(kind: number, { start, end, escaped }: StringSpan, key: StringSpan | null): number {
    const at = (this.#count & IN_PIECE) * STRIDE;
    if (at === 0 && this.#count > 0) this.#begin();
    else if (at + STRIDE > this.#last.length) this.#grow();
    const numbers = this.#last;
    numbers[at + START] = start;
    numbers[at + END] = end;
    numbers[at + KIND] = kind | (escaped ? ESCAPED : 0) | (key?.escaped === true ? KEY_ESCAPED : 0);
    numbers[at + KEY_START] = key === null ? -1 : key.start;
    numbers[at + KEY_END] = key === null ? -1 : key.end;
    this.#count += 1;
    return this.#count - 1;
  }

  /** Makes a value the next one of its list or object; `last` is the one before it, -1 for none. */
  chain(parent: number, last: number, index: number): void {
    if (last !== -1) this.#write(last, NEXT, index);
    const piece = this.#piece(parent);
    const at = (parent & IN_PIECE) * STRIDE + COUNT;
    piece[at] = (piece[at] ?? 0) + 1;
  }

  close(index: number, end: number): void {
    this.#write(index, END, end);
  }

  /** Only of what is read to its end: a view of an earlier one would not see it grow. */
  view(index: number): JsonNode {
    return new JsonNode(this, index, this.#piece(index));
  }

  kind(index: number): number {
    return (this.#piece(index)[(index & IN_PIECE) * STRIDE + KIND] ?? 0) & KIND_BITS;
  }

  #piece(index: number): Int32Array {
    return this.#pieces[index >> PIECE_BITS] ?? this.#last;
  }

  #write(index: number, field: number, value: number): void {
    this.#piece(index)[(index & IN_PIECE) * STRIDE + field] = value;
  }

  #begin(): void {
    this.#last = new Int32Array(PIECE * STRIDE);
    this.#pieces.push(this.#last);
  }

  /** The first piece is as large as the text let expect; it may have to become larger. */
  #grow(): void {
    const larger = new Int32Array(Math.min(PIECE * STRIDE, this.#last.length * 2));
    larger.set(this.#last);
    this.#last = larger;
    this.#pieces[this.#pieces.length - 1] = larger;
  }
}

/** A view of one value. Two views of a value are two objects: tell them apart by `start`. */
export class JsonNode implements StringSpan {
  readonly kind: number;
  readonly start: number;
  readonly end: number;
  readonly escaped: boolean;
  readonly #nodes: JsonNodes;
  readonly #index: number;
  readonly #piece: Int32Array;
  readonly #at: number;

  constructor(nodes: JsonNodes, index: number, piece: Int32Array) {
    const at = (index & IN_PIECE) * STRIDE;
    const flags = piece[at + KIND] ?? 0;
    this.#nodes = nodes;
    this.#index = index;
    this.#piece = piece;
    this.#at = at;
    this.start = piece[at + START] ?? 0;
    this.end = piece[at + END] ?? 0;
    this.kind = flags & KIND_BITS;
    this.escaped = (flags & ESCAPED) !== 0;
  }

  /** The first value of a list or object. */
  get first(): JsonNode | null {
    return this.count === 0 ? null : this.#view(this.#index + 1);
  }

  /** The next value of the same list or object. */
  get next(): JsonNode | null {
    const next = this.#piece[this.#at + NEXT] ?? 0;
    return next === 0 ? null : this.#view(next);
  }

  get count(): number {
    return this.#piece[this.#at + COUNT] ?? 0;
  }

  get keyStart(): number {
    return this.#piece[this.#at + KEY_START] ?? -1;
  }

  get keyEnd(): number {
    return this.#piece[this.#at + KEY_END] ?? -1;
  }

  /** The name of a member, as it is written. */
  get key(): StringSpan {
    const escaped = ((this.#piece[this.#at + KIND] ?? 0) & KEY_ESCAPED) !== 0;
    return { start: this.keyStart, end: this.keyEnd, escaped };
  }

  #view(index: number): JsonNode {
    const isNear = index >> PIECE_BITS === this.#index >> PIECE_BITS;
    return isNear ? new JsonNode(this.#nodes, index, this.#piece) : this.#nodes.view(index);
  }
}

export const childrenOf = (node: JsonNode): JsonNode[] => {
  const children: JsonNode[] = [];
  for (let child = node.first; child !== null; child = child.next) children.push(child);
  return children;
};

/** The text of a string: its span, read. */
export const stringText = (text: string, { start, end, escaped }: StringSpan): string =>
  escaped ? (JSON.parse(text.slice(start, end)) as string) : text.slice(start + 1, end - 1);

/** The member of an object by name; the last one when there are several, as JSON.parse takes it. */
export const member = (text: string, node: JsonNode, name: string): JsonNode | undefined => {
  let found: JsonNode | undefined;
  if (node.kind !== OBJECT) return undefined;
  for (let child = node.first; child !== null; child = child.next)
    if (stringText(text, child.key) === name) found = child;
  return found;
};
