// Masks one value of JSON: a text by what is found in it, a value that a rule names as a whole, a number, bytes. Pure.

import { binaryEdit, textOfBinary } from './binary.ts';
import { applySlowly, type Edit, Edits, type Finding, mergeEdits } from './edit.ts';
import { ARRAY, type JsonNode, LITERAL, NUMBER, STRING, stringText } from './json/nodes.ts';
import { inString, longStringText } from './json/string-edits.ts';
import { type MaskJson, type PassageCall, PassageMasker } from './passage.ts';
import type { Place } from './place.ts';
import type { Plan, RuleRef } from './plan.ts';
import { BINARY, ECHO, HANDLE, STRUCTURED, URI } from './roles.ts';
import { placeholder, type SchemaAt } from './schema.ts';
import { redacted, uriMask } from './text/masks.ts';
import { Withholding } from './withheld.ts';
import type { Work } from './work.ts';

/** Tokens and keys in opaque handles are what the handle is made of. */
const SECRETS: ReadonlySet<string> = new Set(['token', 'jwt', 'key', 'password', 'entropy']);
/** Texts up to here are looked at first where they stand; longer ones are worth a closer look at once. */
const SHORT = 512;
/** Numbers shorter than any value worth masking, unless their name says what they are. */
const SHORT_NUMBER = 6;

/** What stands before and after a text elsewhere: the messages around it in a stream. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
  /** From where the text is hidden, since nobody knows yet how it goes on. */
  readonly hideFrom: number | null;
}

const UNFINISHED: RuleRef = {
  id: 'stream.unfinished',
  version: 1,
  label: 'unfinished',
  action: 'redact',
  shownBy: null,
};

/** What is known of the call that a message belongs to. */
export interface MaskedCall extends PassageCall {
  readonly outputSchema: SchemaAt | null;
  /** The schema of `structuredContent` is not known: a number becomes a number, which is the likeliest to be valid. */
  readonly keepsKinds: boolean;
  readonly around: ReadonlyMap<string, Surroundings>;
}

export class LeafMasker {
  readonly passages: PassageMasker;
  readonly #plan: Plan;
  readonly #around: ReadonlyMap<string, Surroundings>;
  readonly #keepsKinds: boolean;

  constructor(call: MaskedCall, maskJson: MaskJson) {
    const { plan, around, keepsKinds } = call;
    this.#plan = plan;
    this.#keepsKinds = keepsKinds;
    this.#around = around;
    this.passages = new PassageMasker(call, maskJson);
  }

  /** Whether a value needs no closer look. Most do not: they are settled without a place of their own. */
  isSettled(text: string, node: JsonNode, role: number, rule: RuleRef | undefined, contexts: number): boolean {
    const { kind, start, end } = node;
    if (kind <= ARRAY) return false;
    if (kind === LITERAL || role === ECHO) return true;
    if (rule !== undefined || role === BINARY || this.#around.size > 0) return false;
    if (kind === NUMBER) {
      if (end - start < SHORT_NUMBER && contexts === 0) return true;
      return isWrittenOut(text, start, end) && this.passages.isClean(text, withoutSign(text, start), end, contexts);
    }
    if (node.escaped || end - start >= SHORT || !isPlainStart(text, node)) return false;
    return this.passages.isClean(text, start + 1, end - 1, contexts);
  }

  *mask(text: string, place: Place, depth: number, edits: Edits): Work<void> {
    if (place.role === ECHO) return;
    if (place.node.kind === STRING) yield* this.#string(text, place, depth, edits);
    else if (place.node.kind === NUMBER) yield* this.#number(text, place, depth, edits);
  }

  *#string(text: string, place: Place, depth: number, edits: Edits): Work<void> {
    const { node, role } = place;
    if (role === BINARY) {
      yield* this.#binary(text, place, depth, edits);
      return;
    }
    if (place.rule !== undefined) {
      this.#whole(place, place.rule, stringText(text, node), edits);
      return;
    }
    const around = this.#around.size === 0 ? undefined : this.#around.get(exactPath(place));
    if (around !== undefined) {
      yield* this.#surrounded(text, place, around, depth, edits);
      return;
    }
    if (
      !node.escaped &&
      node.end - node.start < SHORT &&
      isPlainStart(text, node) &&
      this.passages.isClean(text, node.start + 1, node.end - 1, place.contexts)
    )
      return;
    const value = yield* longStringText(text, node);
    const found = yield* this.passages.mask({ text: value, contexts: place.contexts, place, depth });
    yield* this.#replace(text, place, value, found, edits);
  }

