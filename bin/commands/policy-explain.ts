// `countersign policy explain`: one recorded decision, the policies behind it, and what today's would say.

import type { RecordsReader, StoredLine } from '../../lambdas/adapters/dynamo-reader.ts';
import type { Denial, Entry, Intent } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import type { PolicyCall } from '../../lambdas/core/policy/call.ts';
import type { DecisionRecord } from '../../lambdas/core/policy/decision.ts';
import { fromTimestamp, toDay } from '../../lambdas/core/time.ts';
import { ACTIONS } from '../../lambdas/policy-contract.ts';
import { CliError } from './cli-error.ts';
import { type Choice, openReader, reading } from './installation.ts';
import type { OpenedPolicy } from './policy.ts';
import { bold, dim, plain, warn, write } from './text.ts';

type Decided = (Intent | Denial) & { readonly decision: DecisionRecord };

export const explain = async (
  opened: OpenedPolicy,
  id: string,
  options: Choice & { readonly args?: string | undefined },
): Promise<number> => {
  const entry = await reading(findDecided(await openReader(options), id));
  if (entry === undefined)
    throw new CliError(`No decided call or entry ${id}; ids stand in replay --json and denials --json`);
  printCall(entry);
  printDecision(entry.decision);
  printPolicies(entry.decision, opened);
  printToday(entry, opened, options.args);
  return 0;
};

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DAY_MS = 86_400_000;

