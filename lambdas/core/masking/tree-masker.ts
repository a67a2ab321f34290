// Walks JSON and masks what the rules say: values by their names and places, texts by what is found in them. Makes edits
// of the JSON text; whatever no edit touches stays byte for byte. Pure.

import { childPlace, factsOf, headingsOf, leaveOut, ruleOf } from './children.ts';
import { headingsInFirstRow, holdsRows } from './columns.ts';
import { carryOver, type Edit, Edits, type Finding, IN_PLACE, mergeEdits } from './edit.ts';
import { ARRAY, type JsonNode, member, OBJECT, STRING, stringText } from './json/nodes.ts';
import { inString } from './json/string-edits.ts';
import type { TreeReader } from './json/tree.ts';
import { LeafMasker, type MaskedCall } from './leaf-masker.ts';
import { foundAt, NamesTaken } from './member-names.ts';
import type { Passage, PassageMasker } from './passage.ts';
import { Place } from './place.ts';
import { type NameFacts, NOTHING, type Plan } from './plan.ts';
import { BLOCK, FREE, hasDataNames, isKnownBlock, roleOfItem } from './roles.ts';
import type { SchemaAt } from './schema.ts';
import { type Shape, Shapes } from './shapes.ts';
import { Withholding } from './withheld.ts';
import { SLICE, type Work } from './work.ts';

const MAX_NAMES = 4096;
const NO_EDITS: readonly Edit[] = [];
/** What an item of a list or object costs, in characters of text. */
const ITEM_COST = 24;
/** Members of one object between two pauses. */
const MEMBERS_PER_SLICE = 1024;

/** A list that is gone through: its items get their places one at a time, since there may be millions of them. */
class Items {
  readonly place: Place;
  /** What is known of its columns, when it is a row. */
  readonly cells: readonly NameFacts[];
  /** What is known of the columns of its rows, when it has rows. */
  readonly headings: readonly NameFacts[] | null;
  next: JsonNode | null;
  index = 0;

  constructor(place: Place, cells: readonly NameFacts[], headings: readonly NameFacts[] | null) {
    this.place = place;
    this.cells = cells;
    this.headings = headings;
    this.next = place.node.first;
  }
}

/** How far the members of an object are looked at. */
interface Members {
  readonly shape: Shape;
  readonly facts: readonly NameFacts[];
  readonly item: JsonNode | null;
  readonly index: number;
}

const costOf = ({ kind, start, end, count }: JsonNode): number =>
  kind > ARRAY ? end - start : kind === OBJECT ? (count + 1) * ITEM_COST : ITEM_COST;

export class TreeMasker {
  readonly #plan: Plan;
  readonly #outputSchema: SchemaAt | null;
  readonly #leaves: LeafMasker;
  readonly #shapes: Shapes;
  readonly #names = new Map<string, readonly Edit[]>();

  constructor(call: MaskedCall) {
    this.#plan = call.plan;
    this.#outputSchema = call.outputSchema;
    this.#leaves = new LeafMasker(call, (text, reader, outer) => this.#embedded(text, reader, outer));
    this.#shapes = new Shapes(call.plan, (name) => this.passages.isClean(name, 0, name.length, 0));
  }

  get passages(): PassageMasker {
    return this.#leaves.passages;
  }