  /** Scans a text between what stands around it; what crosses its ends is masked in it as far as it reaches. */
  *#surrounded(
    text: string,
    place: Place,
    { before, after, hideFrom }: Surroundings,
    depth: number,
    edits: Edits,
  ): Work<void> {
    const value = stringText(text, place.node);
    const joined = before + value + after;
    const passage = { text: joined, contexts: place.contexts, place, depth };
    const found = yield* this.passages.mask(passage);
    const from = before.length;
    const to = from + value.length;
    const own = [...found]
      .filter((edit) => edit.end > from && edit.start < to)
      .map((edit) => {
        // Where a value began in an earlier text its mask stands there. Of a name nobody knows whether it does.
        const isRest = edit.start < from && !edit.findings.some(({ kind }) => kind === 'entity');
        return {
          start: Math.max(edit.start, from) - from,
          end: Math.min(edit.end, to) - from,
          text: isRest ? '' : edit.text,
          findings: isRest ? [] : edit.findings,
        };
      });
    const inside = yield* this.passages.mask({ ...passage, text: value });
    const all = new Edits();
    for (const edit of [...own, ...[...inside].filter((each) => !touches(each, own))]) all.push(edit);
    if (hideFrom !== null) {
      const finding: Finding = { path: place.path, rule: UNFINISHED, value: value.slice(hideFrom), kind: 'pattern' };
      all.add(hideFrom, value.length, redacted(UNFINISHED.label), finding);
    }
    yield* this.#replace(text, place, value, yield* mergeEdits(all), edits);
  }

  *#replace(text: string, place: Place, value: string, found: Edits, edits: Edits): Work<void> {
    if (found.length === 0 || (place.role === HANDLE && mayStay(place, found))) return;
    if (place.role === URI) {
      const named = new Edits();
      for (const edit of found) named.push({ ...edit, text: uriMask(edit.findings[0]?.rule.label ?? 'value') });
      yield* inString(text, place.node, named, edits);
      return;
    }
    const masked = place.schema === null ? null : yield* applySlowly(value, found);
    if (masked === null || place.schema === null || place.schema.allows(masked))
      yield* inString(text, place.node, found, edits);
    else edits.push(this.#fitting(place, masked, value, found.findings));
  }

  /** A value that a rule names is masked as a whole, whatever it looks like. */
  #whole(place: Place, rule: RuleRef, value: string, edits: Edits): void {
    const masked = this.passages.maskValue(rule, value, place, 'field');
    if (masked === undefined) return;
    edits.push(this.#fitting(place, masked.mask, value, [masked.finding]));
  }

  #fitting(place: Place, mask: string, value: string, findings: Edit['findings']): Edit {
    const { node, schema, role } = place;
    const keepsNumber = this.#keepsKinds && role === STRUCTURED && node.kind === NUMBER;
    const masked = keepsNumber ? '0' : JSON.stringify(mask);
    const text = schema === null ? masked : placeholder(schema, mask, value);
    if (text === undefined) throw new Withholding({ reason: 'schema_unsatisfiable', path: place.path });
    return { start: node.start, end: node.end, text, findings };
  }

  *#number(text: string, place: Place, depth: number, edits: Edits): Work<void> {
    const { node } = place;
    const value = plainNumber(text.slice(node.start, node.end));
    if (place.rule !== undefined) {
      this.#whole(place, place.rule, value, edits);
      return;
    }
    if (this.passages.isClean(value, 0, value.length, place.contexts)) return;
    const found = yield* this.passages.mask({ text: value, contexts: place.contexts, place, depth });
    if (found.length === 0 || (place.role === HANDLE && mayStay(place, found))) return;
    edits.push(this.#fitting(place, found.textOf(0), value, found.findings));
  }

  *#binary(text: string, place: Place, depth: number, edits: Edits): Work<void> {
    const value = stringText(text, place.node);
    const content = textOfBinary(value);
    if (content === undefined) {
      const edit = binaryEdit(text, place, this.#plan.binary);
      if (edit !== undefined) edits.push(edit);
      return;
    }
    const passage = { text: content, contexts: 0, place, depth: depth + 1 };
    const found = yield* this.passages.mask(passage);
    if (found.length === 0) return;
    const masked = Buffer.from(yield* applySlowly(content, found), 'utf8').toString('base64');
    const { start, end } = place.node;
    edits.push({ start, end, text: JSON.stringify(masked), findings: found.findings });
  }
}

const touches = (edit: Edit, others: readonly Edit[]): boolean =>
  others.some((other) => edit.start < other.end && other.start < edit.end);

/** A place with its indices, for texts that go on from one message to the next. */
const exactPath = (place: Place): string => JSON.stringify(place.steps);

/** Whether a string does not begin like JSON. */
const isPlainStart = (text: string, node: JsonNode): boolean => {
  const code = text.charCodeAt(node.start + 1);
  return code !== 0x7b && code !== 0x5b && code > 0x20;
};

const withoutSign = (text: string, start: number): number => (text.charCodeAt(start) === 0x2d ? start + 1 : start);

/** Whether a number's digits stand there as {@link plainNumber} would write them. */
const isWrittenOut = (text: string, start: number, end: number): boolean => {
  let isWhole = true;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x39) return false;
    if (code === 0x2e) isWhole = false;
    else if (!isWhole && code !== 0x30) return true;
  }
  return isWhole;
};

/** Whole numbers are read as their digits, however they are written: 4.111e15 is a number of 16 digits. */
const plainNumber = (raw: string): string =>
  /[.eE]/.test(raw) && Number.isSafeInteger(Number(raw)) ? String(Number(raw)) : raw.replace(/^-/, '');

/** Whether a handle holds nothing but what it is made of; anything else withholds the message. */
const mayStay = (place: Place, { findings }: Edits): boolean => {
  const finding = findings.find(({ kind }) => !SECRETS.has(kind));
  if (finding === undefined) return true;
  throw new Withholding({ reason: 'handle_holds_data', rule: finding.rule.id, path: place.path });
};
