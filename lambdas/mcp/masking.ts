// What one exchange needs of masking: its rules, its time, its keys. Whatever goes wrong here withholds; nothing passes that
// was not looked at.

import { hkdfSync } from 'node:crypto';
import type { DetectEntities } from '../adapters/comprehend.ts';
import { compile } from '../core/masking/compile.ts';
import type { Finding } from '../core/masking/edit.ts';
import { excerpt } from '../core/masking/excerpt.ts';
import type { JsonNode } from '../core/masking/json/nodes.ts';
import { readJson } from '../core/masking/json/read.ts';
import type { MaskContext, Masked, Masker } from '../core/masking/masker.ts';
import { outline, outlineOf } from '../core/masking/outline.ts';
import { PACKS } from '../core/masking/packs.ts';
import type { Caller } from '../core/masking/rules.ts';
import { StreamMasker } from '../core/masking/stream/stream-masker.ts';
import { type Withheld, withheldRecord } from '../core/masking/withheld.ts';
import type { Work } from '../core/masking/work.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import { readEnvelope } from '../core/mcp/answer.ts';
import { isObject } from '../core/mcp/json.ts';
import { readEventData } from '../core/mcp/sse.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Session } from '../core/sessions/session.ts';
import type { Clock } from '../core/time.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import type { GatewayConfig, MaskingConfig } from '../gateway-config.ts';
import { type Ask, makeAsk } from './asking.ts';
import { slowly } from './slowly.ts';

/** What is handed on in the place of recorded bytes, and what masking removed from them. It holds the removed values. */
export interface HandedOn {
  readonly bytes: Buffer;
  readonly removed: readonly Finding[];
  readonly shown: readonly Finding[];
}

export interface Masking {
  ofCall(admitted: Admitted, session: Session): CallMasking;
}

export interface MaskingParts {
  readonly config: GatewayConfig;
  readonly readSecret: (name: string) => Promise<string>;
  /** `null` where the configuration asks nobody. */
  readonly detect: DetectEntities | null;
  readonly clock: Clock;
}

/** The masking that the configuration asks for; `null` where it is switched off. Rules that do not compile stop the start. */
export const makeMasking = ({ config, readSecret, detect, clock }: MaskingParts): Masking | null => {
  const rules = config.masking;
  if (rules === null) return null;
  const compiled = compile(rules, PACKS);
  if (!compiled.ok) throw new TypeError(`masking rules: ${JSON.stringify(compiled.error)}`);
  const masker = compiled.value;
  const ask = makeAsk({ rules, clock, detect });
  return {
    ofCall: (admitted, session) => {
      const { request } = admitted;
      const tool = toolOf(admitted);
      const { catalog } = admitted.server;
      return new CallMasking({
        ...{ masker, rules, clock, readSecret, ask },
        caller: { server: request.server, tool, groups: request.principal.groups },
        // Without a reviewed catalogue nobody knows what the tool promises.
        outputSchema: catalog === null || tool === undefined ? undefined : (schemaOf(catalog, tool) ?? null),
        tokenScope: { gateway: '', server: request.server, session: session.sid }[rules.tokens?.scope ?? 'gateway'],
      });
    },
  };
};

type Catalog = NonNullable<GatewayConfig['servers'][string]['catalog']>;

const schemaOf = ({ tools }: Catalog, tool: string | null): unknown =>
  tool !== null && Object.hasOwn(tools, tool) ? tools[tool]?.outputSchema : undefined;

/** Streams that carry answers of other calls, and answers to calls that are named by a task only. */
const MAY_BE_ANY_TOOL = /^(?:tasks\/.*|subscriptions\/listen)$/;