  /** Edits of the JSON text below `root`, sorted. */
  *mask(text: string, root: Place, depth: number): Work<Edits> {
    const edits = new Edits();
    const open: (Place | Items)[] = [root];
    let room = SLICE;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next instanceof Items) room -= this.#items(text, next, open);
      else if (next.node.kind === ARRAY) open.push(this.#itemsOf(text, next));
      else if (next.node.kind === OBJECT) yield* this.#object(text, next, open, edits);
      else yield* this.#leaves.mask(text, next, depth, edits);
      room -= next instanceof Items ? 0 : costOf(next.node);
      if (room > 0) continue;
      yield;
      room = SLICE;
    }
    return yield* mergeEdits(edits);
  }

  *#embedded(text: string, reader: TreeReader, outer: Passage): Work<Edits> {
    const edits = new Edits();
    let room = SLICE;
    for (const node of reader.roots()) {
      const known = { role: FREE, rule: undefined, contexts: outer.contexts, schema: null };
      // Names in the text go on where the text stands.
      const root = new Place(node, outer.place.parent, outer.place.step, known);
      yield* carryOver(yield* this.mask(text, root, outer.depth + 1), IN_PLACE, edits);
      room -= ITEM_COST + costOf(node);
      if (room > 0) continue;
      yield;
      room = SLICE;
    }
    return edits;
  }

  *#object(text: string, place: Place, open: (Place | Items)[], edits: Edits): Work<void> {
    const { node, role } = place;
    if (role === BLOCK) requireKnownBlock(text, place);
    const shape = this.#shapes.known(text, node, role) ?? (yield* this.#shapes.make(text, node, role));
    const facts = factsOf(text, node, shape, this.#plan);
    const children: Place[] = [];
    let item = this.#members(text, place, { shape, facts, item: node.first, index: 0 }, children);
    for (let index = MEMBERS_PER_SLICE; item !== null; index += MEMBERS_PER_SLICE) {
      yield;
      item = this.#members(text, place, { shape, facts, item, index }, children);
    }
    if (shape.headingIndices.length > 0) {
      const columns = yield* headingsOf(text, node, shape, this.#plan);
      for (const child of children) if (holdsRows(String(child.step), child.node)) child.columns = columns;
    }
    if (children.length > 0) yield* this.#descend(text, place, children, open, edits);
    if (!shape.isClean) yield* this.#maskNames(text, place, shape, edits);
  }

  /** Adds the places of those of the next members that need a closer look; returns the member after them. */
  #members(text: string, place: Place, { shape, facts, item, index }: Members, children: Place[]): JsonNode | null {
    let next = item;
    for (let at = index; next !== null && at < index + MEMBERS_PER_SLICE; next = next.next, at += 1) {
      const name = shape.names[at] ?? '';
      const child = this.#child(text, place, next, name, facts[at] ?? NOTHING, shape.roles[at] ?? FREE);
      if (child !== undefined) children.push(child);
    }
    return next;
  }

  /** Leaves out the members that a rule drops; the others are looked at in their turn. */
  *#descend(text: string, place: Place, children: readonly Place[], open: (Place | Items)[], edits: Edits): Work<void> {
    const dropped = new Map<number, readonly Finding[]>();
    // From the last to the first: what is pushed last is looked at first, so that edits come in the order of the text.
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index];
      if (child === undefined) continue;
      if (mayDrop(place, child)) dropped.set(child.node.start, this.#dropped(text, child));
      else open.push(child);
      if (index % MEMBERS_PER_SLICE === MEMBERS_PER_SLICE - 1) yield;
    }
    if (dropped.size > 0) yield* leaveOut(place.node, dropped, edits);
  }

  /** The place of a member or item that needs a closer look. */
  #child(
    text: string,
    place: Place,
    node: JsonNode,
    step: string | number,
    facts: NameFacts,
    role: number,
  ): Place | undefined {
    const rule = ruleOf(place, step, facts, this.#plan);
    // A name speaks for what lies below it until another one does.
    const contexts = facts.contexts !== 0 ? facts.contexts : place.contexts;
    if (rule === null || this.#leaves.isSettled(text, node, role, rule, contexts)) return undefined;
    return childPlace(place, node, step, { role, rule, contexts }, this.#outputSchema);
  }

  /** What is recorded of a member that is left out: nothing, if it was masked already. */
  #dropped(text: string, place: Place): readonly Finding[] {
    const { node, rule } = place;
    if (rule === undefined) return [];
    const value = node.kind === STRING ? stringText(text, node) : text.slice(node.start, node.end);
    const masked = this.passages.maskValue(rule, value, place, 'field');
    return masked === undefined ? [] : [masked.finding];
  }

  /** Names that hold data. Masked names are numbered, so that an object still has each name once. */
  *#maskNames(text: string, place: Place, shape: Shape, edits: Edits): Work<void> {
    const taken = yield* NamesTaken.of(shape.names);
    let index = 0;
    for (let item = place.node.first; item !== null; item = item.next, index += 1) {
      if (index % MEMBERS_PER_SLICE === MEMBERS_PER_SLICE - 1) yield;
      const name = shape.names[index] ?? '';
      const found = yield* this.#nameEdits(name, place);
      if (found.length === 0) continue;
      if (place.schema !== null && !place.schema.isOpen)
        throw new Withholding({ reason: 'schema_unsatisfiable', path: place.path });
      const own = new Edits();
      // A path cannot name a name that is masked.
      for (const edit of taken.distinct(name, found)) own.push(foundAt(edit, `${place.path}/*`));
      yield* inString(text, item.key, own, edits);
    }
  }

  *#nameEdits(name: string, place: Place): Work<readonly Edit[]> {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const passage = { text: name, contexts: 0, place, depth: 0 };
    const isClean = this.passages.isClean(name, 0, name.length, 0);
    const edits = isClean ? NO_EDITS : [...(yield* this.passages.mask(passage))];
    // An object of more names has each of them once.
    if (place.node.count <= MAX_NAMES) this.#names.set(name, edits);
    return edits;
  }

  #itemsOf(text: string, place: Place): Items {
    const { columns, node } = place;
    const cells = columns !== null && node.first?.kind !== ARRAY ? columns : NO_CELLS;
    return new Items(place, cells, cells === NO_CELLS ? (columns ?? this.#ownHeadings(text, place)) : null);
  }

  /** Goes on to the next item that needs a closer look, and says what that cost. */
  #items(text: string, items: Items, open: (Place | Items)[]): number {
    const { place, cells, headings } = items;
    const role = roleOfItem(place.role);
    const from = items.index;
    while (items.next !== null) {
      const [item, index] = [items.next, items.index];
      items.next = item.next;
      items.index += 1;
      const child = this.#child(text, place, item, index, cells[index] ?? NOTHING, role);
      if (child === undefined) continue;
      // The row that the headings come from is no row of values.
      child.columns = place.columns === null && index === 0 ? null : headings;
      open.push(items, child);
      break;
    }
    return (items.index - from) * ITEM_COST;
  }

  #ownHeadings(text: string, { role, node }: Place): readonly NameFacts[] | null {
    return hasDataNames(role) ? headingsInFirstRow(text, node, this.#plan) : null;
  }
}

/** A schema may require a member: then its value is masked instead. */
const mayDrop = (object: Place, { rule, step }: Place): boolean =>
  rule?.action === 'drop' && rule !== object.rule && rule.shownBy === null && !object.schema?.requires(String(step));

const NO_CELLS: readonly NameFacts[] = [];

/** Content of a type that nobody described cannot be masked with certainty. */
const requireKnownBlock = (text: string, place: Place): void => {
  const type = member(text, place.node, 'type');
  if (type?.kind !== STRING || isKnownBlock(stringText(text, type))) return;
  throw new Withholding({ reason: 'unknown_content', path: place.path });
};
