// Masks a stream of server-sent events, also what is split over two or more of them.
//
// Messages of one kind (progress of one call, one logger) are read as one text. An event waits as long as its end may be
// the beginning of something, and all events behind it wait with it, since their order matters. It goes on when the next
// message of its kind shows what its end was, when the call is answered, or when the caller says that it waited long
// enough (expire): then an end that would tell something is hidden. The text before is remembered, so that what follows is
// known for what it is even then. Pure: the caller has the clock.

import { readEventData } from '../../mcp/sse.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Finding } from '../edit.ts';
import { OBJECT } from '../json/nodes.ts';
import { lastMembers, readJson } from '../json/read.ts';
import type { Surroundings } from '../leaf-masker.ts';
import type { MaskContext, Masker } from '../masker.ts';
import type { Withheld } from '../withheld.ts';
import type { Work } from '../work.ts';
import { rewriteEvent } from './event-lines.ts';
import { isTelling, MAX_OPEN, openFrom } from './open-end.ts';
import { type TextOfMessage, textsOf } from './texts.ts';

/** An event as it may be handed on, beside the event as it came. */
export interface MaskedEvent {
  readonly raw: Buffer;
  readonly event: Buffer;
  readonly findings: readonly Finding[];
  readonly shown: readonly Finding[];
}

export type StreamResult = Result<readonly MaskedEvent[], Withheld>;

interface Held {
  readonly raw: Buffer;
  /** `null` for an event without data. */
  readonly data: string | null;
  readonly texts: readonly (TextOfMessage & { readonly before: string })[];
}

/** What waits is bounded: beyond this, it has waited long enough. */
const MAX_HELD_EVENTS = 64;
const MAX_HELD_BYTES = 256 * 1024;
/** A private key that began stays begun for this long. */
const MAX_KEY = 16 * 1024;
/** Kinds of messages that are remembered; a stream has a few. */
const MAX_CHANNELS = 256;

export class StreamMasker {
  readonly #masker: Masker;
  readonly #context: MaskContext;
  /** What each kind of message said last. */
  readonly #said = new Map<string, string>();
  #held: Held[] = [];
  #withheld: Withheld | undefined;

  constructor(masker: Masker, context: MaskContext) {
    this.#masker = masker;
    this.#context = context;
  }

  /** Whether events wait: then the caller calls {@link expire} after the time it allows them. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Takes the next event; returns those that may go on now. Work must be finished before more of it is begun. */
  *push(raw: Buffer): Work<StreamResult> {
    if (this.#withheld !== undefined) return err(this.#withheld);
    const data = yield* readEventData(raw);
    const { isAnswer, texts } = yield* look(data);
    this.#held.push({ raw, data: data ?? null, texts: this.#remember(texts) });
    if (isAnswer || this.#isFull()) return yield* isAnswer ? this.end() : this.expire();
    return yield* this.#release((held, index) => !this.#isOpen(held, index), false);
  }

  /** The time is over: everything goes on, without the ends that would tell something. */
  expire(): Work<StreamResult> {
    return this.#release(() => true, true);
  }

  /** Nothing follows any more: ends are ends. */
  *end(): Work<StreamResult> {
    const released = yield* this.#release(() => true, false);
    this.#said.clear();
    return released;
  }

  #isFull(): boolean {
    return (
      this.#held.length > MAX_HELD_EVENTS || this.#held.reduce((sum, { raw }) => sum + raw.length, 0) > MAX_HELD_BYTES
    );
  }

  #remember(texts: readonly TextOfMessage[]): Held['texts'] {
    return texts.map((text) => {
      const before = this.#said.get(text.channel) ?? '';
      if (this.#said.size >= MAX_CHANNELS && before === '') this.#said.clear();
      this.#said.set(text.channel, kept(before + text.text));
      return { ...text, before };
    });
  }

  #isOpen(held: Held, index: number): boolean {
    return held.texts.some(({ channel, text }) => {
      const after = this.#after(index, channel);
      return after.length < MAX_OPEN && openFrom(text + after) < text.length;
    });
  }

  /** What later events that wait as well say on a channel. */
  #after(index: number, channel: string): string {
    let after = '';
    for (const { texts } of this.#held.slice(index + 1)) {
      for (const each of texts) if (each.channel === channel) after += each.text;
      if (after.length >= 2 * MAX_OPEN) break;
    }
    return after;
  }

  *#release(mayGo: (held: Held, index: number) => boolean, hides: boolean): Work<StreamResult> {
    const released: MaskedEvent[] = [];
    let index = 0;
    for (; index < this.#held.length; index += 1) {
      const held = this.#held[index];
      if (held === undefined || !mayGo(held, index)) break;
      const masked = yield* this.#mask(held, index, hides);
      if (!masked.ok) return this.#withhold(masked.error);
      released.push(masked.value);
    }
    this.#held = this.#held.slice(index);
    return ok(released);
  }

  /** One message that cannot be masked ends the stream: what follows could be its rest. */
  #withhold(withheld: Withheld): StreamResult {
    this.#withheld = withheld;
    this.#held = [];
    return err(withheld);
  }

  *#mask({ raw, data, texts }: Held, index: number, hides: boolean): Work<Result<MaskedEvent, Withheld>> {
    const maskText = (text: string) => this.#masker.maskingText(text, this.#context);
    if (data === null || data === '') {
      const event = yield* rewriteEvent(raw, null, maskText);
      return event.ok ? ok({ raw, event: event.value, findings: [], shown: [] }) : event;
    }
    const around = new Map(texts.map((text) => [text.path, this.#surroundings(text, index, hides)]));
    const masked = yield* this.#masker.maskingMessage(data, this.#context, around);
    if (!masked.ok) return masked;
    const event = yield* rewriteEvent(raw, masked.value.text, maskText);
    if (!event.ok) return event;
    const { findings, shown } = masked.value;
    return ok({ raw, event: event.value.equals(raw) ? raw : event.value, findings, shown });
  }

  #surroundings({ channel, text, before }: Held['texts'][number], index: number, hides: boolean): Surroundings {
    const after = this.#after(index, channel);
    const open = openFrom(before + text) - before.length;
    const hidesEnd =
      hides &&
      after === '' &&
      open < text.length &&
      isTelling(before + text.slice(0, Math.max(0, open)), (before + text).slice(before.length + open));
    return { before, after, hideFrom: hidesEnd ? Math.max(0, open) : null };
  }
}

/** What an event's data is, as far as streams go. What is no JSON object is withheld when it is masked. */
function* look(data: string | undefined): Work<{ isAnswer: boolean; texts: readonly TextOfMessage[] }> {
  const message = data === undefined || data === '' ? undefined : yield* readJson(data);
  if (data === undefined || message?.kind !== OBJECT) return { isAnswer: false, texts: [] };
  const isAnswer = (yield* lastMembers(data, message, ['method'])).size === 0;
  return { isAnswer, texts: isAnswer ? [] : yield* textsOf(data, message) };
}

/** The last of what was said; a private key from its beginning, until its end. */
const kept = (said: string): string => {
  const begin = said.lastIndexOf('-----BEGIN');
  const isKeyOpen = begin !== -1 && !said.includes('-----END', begin) && said.length - begin < MAX_KEY;
  return isKeyOpen ? said.slice(Math.max(0, begin - 64)) : said.slice(-2 * MAX_OPEN);
};
