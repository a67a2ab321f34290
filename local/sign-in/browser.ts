// A browser small enough for the development sign-in page: cookies, redirects and forms over fetch. It stops at the
// client's redirect address without calling it, as a native client's listener would see it.
import { SignInError } from './sign-in-error.ts';

export interface Visit {
  readonly authorizationUrl: URL;
  /** Who signs in: the value of a button on the page. */
  readonly person: string;
  /** Where the authorization server sends the answer. */
  readonly redirectUri: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
  readonly path: string;
}

interface Step {
  readonly url: URL;
  readonly form: URLSearchParams | null;
}

// Sign-in, resume, confirm, resume and redirect are nine; twice that is a loop.
const MAX_STEPS = 18;

/** Signs in and confirms; returns the redirect address with the answer (`code` or `error`) in its query. */
export async function visit({ authorizationUrl, person, redirectUri }: Visit): Promise<URL> {
  const jar: Cookie[] = [];
  let step: Step = { url: authorizationUrl, form: null };
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const response = await load(step, jar);
    const location = response.headers.get('location');
    if (location !== null) {
      const url = new URL(location, step.url);
      if (isAddress(url, redirectUri)) return url;
      step = { url, form: null };
    } else {
      step = { url: step.url, form: fillIn(await response.text(), response.status, person) };
    }
  }
  throw new SignInError('page_not_understood', `no answer after ${MAX_STEPS} pages; the last was ${step.url}`);
}

async function load({ url, form }: Step, jar: Cookie[]): Promise<Response> {
  const mine = jar.filter((cookie) => cookie.origin === url.origin && url.pathname.startsWith(cookie.path));
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'text/html', cookie: mine.map(({ name, value }) => `${name}=${value}`).join('; ') },
    ...(form && { method: 'POST', body: form }),
  });
  for (const line of response.headers.getSetCookie()) keep(line, url, jar);
  return response;
}

function keep(line: string, { origin }: URL, jar: Cookie[]): void {
  const [pair = '', ...attributes] = line.split(/;\s*/);
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  const attribute = (wanted: string) =>
    attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
  const path = attribute('path') ?? '/';
  const old = jar.findIndex((cookie) => cookie.name === name && cookie.origin === origin && cookie.path === path);
  if (old !== -1) jar.splice(old, 1);
  const expires = attribute('expires');
  if (value !== '' && !(expires !== undefined && Date.parse(expires) <= Date.now())) {
    jar.push({ name, value, origin, path });
  }
}

/** Our own button, wherever the page offers it; a page without it is the confirmation of our own sign-in. */
function fillIn(page: string, status: number, person: string): URLSearchParams {
  const offers = (name: string, value: string) => page.includes(`name="${name}" value="${value}"`);
  if (offers('person', person)) return new URLSearchParams({ person });
  if (offers('action', 'allow')) return new URLSearchParams({ action: 'allow' });
  if (page.includes('name="person"')) {
    throw new SignInError('page_not_understood', `the sign-in page does not know "${person}"`);
  }
  throw new SignInError(
    'page_not_understood',
    `HTTP ${status}, neither a sign-in nor a confirmation: ${summary(page)}`,
  );
}

const isAddress = (url: URL, redirectUri: string): boolean => {
  const { protocol, host, pathname } = new URL(redirectUri);
  return url.protocol === protocol && url.host === host && url.pathname === pathname;
};

const summary = (page: string): string =>
  (/<main>(.*)<\/main>/s.exec(page)?.[1] ?? page)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
