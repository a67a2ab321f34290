// Calls that policy held, against the approvals that name them: none went out without an approval used for it, and none
// under an approval of another call. The index of waiting entries lags, so what belongs together may stand in the log in
// either order; what is never met is told at the end. Pure.

import { wasLetThrough } from '../held-outcome.ts';
import { mayBreak } from './approval-glass.ts';
import type { NamedCall, ReadGlass, ReadHold, ReadRequest, ReadTerms } from './approval-lines.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadEntry } from './read-line.ts';
import type { Findings, Place } from './report.ts';

interface HeldCall {
  readonly intent: NamedCall;
  /** As {@link Fields.actor} has it. */
  readonly actor: string;
  readonly server: string;
  readonly hold: ReadHold;
  /** When the first approval was used for it, and whether that one was judged. */
  usedAt?: number;
  useJudged?: boolean;
  /** When its outcome, or `call.unknown`, was met. */
  overAt?: number;
  /** When and where it says that it went out. */
  ran?: { readonly at: number; readonly place: Place };
}

/** A call that an approval names, and whose intent was not met so far. */
interface Awaited {
  readonly call: NamedCall;
  readonly at: number;
  readonly place: Place;
  readonly judge: (held: HeldCall) => void;
}

type Of<Type extends ReadEntry['type']> = Extract<ReadEntry, { type: Type }>;

/** An approval that names a call: the request that it made, or the one it used. */
export interface Naming {
  readonly role: 'asks' | 'uses';
  readonly request: ReadRequest;
  readonly call: NamedCall;
  readonly at: number;
}

export class HeldCalls {
  readonly #findings: Findings;
  readonly #held = new Map<string, HeldCall>();
  /** When an approval was used for a call whose intent was not met so far. */
  readonly #usedEarly = new Map<string, number>();
  readonly #awaited = new Map<string, Awaited[]>();
  /** Calls that are judged, oldest first: kept for a while, since an entry that names them may be sealed later. */
  readonly #settled: { readonly callId: string; readonly at: number }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** `intent`: its leaf hash, hex. */
  intent({ sid, seq, callId, actor, server, hold }: Of<'call.intent'>, intent: string): void {
    if (hold === null) return;
    const held: HeldCall = { intent: { sid, seq, callId, intent }, actor, server, hold };
    this.#held.set(callId, held);
    const usedAt = this.#usedEarly.get(callId);
    if (usedAt !== undefined) held.usedAt = usedAt;
    this.#usedEarly.delete(callId);
    for (const { judge } of this.#awaited.get(callId) ?? []) judge(held);
    this.#awaited.delete(callId);
  }

  /** The call is over, by its outcome or without one. */
  over(entry: Of<'call.outcome'> | Of<'call.unknown'>, place: Place): void {
    const held = this.#held.get(entry.callId);
    if (held === undefined) return;
    held.overAt = entry.at;
    if (entry.type === 'call.outcome' && wasLetThrough(entry)) held.ran = { at: entry.at, place };
    this.#judgeRun(held);
    this.#settle(held);
  }

  /** An approval was used for a call, whatever that approval is worth. */
  use({ callId }: NamedCall, at: number): void {
    const held = this.#held.get(callId);
    if (held === undefined) {
      this.#usedEarly.set(callId, Math.min(at, this.#usedEarly.get(callId) ?? at));
      return;
    }
    held.usedAt = Math.min(at, held.usedAt ?? at);
    this.#judgeRun(held);
    this.#settle(held);
  }

  /** Nothing more is to be said of a call that is over, if it was let through by an approval that was judged. */
  #settle({ intent, ran, usedAt, useJudged, overAt }: HeldCall): void {
    if (overAt === undefined || (ran !== undefined && usedAt === undefined)) return;
    if (usedAt === undefined || useJudged === true) this.#settled.push({ callId: intent.callId, at: overAt });
  }

