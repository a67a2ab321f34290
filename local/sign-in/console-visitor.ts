// A person in front of the console, over fetch: signs in at the issuer, keeps the cookie, reads pages, sends forms.

import { visit } from './browser.ts';

interface PageSeen {
  readonly status: number;
  readonly text: string;
  readonly location: string | null;
  readonly headers: Headers;
}

export interface Visitor {
  readonly cookie: string;
  get(path: string, cookie?: string): Promise<PageSeen>;
  /** Sends the form of a request's page; `change` alters what the browser would have sent. */
  decide(id: string, verdict: string, reason?: string, change?: FormChange): Promise<PageSeen>;
  /** Has an exchange of a session opened, by the form of the session's page. */
  openRaw(sid: string, seq: string, reason: string, change?: FormChange): Promise<PageSeen>;
}

export interface FormChange {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string;
}

const seen = async (response: Response): Promise<PageSeen> => ({
  status: response.status,
  text: await response.text(),
  location: response.headers.get('location'),
  headers: response.headers,
});

const cookieOf = ({ headers }: PageSeen): string => headers.getSetCookie()[0]?.split(';')[0] ?? '';

/** Signs in from a link, as from a mail; `anew` as a page asks for it that wants a fresh sign-in. */
export const signInToConsole = async (
  publicUrl: string,
  person: string,
  link = '/console',
  { anew = false } = {},
): Promise<Visitor> => {
  // Behind a stage of API Gateway the public URL has a path of its own.
  const get = async (path: string, cookie = ''): Promise<PageSeen> =>
    seen(await fetch(`${publicUrl}${path}`, { redirect: 'manual', headers: { cookie } }));
  const begun = await get(`/console/sign-in?return=${encodeURIComponent(link)}${anew ? '&anew=1' : ''}`);
  const answered = await visit({
    authorizationUrl: new URL(begun.location ?? ''),
    person,
    redirectUri: `${publicUrl}/console/callback`,
  });
  const done = await get(`/console/callback${answered.search}`, cookieOf(begun));
  if (done.status !== 303) throw new Error(`the sign-in ended with ${done.status}: ${done.text}`);
  const cookie = cookieOf(done);
  const origin = new URL(publicUrl).origin;
  /** Sends the form that stands on a page, as a browser would. */
  const send = async (page: string, path: string, fields: Record<string, string>, change: FormChange) => {
    const action = path.slice('/console/'.length);
    const form = new RegExp(`action="${action}"><input type="hidden" name="token" value="([^"]*)"`);
    const token = change.token ?? form.exec((await get(page, cookie)).text)?.[1] ?? '';
    const headers = { origin, cookie: change.cookie ?? cookie, ...change.headers };
    const body = new URLSearchParams({ token, ...fields });
    return seen(await fetch(`${publicUrl}${path}`, { method: 'POST', redirect: 'manual', headers, body }));
  };
  return {
    cookie,
    get: (path, other = cookie) => get(path, other),
    decide: (id, verdict, reason = '', change = {}) =>
      send(`/console/approvals/${id}`, `/console/approvals/${id}`, { verdict, reason }, change),
    openRaw: (sid, seq, reason, change = {}) =>
      send(`/console/sessions/${sid}`, `/console/sessions/${sid}/raw`, { seq, reason }, change),
  };
};
