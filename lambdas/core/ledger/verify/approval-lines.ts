// What the entries of an approval say, read from their lines, and what an intent says of the policies that hold its call.
// Pure.

import { fromTimestamp } from '../../time.ts';
import type { Fields, ReadContent } from './fields.ts';

/** What must happen before the call may go: in the words of the intent's decision, and of the request that it led to. */
export interface ReadTerms {
  readonly policies: readonly string[];
  readonly approvers: readonly { readonly groups: readonly string[]; readonly quorum: number }[];
  readonly escalate: readonly string[];
  readonly stepUp: number | null;
  readonly acr: readonly string[];
  readonly expires: number;
  /** Seconds; `null` for one exact call. */
  readonly window: number | null;
}

/** Who may proceed without waiting, and in how many seconds somebody else must look at it. */
export interface ReadGlass {
  readonly groups: readonly (readonly string[])[];
  readonly review: number;
}

/** What an intent says of its call when policy holds it. */
export interface ReadHold {
  /** Digest of the policies that decided. */
  readonly policy: string;
  readonly tool: string | null;
  readonly terms: ReadTerms;
  /** `null` where nobody may break the glass. */
  readonly glass: ReadGlass | null;
  readonly caller: Pick<ReadActor, 'kind' | 'groups'>;
}

/** Somebody who asks or decides. */
export interface ReadActor {
  readonly iss: string;
  readonly sub: string;
  readonly client: string;
  readonly kind: string;
  readonly groups: readonly string[];
  /** Epoch seconds. */
  readonly authTime: number | null;
  readonly acr: string | null;
}

/** A call as an approval names it. */
export interface NamedCall {
  readonly sid: string;
  readonly seq: number;
  readonly callId: string;
  /** Leaf hash of its intent, hex. */
  readonly intent: string;
}

/** Free text that somebody wrote, and what its key is bound to: the session, or the request. */
interface Words {
  readonly content: ReadContent | null;
  readonly of: string;
}

interface Step {
  readonly approval: string;
  readonly version: number;
}

export type ReadRequest = Step & {
  readonly type: 'approval.requested';
  readonly actor: ReadActor;
  readonly call: NamedCall;
  readonly server: string;
  readonly tool: string;
  readonly binding: {
    readonly hash: string;
    readonly params: string | null;
    readonly definition: string | null;
    readonly policy: string;
  };
  readonly terms: ReadTerms;
  /** Epoch milliseconds, here and below. */
  readonly deadline: number;
  /** Set when the glass was broken. */
  readonly glass: ReadGlass | null;
  readonly words: Words;
};

export type ReadReview = Step & {
  readonly type: 'approval.reviewed';
  readonly actor: ReadActor;
  readonly binding: string;
  readonly verdict: string;
  readonly words: Words;
};

export type ReadDecided = Step & {
  readonly type: 'approval.granted' | 'approval.denied';
  readonly actor: ReadActor;
  readonly binding: string;
  readonly state: string;
  readonly deadline: number;
  readonly words: Words;
};

export type ReadUse = Step & {
  readonly type: 'approval.used';
  readonly call: NamedCall;
  readonly binding: string;
  readonly uses: number;
};

/** A step: each changes the request and counts its version up. */
export type ReadStep =
  | ReadRequest
  | ReadDecided
  | ReadUse
  | ReadReview
  | (Step & { readonly type: 'approval.withdrawn'; readonly actor: ReadActor })
  | (Step & { readonly type: 'approval.expired' | 'approval.escalated'; readonly deadline: number })
  | (Step & { readonly type: 'approval.unreviewed'; readonly deadline: number });

/** What is said about a request and changes nothing. */
export type ReadRemark = Step & {
  readonly type: 'approval.viewed' | 'approval.notified';
  /** The binding that was shown. */
  readonly binding: string | null;
};

export type ReadApproval = ReadStep | ReadRemark;

const TYPES: ReadonlySet<string> = new Set<ReadApproval['type']>([
  ...(['approval.requested', 'approval.granted', 'approval.denied', 'approval.withdrawn'] as const),
  ...(['approval.expired', 'approval.escalated', 'approval.used', 'approval.viewed', 'approval.notified'] as const),
  ...(['approval.reviewed', 'approval.unreviewed'] as const),
]);

const isApproval = (type: string): type is ReadApproval['type'] => TYPES.has(type);

