// The console: where people see what waits for them and decide. GET shows, POST decides.
//
//     any page ──> signed in? ──> no: sign-in at the issuer and back
//     POST ──> this origin? ──> form of this session? ──> the rules ──> state and entry, together
//
// Opening a link changes nothing. What a page shows of a call is exactly what will run, opened with a grant of its own,
// and each such look is an entry.

import { randomBytes } from 'node:crypto';
import type { FoundApproval } from '../adapters/dynamo-approvals.ts';
import { type Approval, askedGroups, isSamePerson } from '../core/approvals/approval.ts';
import { approve, withdraw } from '../core/approvals/decide.ts';
import { viewedEntry } from '../core/approvals/entries.ts';
import { awaitsReview, review } from '../core/approvals/glass.ts';
import { type HeldRequest, openHeld, readHeldRequest } from '../core/approvals/held-call.ts';
import { toSignedIn } from '../core/identity/claims.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { isObject } from '../core/mcp/json.ts';
import { approverOf, type Decision, decide, faultText, VERDICTS, type Verdict } from './decisions.ts';
import { messagePage } from './frame.ts';
import { inboxPage, requestPage } from './pages.ts';
import type { ConsolePorts } from './ports.ts';
import { showReplay } from './replay.ts';
import {
  type ConsoleSession,
  clearCookie,
  formToken,
  pendingCookie,
  readPendingSignIn,
  safeReturn,
  sessionCookie,
} from './session.ts';
import {
  type ConsoleReply,
  type ConsoleRequest,
  foreignForm,
  frameOf,
  redirect,
  type Site,
  seen,
  show,
  siteOf,
  stranger,
  toSignIn,
  visitOf,
} from './site.ts';
import { actorOf, stampOf } from './stamp.ts';
import { STYLE } from './style.ts';

const stylesheet: ConsoleReply = {
  statusCode: 200,
  headers: { 'content-type': 'text/css', 'cache-control': 'max-age=300' },
  body: STYLE,
};

export const makeConsole =
  (ports: ConsolePorts) =>
  (request: ConsoleRequest): Promise<ConsoleReply> => {
    const site = siteOf(ports, request);
    switch (`${request.method} ${request.path}`) {
      case 'GET /console/style.css':
        return Promise.resolve(stylesheet);
      case 'GET /console/sign-in':
        return beginSignIn(site);
      case 'GET /console/callback':
        return finishSignIn(site);
      default:
        return signedIn(site);
    }
  };

const beginSignIn = async ({ ports, request }: Site): Promise<ConsoleReply> => {
  const acr = (request.query.get('acr') ?? '').split(' ').filter((value) => value !== '');
  const { url, ...checks } = await ports.signIn.begin({ anew: request.query.get('anew') === '1', acr });
  const returnTo = safeReturn(request.query.get('return') ?? undefined);
  return redirect(url, await pendingCookie(ports, { ...checks, returnTo }));
};

const finishSignIn = async (site: Site): Promise<ConsoleReply> => {
  const { ports, request } = site;
  const pending = await readPendingSignIn(ports, request.cookie);
  const refuse = (text: string) => show(messagePage(403, 'Not signed in', text, stranger(site)));
  if (pending === undefined) return refuse('This sign-in was not begun here, or took too long. Begin again.');
  const callback = new URL(`${ports.publicUrl}/console/callback?${request.query}`);
  const claims = await ports.signIn.finish(callback, pending);
  if (claims === undefined) return refuse('The sign-in was not completed. Begin again.');
  const { config } = ports;
  const who = toSignedIn(claims, config.console.clientId, {
    identity: config.identity,
    knownGroups: knownGroups(ports),
  });
  if (!who.ok || who.value.kind !== 'person')
    return refuse('Only people sign in here, each under a name of their own.');
  const session: ConsoleSession = { ...who.value, secret: randomBytes(32).toString('base64url') };
  return redirect(seen(site, pending.returnTo), await sessionCookie(ports, session));
};

/** Groups that some policy asks, or that see sessions; a person's others say nothing here, and can be hundreds. */
const knownGroups = ({ config }: ConsolePorts): ReadonlySet<string> => {
  const { replay } = config.console;
  return new Set([
    ...config.policy.rules.flatMap(({ approval }) =>
      approval === null ? [] : [...approval.groups, ...approval.escalate],
    ),
    ...(replay === null ? [] : [...replay.groups, ...(replay.raw?.groups ?? [])]),
  ]);
};

const signedIn = async (site: Site): Promise<ConsoleReply> => {
  const { request } = site;
  const visit = await visitOf(site);
  if (visit.session === undefined) return visit.why === 'stranger' ? toSignIn(site) : foreignForm(site, visit.by);
  const { session } = visit;
  if (request.path === '/console/sign-out') return redirect(site.root, clearCookie);
  if (request.session !== null || request.path === '/console/sessions') return showReplay(site, session);
  if (request.approval === null) return inbox(site, session);
  return request.method === 'GET'
    ? showRequest(site, session, request.approval, null)
    : decideRequest(site, session, request.approval);
};

const LISTED = 50;

