// The decision about one call. Default deny, forbid wins, and whatever cannot be evaluated forbids. Pure.
//
//     catalogued? -> arguments fit? -> evaluate without approval     permit: go
//                                      all forbids can be lifted? -> evaluate with approval: permit: needs approval
//     anything else: forbid

import type { GatewayConfig } from '../../gateway-config.ts';
import type { ApprovalRule, CatalogPrompt, PolicyRule } from '../../policy-contract.ts';
import { type CedarRecord, fitArguments, type Misfit } from './arguments.ts';
import type { PolicyCall } from './call.ts';
import { type CedarRequest, cedarRequest } from './cedar-request.ts';
import type { Decision, DecisionFault } from './decision.ts';
import { unite } from './demand.ts';

/**
 * Which policies take part: those in force; those and the log-only ones; or those in force as far as they can be judged
 * without arguments.
 */
export type RuleSet = 'enforced' | 'trial' | 'shown';

export interface Evaluation {
  readonly allowed: boolean;
  /** Ids of the determining policies. */
  readonly reasons: readonly string[];
  /** Ids of the policies that erred: Cedar leaves them out of its answer. */
  readonly errors: readonly string[];
}

/** Asks the Cedar engine; `undefined` when it has no answer. */
export type Evaluate = (set: RuleSet, request: CedarRequest) => Evaluation | undefined;

export interface Policy {
  /** `approved`: whether an approval of this very call is at hand. */
  decide(call: PolicyCall, approved?: boolean): Decision;
  /** Whether some such call could be permitted now, whatever its arguments, with an approval if need be. */
  couldUse(call: PolicyCall): boolean;
  /** The approvals without which no such call could be permitted now, whatever its arguments. */
  heldBy(call: PolicyCall): readonly ApprovalRule[];
  /** Whether any policy in force holds calls to this server until people agree. */
  holdsAt(server: string): boolean;
  /** What keeps the arguments from being decided on; `undefined` when they fit. */
  misfitOf(call: PolicyCall): Misfit | undefined;
  rule(id: string): PolicyRule | undefined;
}

type Ruling = Pick<Decision, 'effect' | 'reasons' | 'errors' | 'fault' | 'demand'>;

export const makePolicy = (config: GatewayConfig, evaluate: Evaluate): Policy => {
  const rules = new Map(config.policy.rules.map((rule) => [rule.id, rule]));
  const hasTrials = config.policy.rules.some(({ mode }) => mode === 'log-only');
  const court: Court = { config, rules, evaluate };
  const decide = (call: PolicyCall, approved = false): Decision => {
    const policy = config.policy.digest;
    if (!isCatalogued(call, config)) return { ...refusal('not_catalogued'), policy };
    const types = typesOf(call, config);
    const args = fitArguments(call.args, types.args);
    if (!args.ok) return { ...refusal('arguments'), policy };
    const enforced: Question = { set: 'enforced', args: args.value, approved };
    if (!hasTrials) return { ...rule(court, call, enforced), policy };
    const trialArgs = fitArguments(call.args, types.trialArgs);
    if (!trialArgs.ok) {
      const ruling = rule(court, call, enforced);
      return { ...ruling, policy, ...trialOf(refusal('arguments'), ruling, rules) };
    }
    return { ...decideTwice(court, call, enforced, { set: 'trial', args: trialArgs.value, approved }), policy };
  };
  return {
    decide,
    couldUse: (call) => {
      if (!isCatalogued(call, config)) return false;
      const seen = evaluate('shown', cedarRequest(call, config, { approved: true, args: {} }));
      return seen?.allowed === true && !errsIn('forbid', seen, rules);
    },
    heldBy: (call) => {
      const seen = evaluate('shown', cedarRequest(call, config, { approved: false, args: {} }));
      if (seen === undefined || seen.allowed) return [];
      return seen.reasons.flatMap((id) => liftable(rules.get(id)).map(({ approval }) => approval));
    },
    holdsAt: (server) =>
      config.policy.rules.some(
        (one) => one.approval !== null && one.mode === 'enforce' && (one.server === null || one.server === server),
      ),
    misfitOf: (call) => {
      const args = fitArguments(call.args, typesOf(call, config).args);
      return args.ok ? undefined : args.error;
    },
    rule: (id) => rules.get(id),
  };
};

interface Court {
  readonly config: GatewayConfig;
  readonly rules: ReadonlyMap<string, PolicyRule>;
  readonly evaluate: Evaluate;
}

const refusal = (fault: DecisionFault): Ruling => ({ effect: 'forbid', reasons: [], fault });

