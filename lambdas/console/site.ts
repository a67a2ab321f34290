// What every page of the console rests on: who asks, where it goes back to, and whether a form is one of its own.

import type { RequestRecord } from '../core/ledger/entry.ts';
import { maySeeSessions } from '../core/sessions/replay-grant.ts';
import { type Frame, messagePage, type Page } from './frame.ts';
import type { ConsolePorts } from './ports.ts';
import { type ConsoleSession, formToken, isFormToken, readSession } from './session.ts';

export interface ConsoleRequest {
  readonly method: 'GET' | 'POST';
  /** Path below the public URL, e.g. `/console/approvals/…`. */
  readonly path: string;
  readonly approval: string | null;
  /** A recorded session. */
  readonly session: string | null;
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

export type SitePorts = Pick<ConsolePorts, 'config' | 'publicUrl' | 'cookies'>;

export interface Site<Ports extends SitePorts = ConsolePorts> {
  readonly ports: Ports;
  readonly request: ConsoleRequest;
  /** Path of the console on its host. */
  readonly root: string;
}

export const siteOf = <Ports extends SitePorts>(ports: Ports, request: ConsoleRequest): Site<Ports> => ({
  ...{ ports, request },
  root: `${new URL(ports.publicUrl).pathname.replace(/\/$/, '')}/console`,
});

const CSP = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

export const show = ({ status, body }: Page): ConsoleReply => ({
  statusCode: status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CSP,
    // With `no-referrer` browsers send `Origin: null` with a form, and the console would refuse its own (seen in Chromium).
    'referrer-policy': 'same-origin',
  },
  body,
});

export const redirect = (location: string, cookie?: string): ConsoleReply => ({
  // 303: what follows is a GET, whatever came before.
  statusCode: 303,
  headers: { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) },
  body: '',
});

export const stranger = ({ root }: Pick<Site, 'root'>): Frame => ({ root, viewer: null });

/** Form token of signing out, which concerns no request. */
const SIGN_OUT = 'sign-out';

export const frameOf = ({ ports, root }: Site<SitePorts>, session: ConsoleSession): Frame => ({
  root,
  viewer: {
    name: session.name,
    subject: session.subject,
    signOutToken: formToken(session, SIGN_OUT),
    seesSessions: maySeeSessions(ports.config.console.replay, session),
  },
});

/** The path of the console as the browser sees it. */
export const seen = ({ root }: Pick<Site, 'root'>, path: string): string => `${root}${path.slice('/console'.length)}`;

export type Visit =
  | { readonly session: ConsoleSession }
  /** Nobody is signed in. */
  | { readonly session: undefined; readonly why: 'stranger' }
  /** Somebody is, and another page made their browser send a form. */
  | { readonly session: undefined; readonly why: 'foreign_form'; readonly by: ConsoleSession };

/** Who visits. A form counts only when this console made it, for this session and for what it is about. */
export const visitOf = async (site: Site<SitePorts>): Promise<Visit> => {
  const { ports, request } = site;
  const session = await readSession(ports, request.cookie);
  if (session === undefined) return { session, why: 'stranger' };
  if (request.method === 'POST' && !isOwnForm(site, session))
    return { session: undefined, why: 'foreign_form', by: session };
  return { session };
};

/** To the sign-in, and back to the page that was asked for; a form is not sent again by itself. */
export const toSignIn = (site: Site<SitePorts>): ConsoleReply => {
  const { request, root } = site;
  if (request.method === 'GET') return redirect(`${root}/sign-in?return=${encodeURIComponent(request.path)}`);
  const text = 'Your sign-in has ended and nothing was done. Sign in again.';
  return show(messagePage(403, 'Not signed in', text, stranger(site)));
};

export const foreignForm = (site: Site<SitePorts>, by: ConsoleSession): ConsoleReply => {
  const text = 'This form does not come from this console, so nothing was done. Open the page and use the form there.';
  return show(messagePage(403, 'Refused', text, frameOf(site, by)));
};

/** What a form is about, as its token names it. */
const subjectOf = ({ approval, session }: ConsoleRequest): string =>
  approval ?? (session === null ? SIGN_OUT : rawSubject(session));

/** Subject of the forms that have content of a session opened. */
export const rawSubject = (sid: string): string => `raw ${sid}`;

const isOwnForm = ({ ports, request }: Site<SitePorts>, session: ConsoleSession): boolean => {
  const { origin, fetchSite } = request;
  const isSameSite = fetchSite === undefined || fetchSite === 'same-origin';
  const isSameOrigin = origin === undefined ? fetchSite === 'same-origin' : origin === new URL(ports.publicUrl).origin;
  return isSameSite && isSameOrigin && isFormToken(session, subjectOf(request), request.form.get('token') ?? '');
};