  /** Durable before the MCP server hears of the call: one process wrote both, so its clock tells. */
  #judgeRun({ intent, usedAt, ran }: HeldCall): void {
    if (usedAt === undefined || ran === undefined || usedAt <= ran.at) return;
    this.#findings.add('held_call_ran', `${nameOf(intent)}: its approval was used only after its outcome`, ran.place);
  }

  /** Judges the call that an approval names, now or when its intent is met. */
  name(naming: Naming, place: Place): void {
    const { call, at } = naming;
    const judge = (held: HeldCall): void => this.#judge(naming, held, place);
    const held = this.#held.get(call.callId);
    if (held !== undefined) {
      judge(held);
      return;
    }
    const awaited = this.#awaited.get(call.callId) ?? [];
    awaited.push({ call, at, place, judge });
    this.#awaited.set(call.callId, awaited);
  }

  #judge({ role, request, call }: Naming, held: HeldCall, place: Place): void {
    const differs = differencesOf(request, call, held);
    if (role === 'asks' && request.glass !== null) this.#judgeGlass(request.glass, held, place);
    if (differs.length > 0) {
      this.#findings.add('approval_other_call', `it ${role} ${nameOf(call)}: other ${differs.join(', ')}`, place);
    } else if (role === 'asks') {
      const softer = termsThatDiffer(request.terms, held.hold.terms);
      if (softer.length > 0) this.#findings.add('approval_terms', `${nameOf(call)}: other ${softer.join(', ')}`, place);
    }
    if (role === 'asks') return;
    held.useJudged = true;
    this.#settle(held);
  }

  /** The policies that held the call must have let this very caller through. */
  #judgeGlass(glass: ReadGlass, { intent, hold }: HeldCall, place: Place): void {
    const isDemanded = JSON.stringify(glass) === JSON.stringify(hold.glass);
    if (isDemanded && mayBreak(glass, hold.caller)) return;
    const why = isDemanded ? 'its caller is not one of them' : 'its policies do not say so';
    this.#findings.add('glass_not_allowed', `${nameOf(intent)}: ${why}`, place);
  }

  /** Forgets calls that were judged long before this time (epoch milliseconds). */
  forget(now: number): void {
    for (let next = this.#settled[0]; next !== undefined && next.at < now - CLOCK_SLACK_MS; next = this.#settled[0]) {
      this.#held.delete(next.callId);
      this.#settled.shift();
    }
  }

  /** After the last entry, whose time it is given: what never came. */
  end(lastAt: number): void {
    const isYoung = (at: number): boolean => at > lastAt - CLOCK_SLACK_MS;
    for (const { intent, ran, usedAt } of this.#held.values()) {
      if (ran === undefined || usedAt !== undefined) continue;
      const reason = isYoung(ran.at) ? 'approval_unsealed' : 'held_call_ran';
      this.#findings.add(reason, `${nameOf(intent)}: no approval.used names it`, ran.place);
    }
    for (const { call, at, place } of [...this.#awaited.values()].flat()) {
      const reason = isYoung(at) ? 'approval_unsealed' : 'approval_intent_missing';
      this.#findings.add(reason, nameOf(call), place);
    }
  }
}

const nameOf = ({ sid, seq, callId }: NamedCall): string => `session ${sid}, call ${seq} (${callId})`;

const isSameCall = (a: NamedCall, b: NamedCall): boolean =>
  a.sid === b.sid && a.seq === b.seq && a.callId === b.callId && a.intent === b.intent;

/** In what the call is another than the one that the request is for. */
const differencesOf = (request: ReadRequest, call: NamedCall, { intent, actor, server, hold }: HeldCall) => {
  const { iss, sub, client } = request.actor;
  // The glass is broken for the call that says so, and for no later one.
  const isItsOwn = request.glass === null || isSameCall(call, request.call);
  return [
    ...(isSameCall(call, intent) && isItsOwn ? [] : ['intent']),
    ...(JSON.stringify([iss, sub, client]) === actor ? [] : ['principal or client']),
    ...(request.server === server ? [] : ['server']),
    ...(isTool(hold.tool, request.tool) ? [] : ['tool']),
    ...(request.binding.policy === hold.policy ? [] : ['policies']),
  ];
};

/** A name that does not read like one stands in an intent as its size only. */
const isTool = (recorded: string | null, tool: string): boolean =>
  recorded === tool || recorded?.startsWith('‹') === true;

const termsThatDiffer = (asked: ReadTerms, demanded: ReadTerms): readonly string[] =>
  (Object.keys(demanded) as (keyof ReadTerms)[]).filter(
    (term) => JSON.stringify(asked[term]) !== JSON.stringify(demanded[term]),
  );