/** The reviewed entry of a tool or prompt; `undefined` where there is none. */
const catalogued = ({ server, resource }: PolicyCall, { servers }: GatewayConfig) => {
  const catalog = servers[server]?.catalog ?? null;
  if (catalog === null || (resource.kind !== 'Tool' && resource.kind !== 'Prompt')) return undefined;
  const entries: Readonly<Record<string, CatalogPrompt>> = resource.kind === 'Tool' ? catalog.tools : catalog.prompts;
  return Object.hasOwn(entries, resource.name) ? entries[resource.name] : undefined;
};

/** A tool or prompt that nobody reviewed is not used, where there is a catalogue; resources come and go. */
const isCatalogued = (call: PolicyCall, config: GatewayConfig): boolean => {
  const { kind } = call.resource;
  const open = (config.servers[call.server]?.catalog ?? null) === null;
  return open || (kind !== 'Tool' && kind !== 'Prompt') || catalogued(call, config) !== undefined;
};

const NO_ARGUMENTS: CatalogPrompt = { args: {}, trialArgs: {} };

const typesOf = (call: PolicyCall, config: GatewayConfig): CatalogPrompt => {
  if (call.action !== 'tools/call' && call.action !== 'prompts/get') return NO_ARGUMENTS;
  return catalogued(call, config) ?? NO_ARGUMENTS;
};

interface Question {
  readonly set: RuleSet;
  readonly args: CedarRecord;
  readonly approved: boolean;
}

/** `known`: the answer to the question as it stands, where it has been given already. */
const rule = (court: Court, call: PolicyCall, question: Question, known?: Evaluation): Ruling => {
  const found = judge(known ?? evaluation(court, call, question), court.rules);
  if (found.effect === 'permit' || question.approved) return found;
  const lifted = found.reasons.flatMap((id) => liftable(court.rules.get(id)));
  if (found.fault !== undefined || lifted.length === 0 || lifted.length < found.reasons.length) return found;
  const withApproval = judge(evaluation(court, call, { ...question, approved: true }), court.rules);
  return withApproval.effect === 'permit' ? { ...found, effect: 'needs-approval', demand: unite(lifted) } : found;
};

const liftable = (rule: PolicyRule | undefined): { readonly id: string; readonly approval: ApprovalRule }[] => {
  const approval = rule?.approval ?? null;
  return rule === undefined || approval === null ? [] : [{ id: rule.id, approval }];
};

/** With and without the log-only policies. */
const decideTwice = (court: Court, call: PolicyCall, enforced: Question, trial: Question): Omit<Decision, 'policy'> => {
  const found = evaluation(court, call, trial);
  const ruling = rule(court, call, enforced, found === undefined ? undefined : inForce(found, court.rules));
  const isOnTrial = (id: string) => court.rules.get(id)?.mode === 'log-only';
  if (found !== undefined && ![...found.reasons, ...found.errors].some(isOnTrial)) return ruling;
  return { ...ruling, ...trialOf(rule(court, call, trial, found), ruling, court.rules) };
};

const evaluation = ({ config, evaluate }: Court, call: PolicyCall, { set, args, approved }: Question) =>
  evaluate(set, cedarRequest(call, config, { approved, args }));

/**
 * What the policies in force say, read from an answer of all: two decisions for the price of one. `undefined` where a
 * log-only forbid alone stands in the way, since Cedar then does not say what it would have permitted.
 */
const inForce = (found: Evaluation, rules: Court['rules']): Evaluation | undefined => {
  const isInForce = (id: string) => rules.get(id)?.mode !== 'log-only';
  const reasons = found.reasons.filter(isInForce);
  if (!found.allowed && reasons.length === 0 && found.reasons.length > 0) return undefined;
  return { allowed: found.allowed && reasons.length > 0, reasons, errors: found.errors.filter(isInForce) };
};

/** Permit or forbid. Cedar skips a policy that errs, which for a forbid would be to permit. */
const judge = (found: Evaluation | undefined, rules: Court['rules']): Ruling => {
  if (found === undefined) return refusal('policy_error');
  const errors = found.errors.length === 0 ? {} : { errors: found.errors };
  if (errsIn('forbid', found, rules)) return { ...refusal('policy_error'), reasons: found.errors, ...errors };
  return { effect: found.allowed ? 'permit' : 'forbid', reasons: found.reasons, ...errors };
};

/** Whether a policy of that effect erred; one that is not known counts as any. */
const errsIn = (effect: PolicyRule['effect'], { errors }: Evaluation, rules: Court['rules']): boolean =>
  errors.some((id) => (rules.get(id)?.effect ?? effect) === effect);

const trialOf = (trial: Ruling, ruling: Ruling, rules: Court['rules']): Pick<Decision, 'trial'> => {
  const named = trial.reasons.some((id) => rules.get(id)?.mode === 'log-only');
  if (!named && trial.effect === ruling.effect) return {};
  return { trial: { effect: trial.effect, reasons: trial.reasons } };
};