const inbox = async (site: Site, session: ConsoleSession): Promise<ConsoleReply> => {
  const { ports } = site;
  const lists = await Promise.all(session.groups.map((group) => ports.approvals.list('group', group, LISTED)));
  const asked = [...new Map(lists.flat().map((approval) => [approval.id, approval])).values()]
    .filter((approval) => askedGroups(approval).some((group) => session.groups.includes(group)))
    .toSorted((a, b) => b.requestedAt - a.requestedAt);
  const now = ports.clock.now();
  const isOpen = (approval: Approval): boolean => approve(approval, approverOf(session), now).ok;
  const isToReview = (approval: Approval): boolean =>
    awaitsReview(approval) && !isSamePerson(approval.requester, session);
  return show(
    inboxPage({
      frame: frameOf(site, session),
      now,
      toReview: asked.filter(isToReview),
      toDecide: asked.filter(isOpen),
      mine: await ports.approvals.list('person', `${session.issuer} ${session.subject}`, LISTED),
      past: asked.filter((approval) => !isOpen(approval) && !isToReview(approval)),
    }),
  );
};

const UNKNOWN = 'There is no such request, or it is not for you to see.';

const showRequest = async (
  site: Site,
  session: ConsoleSession,
  id: string,
  fault: string | null,
): Promise<ConsoleReply> => {
  const { ports, request } = site;
  const found = await ports.approvals.find(id);
  if (found === undefined || !maySee(found.approval, session)) {
    return show(messagePage(404, 'No such request', UNKNOWN, frameOf(site, session)));
  }
  const { approval } = found;
  // Evidence before effect: who looked is on record before they see it.
  const entry = viewedEntry(stampOf(ports), approval, { actor: actorOf(ports, session), req: request.req });
  await ports.entries.append({ entry: toWalEntry(entry), body: null });
  const { body: raw, tool, reason } = await heldOf(ports, found);
  const rules = new Map(ports.config.policy.rules.map((rule) => [rule.id, rule.text]));
  return show(
    requestPage({
      frame: frameOf(site, session),
      now: ports.clock.now(),
      approval,
      serverTitle: ports.config.servers[approval.binding.server]?.title ?? approval.binding.server,
      raw,
      tool,
      // What an earlier release held has it beside the call only.
      reason: reason ?? approval.justification,
      reviewed: reviewedDefinition(ports, approval),
      arguments: argumentsOf(raw),
      policies: approval.terms.policies.map((name) => ({ id: name, text: rules.get(name) ?? 'no longer in force' })),
      may: mayDo(ports, approval, session),
      token: formToken(session, id),
      fault,
    }),
  );
};

const maySee = (approval: Approval, session: ConsoleSession): boolean =>
  isSamePerson(approval.requester, session) ||
  [...askedGroups(approval), ...approval.terms.escalate].some((group) => session.groups.includes(group));

/** The held request as the server will get it, and the tool as the server listed it. */
const heldOf = async (ports: ConsolePorts, { approval, held }: FoundApproval): Promise<HeldRequest> =>
  readHeldRequest(openHeld(held, await ports.heldKeys.unwrap(approval.id, 'call', held.wrapped)));

/** What the repository says the tool is; `null` where nobody reviewed it. */
const reviewedDefinition = ({ config }: ConsolePorts, { binding }: Approval): string | null =>
  config.servers[binding.server]?.catalog?.tools[binding.tool]?.definition ?? null;

/** The arguments of the held request; its bytes passed the strict reader before they were held. */
const argumentsOf = (raw: string): unknown => {
  const message: unknown = JSON.parse(raw);
  const params = isObject(message) ? message['params'] : undefined;
  return isObject(params) ? params['arguments'] : undefined;
};

const mayDo = (ports: ConsolePorts, approval: Approval, session: ConsoleSession) => {
  const now = ports.clock.now();
  const approver = approverOf(session);
  const isReview = approval.glass !== null;
  const tried = isReview
    ? review(approval, approver, { verdict: 'justified', reason: '' }, now)
    : approve(approval, approver, now);
  const reason = tried.ok ? null : tried.error.reason;
  return {
    decide: tried.ok && !isReview,
    review: tried.ok && isReview,
    withdraw: withdraw(approval, session, now).ok,
    whyNot: tried.ok || reason === 'not_pending' || reason === 'reviewed_before' ? null : faultText(tried.error),
    signInAgain: reason === 'sign_in_too_old' || reason === 'sign_in_too_weak',
  };
};

const decideRequest = async (site: Site, session: ConsoleSession, id: string): Promise<ConsoleReply> => {
  const { ports, request } = site;
  const verdict = request.form.get('verdict') ?? '';
  const found = await ports.approvals.find(id);
  if (found === undefined || !maySee(found.approval, session)) {
    return show(messagePage(404, 'No such request', UNKNOWN, frameOf(site, session)));
  }
  if (!VERDICTS.includes(verdict))
    return showRequest(site, session, id, 'Choose one of the buttons. Nothing was decided.');
  const decision: Decision = {
    verdict: verdict as Verdict,
    reason: request.form.get('reason') ?? '',
    by: session,
    req: request.req,
  };
  const decided = await decide(ports, id, decision);
  // Back to the page by GET, so that a reload decides nothing.
  if (decided.ok) return redirect(seen(site, request.path));
  return showRequest(site, session, id, faultText(decided.error));
};