/** See {@link Caller}: `null` for none, `undefined` when it may be any. */
const toolOf = ({ message }: Admitted): string | null | undefined => {
  if (message === null || message.kind === 'response') return undefined;
  if (message.method !== 'tools/call') return MAY_BE_ANY_TOOL.test(message.method) ? undefined : null;
  const name = isObject(message.params) ? message.params['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
};

interface CallParts {
  readonly masker: Masker;
  readonly rules: MaskingConfig;
  readonly clock: Clock;
  readonly readSecret: (name: string) => Promise<string>;
  readonly ask: Ask;
  readonly caller: Caller;
  readonly outputSchema: unknown;
  readonly tokenScope: string;
}

export class CallMasking {
  readonly #parts: CallParts;
  #context: Promise<MaskContext> | undefined;
  #until = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /** Events wait so long for what may be the rest of theirs. */
  get holdMs(): number {
    return this.#parts.rules.limits.holdMilliseconds;
  }

  /** A whole message as this caller may see it. */
  async message(json: string): Promise<Result<Masked, UpstreamFailure>> {
    try {
      const masked = await this.work(this.#parts.masker.maskingMessage(json, await this.#maskContext()));
      return masked.ok ? masked : err(withheld(masked.error));
    } catch (cause) {
      return err(withheld(fault(cause)));
    }
  }

  /** Arguments as an entry shows them. */
  async argumentsView(params: unknown): Promise<unknown> {
    const { masker, rules } = this.#parts;
    if (rules.recorded === 'outline' || params === undefined) return outline(params);
    try {
      const context = { ...(await this.#maskContext()), groups: RECORD };
      const masked = await this.work(masker.maskingJson(JSON.stringify(params), context));
      return masked.ok ? await slowly(shown(masked.value.text, readJson(masked.value.text), excerpt)) : outline(params);
    } catch {
      return outline(params);
    }
  }

  /** A caller's words as messages carry them that leave the gateway. What cannot be masked is not told. */
  async textView(text: string): Promise<string> {
    const { masker } = this.#parts;
    try {
      const context = { ...(await this.#maskContext()), groups: RECORD };
      const masked = await this.work(masker.maskingJson(JSON.stringify(text), context));
      return masked.ok ? (JSON.parse(masked.value.text) as string) : NOT_TOLD;
    } catch {
      return NOT_TOLD;
    }
  }

  /**
   * An answer as an entry shows it. What the caller saw is no measure: an exception of theirs is none of a reader's.
   */
  async view(raw: string, masked: string): Promise<unknown> {
    const { masker, rules } = this.#parts;
    if (rules.recorded === 'outline') return outlined(raw);
    if (!masker.dependsOnGroups) return excerpted(masked);
    try {
      const forRecord = await this.work(masker.maskingMessage(raw, { ...(await this.#maskContext()), groups: RECORD }));
      if (forRecord.ok) return await excerpted(forRecord.value.text);
    } catch {
      // As below: what cannot be masked for the record is shown without any value.
    }
    return outlined(raw);
  }

  async events(): Promise<StreamMasker> {
    return new StreamMasker(this.#parts.masker, await this.#maskContext());
  }

  /** Does work within the time that one message has, giving way to the rest of the process between its slices. */
  work<T>(work: Work<T>): Promise<T> {
    const { rules, clock, ask } = this.#parts;
    const until = clock.now() + rules.limits.milliseconds;
    this.#until = until;
    return slowly(work, ask && ((question) => ask(question, until)));
  }

  #maskContext(): Promise<MaskContext> {
    this.#context ??= this.#makeContext();
    return this.#context;
  }

  async #makeContext(): Promise<MaskContext> {
    const { caller, outputSchema, clock } = this.#parts;
    return { ...caller, outputSchema, tokenKey: await this.#tokenKey(), isOver: () => clock.now() > this.#until };
  }

  async #tokenKey(): Promise<Uint8Array> {
    const { rules, readSecret, tokenScope } = this.#parts;
    // No rule makes tokens then: the configuration would have been refused.
    if (rules.tokens === null) return new Uint8Array(32);
    const secret = await readSecret(rules.tokens.secret);
    return new Uint8Array(hkdfSync('sha256', secret, '', `countersign/v1/masking-tokens/${tokenScope}`, 32));
  }
}

const RECORD = 'record' as const;
const NOT_TOLD = '‹not told: it could not be masked›';

export const withheld = (why: Withheld): UpstreamFailure => ({ reason: 'masking_withheld', why: withheldRecord(why) });

/** A fault says its kind only: its words could quote the message. */
export const fault = (cause: unknown): Withheld => ({
  reason: 'masking_failed',
  detail: cause instanceof Error ? cause.name : 'unknown',
});

/** A body as it is handed on and as its entry shows it. `undefined`: no masking is configured. */
export interface MaskedBody {
  readonly bytes: Buffer;
  readonly handed: HandedOn | undefined;
  readonly view: unknown;
}

/** Masks a whole JSON body that was read as one message. */
export const maskBody = async (
  masking: CallMasking | null,
  body: Buffer,
): Promise<Result<MaskedBody, UpstreamFailure>> => {
  const raw = body.toString('utf8');
  if (masking === null) return ok({ bytes: body, handed: undefined, view: await outlined(raw) });
  const masked = await masking.message(raw);
  if (!masked.ok) return masked;
  const { text, findings, shown } = masked.value;
  const bytes = text === raw ? body : Buffer.from(text, 'utf8');
  return ok({
    bytes,
    handed: { bytes, removed: findings, shown },
    view: await masking.view(raw, text),
  });
};

/** What an entry shows of an answer in an event. */
export const answerView = async (
  masking: CallMasking | null,
  { raw, event }: { readonly raw: Buffer; readonly event: Buffer },
): Promise<unknown> => {
  const data = (await slowly(readEventData(raw))) ?? '';
  return masking === null ? outlined(data) : masking.view(data, (await slowly(readEventData(event))) ?? '');
};

/** The result or error of a message, or all of what is neither, as structure and sizes or as masked values. */
const outlined = (message: string): Promise<unknown> => slowly(shown(message, bodyOf(message), outlineOf));
const excerpted = (message: string): Promise<unknown> => slowly(shown(message, bodyOf(message), excerpt));

function* bodyOf(message: string): Work<JsonNode | undefined> {
  return (yield* readEnvelope(message))?.body;
}

function* shown(text: string, read: Work<JsonNode | undefined>, show: typeof excerpt): Work<unknown> {
  const node = yield* read;
  if (node === undefined) throw new TypeError('an entry was to show what is no JSON');
  return yield* show(text, node);
}
