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
import type { RequestRecord } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { isObject } from '../core/mcp/json.ts';
import { actorOf, approverOf, type Decision, decide, faultText, stampOf, VERDICTS, type Verdict } from './decisions.ts';
import { type Frame, inboxPage, messagePage, type Page, requestPage } from './pages.ts';
import type { ConsolePorts } from './ports.ts';
import {
  type ConsoleSession,
  clearCookie,
  formToken,
  isFormToken,
  pendingCookie,
  readPendingSignIn,
  readSession,
  safeReturn,
  sessionCookie,
} from './session.ts';
import { STYLE } from './style.ts';

export interface ConsoleRequest {
  readonly method: 'GET' | 'POST';
  /** Path below the public URL, e.g. `/console/approvals/…`. */
  readonly path: string;
  readonly approval: string | null;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly cookie: string | undefined;
  /** `Origin`, or `Sec-Fetch-Site` where the browser sends no origin. */
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly req: RequestRecord;
}

export interface ConsoleReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const stylesheet: ConsoleReply = {
  statusCode: 200,
  headers: { 'content-type': 'text/css', 'cache-control': 'max-age=300' },
  body: STYLE,
};

const CSP = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

/** Form token of signing out, which concerns no request. */
const SIGN_OUT = 'sign-out';

export const makeConsole =
  (ports: ConsolePorts) =>
  (request: ConsoleRequest): Promise<ConsoleReply> => {
    const site: Site = { ports, request, root: `${new URL(ports.publicUrl).pathname.replace(/\/$/, '')}/console` };
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

interface Site {
  readonly ports: ConsolePorts;
  readonly request: ConsoleRequest;
  /** Path of the console on its host. */
  readonly root: string;
}

const show = ({ status, body }: Page): ConsoleReply => ({
  statusCode: status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CSP,
    // With `no-referrer` browsers send `Origin: null` with a form, and the console would refuse its own (seen in Chromium).
    'referrer-policy': 'same-origin',
  },
  body,
});

const redirect = (location: string, cookie?: string): ConsoleReply => ({
  // 303: what follows is a GET, whatever came before.
  statusCode: 303,
  headers: { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) },
  body: '',
});

const stranger = ({ root }: Site): Frame => ({ root, viewer: null });

const frameOf = ({ root }: Site, session: ConsoleSession): Frame => ({
  root,
  viewer: { name: session.name, subject: session.subject, signOutToken: formToken(session, SIGN_OUT) },
});

/** The path of the console as the browser sees it. */
const seen = ({ root }: Site, path: string): string => `${root}${path.slice('/console'.length)}`;

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

/** Groups that some policy asks; a person's others say nothing here, and can be hundreds. */
const knownGroups = ({ config }: ConsolePorts): ReadonlySet<string> =>
  new Set(
    config.policy.rules.flatMap(({ approval }) =>
      approval === null ? [] : [...approval.groups, ...approval.escalate],
    ),
  );

const signedIn = async (site: Site): Promise<ConsoleReply> => {
  const { ports, request } = site;
  const session = await readSession(ports, request.cookie);
  if (session === undefined) {
    if (request.method === 'GET') return redirect(`${site.root}/sign-in?return=${encodeURIComponent(request.path)}`);
    return show(
      messagePage(
        403,
        'Not signed in',
        'Your sign-in has ended and nothing was decided. Sign in again.',
        stranger(site),
      ),
    );
  }
  if (request.method === 'POST' && !isOwnForm(site, session)) {
    const text = 'This form does not come from this page, so nothing was decided. Open the request and decide there.';
    return show(messagePage(403, 'Refused', text, frameOf(site, session)));
  }
  if (request.path === '/console/sign-out') return redirect(site.root, clearCookie);
  if (request.approval === null) return inbox(site, session);
  return request.method === 'GET'
    ? showRequest(site, session, request.approval, null)
    : decideRequest(site, session, request.approval);
};

/** The page that sent the form is ours, and was made for this session and this request. */
const isOwnForm = ({ ports, request }: Site, session: ConsoleSession): boolean => {
  const { origin, fetchSite } = request;
  const isSameSite = fetchSite === undefined || fetchSite === 'same-origin';
  const isSameOrigin = origin === undefined ? fetchSite === 'same-origin' : origin === new URL(ports.publicUrl).origin;
  return (
    isSameSite && isSameOrigin && isFormToken(session, request.approval ?? SIGN_OUT, request.form.get('token') ?? '')
  );
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
  const { body: raw, tool } = await heldOf(ports, found);
  const rules = new Map(ports.config.policy.rules.map((rule) => [rule.id, rule.text]));
  return show(
    requestPage({
      frame: frameOf(site, session),
      now: ports.clock.now(),
      approval,
      serverTitle: ports.config.servers[approval.binding.server]?.title ?? approval.binding.server,
      raw,
      tool,
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