/** `undefined` for an entry of another type. */
export const readApproval = (type: string, fields: Fields): ReadApproval | undefined => {
  if (!isApproval(type)) return undefined;
  const step = { approval: fields.id('approval'), version: fields.count('version') };
  switch (type) {
    case 'approval.requested':
      return { type, ...step, ...readRequest(fields) };
    case 'approval.granted':
    case 'approval.denied':
      return {
        ...{ type, ...step, actor: readActor(fields), binding: fields.digest('binding') },
        ...{ state: fields.text('state'), deadline: time(fields, 'deadline') },
        words: { content: fields.content('reason'), of: step.approval },
      };
    case 'approval.reviewed':
      return {
        ...{ type, ...step, actor: readActor(fields), binding: fields.digest('binding') },
        verdict: fields.text('verdict', /^(?:justified|unjustified)$/),
        words: { content: fields.content('reason'), of: step.approval },
      };
    case 'approval.withdrawn':
      return { type, ...step, actor: readActor(fields) };
    case 'approval.expired':
    case 'approval.escalated':
    case 'approval.unreviewed':
      return { type, ...step, deadline: time(fields, 'deadline') };
    case 'approval.used': {
      const [call, binding, uses] = [readCall(fields), fields.digest('binding'), fields.count('uses')];
      return { type, ...step, call, binding, uses };
    }
    case 'approval.viewed':
      return { type, ...step, binding: fields.digest('binding') };
    case 'approval.notified':
      return { type, ...step, binding: null };
  }
};

const readRequest = (fields: Fields): Omit<ReadRequest, 'type' | keyof Step> => {
  const call = readCall(fields);
  const binding = fields.object('binding');
  const digest = (name: string) => binding.nullable(name, () => binding.digest(name));
  return {
    ...{ actor: readActor(fields), call, server: fields.text('server'), tool: fields.text('tool') },
    binding: {
      ...{ hash: binding.digest('hash'), params: digest('params'), definition: digest('definition') },
      policy: binding.digest('policy'),
    },
    terms: readTerms(fields, { expires: 'expires', window: 'window', stepUp: 'stepUp' }),
    deadline: time(fields, 'deadline'),
    glass: readGlass(fields, 'review'),
    words: { content: fields.content('justification'), of: call.sid },
  };
};

/** What holds the call of an intent; `null` when nothing does. */
export const readHold = (fields: Fields): ReadHold | null => {
  const decision = fields.object('decision');
  if (decision.text('effect') !== 'needs-approval') return null;
  const [call, actor, demand] = [fields.object('call'), fields.object('actor'), decision.object('demand')];
  const names = { expires: 'expiresSeconds', window: 'windowSeconds', stepUp: 'stepUpSeconds' };
  return {
    policy: decision.digest('policy'),
    tool: call.nullable('subject', (name) => call.text(name)),
    terms: readTerms(demand, names),
    glass: readGlass(demand, 'reviewSeconds'),
    caller: { kind: actor.text('kind'), groups: actor.texts('groups') },
  };
};

const readGlass = (fields: Fields, review: string): ReadGlass | null =>
  fields.nullable('glass', (name) => {
    const glass = fields.object(name);
    return { groups: glass.textLists('groups'), review: glass.count(review) };
  });

const readTerms = (
  fields: Fields,
  names: { readonly expires: string; readonly window: string; readonly stepUp: string },
): ReadTerms => ({
  policies: fields.texts('policies'),
  approvers: readApprovers(fields),
  escalate: fields.texts('escalate'),
  stepUp: fields.nullable(names.stepUp, (name) => fields.count(name)),
  acr: fields.texts('acr'),
  expires: fields.count(names.expires),
  window: fields.nullable(names.window, (name) => fields.count(name)),
});

/** As many people as a policy can demand; a larger number would be the writer's way to keep a reader busy. */
const QUORUM = /^(?:[1-9]|10)$/;
const MAX_DEMANDS = 64;

const readApprovers = (fields: Fields): ReadTerms['approvers'] => {
  const demands = fields.objects('approvers');
  if (demands.length === 0 || demands.length > MAX_DEMANDS) fields.refuse('approvers');
  return demands.map((demand) => ({ groups: demand.texts('groups'), quorum: Number(demand.text('quorum', QUORUM)) }));
};

const readActor = (fields: Fields): ReadActor => {
  const actor = fields.object('actor');
  return {
    ...{ iss: actor.text('iss'), sub: actor.text('sub'), client: actor.text('client') },
    ...{ kind: actor.text('kind'), groups: actor.texts('groups') },
    authTime: actor.nullable('authTime', (name) => actor.count(name)),
    acr: actor.nullable('acr', (name) => actor.text(name)),
  };
};

const readCall = (fields: Fields): NamedCall => {
  const call = fields.object('call');
  return { sid: call.id('sid'), seq: call.count('seq'), callId: call.id('callId'), intent: call.leaf('intent') };
};

const time = (fields: Fields, name: string): number => {
  const at = fromTimestamp(fields.timestamp(name));
  // The pattern alone would let a 99th month pass.
  if (Number.isNaN(at)) fields.refuse(name);
  return at;
};
