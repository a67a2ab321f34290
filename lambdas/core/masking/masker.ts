// The door to masking: a JSON-RPC message in, as its server wrote it; the message as it may be shown out, with what was
// removed. Or a reason to withhold it: nothing passes that could not be looked at. Pure.

import { err, ok, type Result } from '../result.ts';
import type { Answer } from './comprehend/question.ts';
import { AskedTexts, knownTexts, type Texts } from './comprehend/texts.ts';
import { applySlowly, type Edits, type Finding } from './edit.ts';
import { JsonNodes, LITERAL } from './json/nodes.ts';
import { TreeReader } from './json/tree.ts';
import type { Surroundings } from './leaf-masker.ts';
import { MAX_DEPTH, type PassageMasker } from './passage.ts';
import { Place } from './place.ts';
import type { Plan } from './plan.ts';
import { FREE, MESSAGE } from './roles.ts';
import type { Caller, RuleSet } from './rules.ts';
import { SchemaAt } from './schema.ts';
import { TreeMasker } from './tree-masker.ts';
import { type Withheld, Withholding } from './withheld.ts';
import { finish, SLICE, type Work } from './work.ts';

export interface MaskContext extends Caller {
  /** Key of the tokens: derived for the scope in which the same value has the same token. */
  readonly tokenKey: Uint8Array;
  /** The tool's `outputSchema`; `null` when it has none, `undefined` when that is not known. */
  readonly outputSchema?: unknown;
  /** Whether the time allowed for this message is over; asked after every slice. */
  readonly isOver?: () => boolean;
}

export interface Masked {
  readonly text: string;
  /** What was removed, and what an exception showed. They hold the values: hand them to proof.ts and forget them. */
  readonly findings: readonly Finding[];
  readonly shown: readonly Finding[];
}

export type MaskResult = Result<Masked, Withheld>;

const NO_SURROUNDINGS: ReadonlyMap<string, Surroundings> = new Map();
/** Plans of one gateway: a few servers and tools, times the groups of its people. */
const MAX_PLANS = 512;

export class Masker {
  /** Whether what one person sees may differ from what another does. */
  readonly dependsOnGroups: boolean;
  readonly #maxBytes: number;
  readonly #planFor: (caller: Caller) => Plan;
  readonly #plans = new Map<string, Plan>();

  constructor({ limits, rules, allow, exceptions, comprehend }: RuleSet, planFor: (caller: Caller) => Plan) {
    this.#maxBytes = limits.maxBytes;
    this.#planFor = planFor;
    this.dependsOnGroups =
      exceptions.length > 0 || [...rules, ...allow, comprehend].some((rule) => rule?.where?.groups !== undefined);
  }

  /** Masks one JSON-RPC message: a result, an error, a notification or a request of the server. */
  maskMessage(json: string, context: MaskContext, around = NO_SURROUNDINGS): MaskResult {
    return finish(this.maskingMessage(json, context, around));
  }

  /** The same as work, which gives way after each slice of a large message. */
  maskingMessage(json: string, context: MaskContext, around = NO_SURROUNDINGS): Work<MaskResult> {
    return guarded(context, this.#json(json, context, MESSAGE, around));
  }

  /** Masks any JSON: arguments for an approver, a recording, a log line. */
  maskJson(json: string, context: MaskContext): MaskResult {
    return finish(this.maskingJson(json, context));
  }

  maskingJson(json: string, context: MaskContext): Work<MaskResult> {
    return guarded(context, this.#json(json, context, FREE, NO_SURROUNDINGS));
  }

  /** Masks text for people: a notification, an error, a comment in a stream. */
  maskText(text: string, context: MaskContext): MaskResult {
    return finish(this.maskingText(text, context));
  }

  maskingText(text: string, context: MaskContext): Work<MaskResult> {
    return guarded(context, this.#text(text, context));
  }

  /** The plan for a caller: from the rules, once. */
  plan(caller: Caller): Plan {
    const tool = caller.tool === undefined ? [] : [caller.tool];
    const groups = caller.groups === 'record' ? 'record' : [...caller.groups].sort();
    const key = JSON.stringify([caller.server, tool, groups]);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
    const plan = this.#planFor(caller);
    this.#plans.set(key, plan);
    return plan;
  }

  *#json(json: string, context: MaskContext, role: number, around: ReadonlyMap<string, Surroundings>): Work<Masked> {
    this.#requireSize(json);
    const reader = new TreeReader(json, MAX_DEPTH);
    while (!reader.advance(SLICE)) yield;
    const [node] = reader.roots();
    if (reader.fault?.reason === 'too_deep') throw new Withholding({ reason: 'too_deep', limit: MAX_DEPTH });
    if (reader.fault !== undefined || node === undefined)
      throw new Withholding({ reason: 'invalid_json', at: reader.length });
    const root = new Place(node, null, '', { role, rule: undefined, contexts: 0, schema: null });
    return yield* this.#informed(context, (texts) => {
      const masker = this.#treeMasker(context, around, texts);
      return masked(json, masker.passages, masker.mask(json, root, 0));
    });
  }