/** The ids are UUIDv7: they say when, and so on which days to look. */
const findDecided = async (reader: RecordsReader, id: string): Promise<Decided | undefined> => {
  const [, high, low] = UUID_V7.exec(id) ?? [];
  if (high === undefined || low === undefined) throw new CliError(`${id} is not the id of a call or an entry`);
  const at = Number.parseInt(`${high}${low}`, 16);
  const denied = decidedIn(await reader.loadDay(toDay(at)), id);
  if (denied !== undefined) return denied;
  // A session lasts at most a day, so the call is in one of that day or of the day before.
  for (const day of [toDay(at), toDay(at - DAY_MS)]) {
    for (const { sid } of await reader.listSessions(day)) {
      const found = decidedIn(await reader.loadEntries(sid), id);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

const decidedIn = (lines: readonly StoredLine[], id: string): Decided | undefined => {
  const entries = lines.flatMap(({ line, leaf }) => {
    const entry = parseEntry(line, leaf);
    return entry.ok ? [entry.value] : [];
  });
  return entries.filter(isDecided).find((entry) => entry.id === id || entry.callId === id);
};

const isDecided = (entry: Entry): entry is Decided =>
  (entry.type === 'call.intent' || entry.type === 'call.denied') && entry.decision !== null;

const printCall = (entry: Decided): void => {
  const { actor, call, ts } = entry;
  const what = [call?.method ?? call?.kind ?? '(unread)', call?.subject ?? ''].join(' ').trim();
  write(bold(`${plain(what)} at ${call?.server ?? '?'}, ${ts}`));
  write(`  who      ${plain(actor.name ?? actor.sub)} (${actor.kind}) with ${plain(actor.client)}`);
  write(`  groups   ${actor.groups.map(plain).join(', ') || 'none'}`);
  write(`  sign-in  ${signIn(entry)}`);
};

const signIn = ({ actor, ts }: Decided): string => {
  const age = actor.authTime === null ? undefined : Math.floor(fromTimestamp(ts) / 1000) - Number(actor.authTime);
  const when = age === undefined ? 'at an unknown time' : `${age} s before`;
  return `${when}, amr ${actor.amr.map(plain).join(' ') || 'none'}, acr ${plain(actor.acr ?? 'none')}`;
};

const FAULTS: Readonly<Record<NonNullable<DecisionRecord['fault']>, string>> = {
  not_catalogued: 'the tool or prompt is not in the reviewed catalogue of its server',
  arguments: 'its arguments are not what the policies can decide on',
  policy_error: 'a policy could not be evaluated, which forbids',
};

const printDecision = ({ effect, reasons, fault, errors, trial, demand }: DecisionRecord): void => {
  const none = fault === undefined ? 'no policy permits it' : FAULTS[fault];
  write(`\n${bold(effect)}: ${reasons.length === 0 ? none : `by ${reasons.map(plain).join(', ')}`}`);
  if (fault !== undefined && reasons.length > 0) write(`  ${FAULTS[fault]}`);
  if (errors !== undefined) write(warn(`  policies that erred: ${errors.map(plain).join(', ')}`));
  for (const { groups, quorum } of demand?.approvers ?? [])
    write(`  needs ${quorum} of ${groups.map(plain).join(' or ')}`);
  if (trial !== undefined)
    write(`  with the log-only policies: ${trial.effect} by ${trial.reasons.map(plain).join(', ') || 'none'}`);
};

const printPolicies = ({ reasons, trial, policy }: DecisionRecord, opened: OpenedPolicy): void => {
  const today = opened.config.policy.digest;
  if (policy !== today) {
    write(warn(`\nDecided under other policies (${policy}); these here are ${today}.`));
    write(dim('The text below is today’s. The policies of then are in the history of the repository.'));
  }
  for (const id of new Set([...reasons, ...(trial?.reasons ?? [])])) {
    const rule = opened.policy.rule(id);
    write(
      rule === undefined
        ? warn(`\n${plain(id)}: no such policy today`)
        : `\n${dim(`${rule.file}:${rule.line}`)}\n${rule.text}`,
    );
  }
};

const printToday = (entry: Decided, opened: OpenedPolicy, args: string | undefined): void =>
  write(`\nToday: ${saidToday(callAgain(entry, args), opened, args === undefined)}`);

const saidToday = (call: PolicyCall | string, opened: OpenedPolicy, isSealed: boolean): string => {
  if (typeof call === 'string') return dim(call);
  if (isSealed && Object.keys(argumentsOf(call, opened)).length > 0) {
    return dim('depends on the arguments, which are sealed. Give them with --args.');
  }
  const { effect, reasons } = opened.policy.decide(call);
  return `${bold(effect)}${reasons.length === 0 ? '' : ` by ${reasons.map(plain).join(', ')}`}`;
};

/** Arguments that today's policies in force would look at. */
const argumentsOf = ({ server, resource }: PolicyCall, { config }: OpenedPolicy): object => {
  const catalog = config.servers[server]?.catalog;
  const entries = resource.kind === 'Tool' ? catalog?.tools : resource.kind === 'Prompt' ? catalog?.prompts : undefined;
  return entries !== undefined && Object.hasOwn(entries, resource.name) ? (entries[resource.name]?.args ?? {}) : {};
};

/** The call of an entry, to be decided again; why it cannot be, otherwise. */
const callAgain = ({ actor, call, req, ts }: Decided, args: string | undefined): PolicyCall | string => {
  if (call === null) return 'the request was not read, so there is nothing to decide again';
  const method = call.method ?? call.kind.replace('response', 'respond');
  const action = Object.hasOwn(ACTIONS, method) ? method : 'other';
  const [kind = 'Server', other] = ACTIONS[action]?.on ?? [];
  if (other !== undefined) return 'the entry does not say what was to be completed';
  const name = kind === 'Server' ? '' : (call.subject ?? '');
  if (name.includes('‹')) return 'the entry keeps only the outline of what was asked for';
  return {
    principal: {
      ...{ issuer: actor.iss, subject: actor.sub, kind: actor.kind, name: actor.name, groups: actor.groups },
      ...{ client: actor.client, scopes: [], tokenId: actor.jti, acr: actor.acr, amr: actor.amr, expiresAt: 0 },
      authTime: actor.authTime === null ? null : Number(actor.authTime),
    },
    ...{ server: call.server, action, method, resource: { kind, name }, era: call.era, ip: req.ip },
    args: args === undefined ? undefined : parseArguments(args),
    at: fromTimestamp(ts),
  };
};

const parseArguments = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('--args is not JSON; quote it, e.g. --args \'{"amount":"12.50"}\'');
  }
};