  *#text(text: string, context: MaskContext): Work<Masked> {
    this.#requireSize(text);
    return yield* this.#informed(context, (texts) => {
      const { passages } = this.#treeMasker(context, NO_SURROUNDINGS, texts);
      return masked(text, passages, passages.mask({ text, contexts: 0, place: NOWHERE, depth: 0 }));
    });
  }

  /** Where Amazon Comprehend has to be asked, masks twice: to see what it is asked about, then with its answer. */
  *#informed(context: MaskContext, mask: (texts: Texts | null) => Work<Masked>): Work<Masked> {
    const { entities } = this.plan(context);
    if (entities === null) return yield* mask(null);
    const asked = new AskedTexts(entities);
    const uninformed = yield* mask(asked);
    const { documents } = asked;
    if (documents.length === 0) return uninformed;
    const answer = yield { documents: documents.map(({ text }) => text) };
    return yield* mask(yield* knownTexts(entities, documents, answer));
  }

  #treeMasker(context: MaskContext, around: ReadonlyMap<string, Surroundings>, texts: Texts | null): TreeMasker {
    const { tokenKey, outputSchema } = context;
    const schema = outputSchema === undefined || outputSchema === null ? null : new SchemaAt(outputSchema);
    const keepsKinds = outputSchema === undefined;
    return new TreeMasker({ plan: this.plan(context), tokenKey, outputSchema: schema, keepsKinds, around, texts });
  }

  #requireSize(text: string): void {
    // Characters are at least as many as a third of the bytes, and never more than them: a cheap look first.
    if (text.length > this.#maxBytes || (text.length * 3 > this.#maxBytes && Buffer.byteLength(text) > this.#maxBytes))
      throw new Withholding({ reason: 'too_large', maxBytes: this.#maxBytes });
  }
}

function* masked(text: string, { shown }: PassageMasker, work: Work<Edits>): Work<Masked> {
  const edits = yield* work;
  return { text: yield* applySlowly(text, edits), findings: edits.findings, shown };
}

const nowhere = new JsonNodes(0);
const NOWHERE = new Place(nowhere.view(nowhere.add(LITERAL, { start: 0, end: 0, escaped: false }, null)), null, '', {
  role: FREE,
  rule: undefined,
  contexts: 0,
  schema: null,
});

/** The result of work, or why it had to be withheld. The time is looked at after every slice. */
function* guarded(context: MaskContext, work: Work<Masked>): Work<MaskResult> {
  try {
    for (let answer: Answer | undefined; ; ) {
      const step = work.next(answer);
      if (step.done === true) return ok(step.value);
      requireTime(context);
      answer = yield step.value;
    }
  } catch (cause) {
    return err(withheldFor(cause));
  }
}

const requireTime = ({ isOver }: MaskContext): void => {
  if (isOver?.() === true) throw new Withholding({ reason: 'over_budget' });
};

/** Whatever went wrong, the message is withheld. A fault of ours says its kind only: its words could quote the message. */
const withheldFor = (cause: unknown): Withheld =>
  cause instanceof Withholding
    ? cause.withheld
    : { reason: 'masking_failed', detail: cause instanceof Error ? cause.name : 'unknown' };
