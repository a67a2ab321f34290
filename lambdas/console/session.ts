// Who sits in front of the console: a sealed cookie, made at sign-in, good for half an hour. Groups are those that the
// issuer vouched for then; a decision asks for a newer sign-in where the policy does.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignedIn } from '../core/identity/claims.ts';
import type { ConsolePorts } from './ports.ts';

/** One cookie holds the session, or the checks of a sign-in that is under way. `__Host-`: this origin, TLS, whole site. */
const COOKIE = '__Host-countersign';
const SESSION_SECONDS = 30 * 60;
const SIGN_IN_SECONDS = 10 * 60;

export interface ConsoleSession extends SignedIn {
  /** Random, in the cookie only: what form tokens are made of. */
  readonly secret: string;
}

/** What must come back from the issuer, and where the person wanted to go. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

type Cookies = Pick<ConsolePorts, 'cookies'>;

const readCookie = (header: string | undefined): string | undefined => {
  const found = (header ?? '').split(/;\s*/).filter((pair) => pair.startsWith(`${COOKIE}=`));
  // Two of one name: somebody planted one.
  return found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined;
};

const setCookie = (value: string, seconds: number): string =>
  `${COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;

export const clearCookie = setCookie('', 0);

export const readSession = async (
  { cookies }: Cookies,
  header: string | undefined,
): Promise<ConsoleSession | undefined> => {
  const text = readCookie(header);
  const claims = text === undefined ? undefined : await cookies.open('session', text);
  return claims === undefined ? undefined : (claims['who'] as ConsoleSession);
};

export const sessionCookie = async ({ cookies }: Cookies, who: ConsoleSession): Promise<string> =>
  setCookie(await cookies.seal('session', { who }, SESSION_SECONDS), SESSION_SECONDS);

export const readPendingSignIn = async (
  { cookies }: Cookies,
  header: string | undefined,
): Promise<PendingSignIn | undefined> => {
  const text = readCookie(header);
  const claims = text === undefined ? undefined : await cookies.open('sign-in', text);
  return claims === undefined ? undefined : (claims['pending'] as PendingSignIn);
};

export const pendingCookie = async ({ cookies }: Cookies, pending: PendingSignIn): Promise<string> =>
  setCookie(await cookies.seal('sign-in', { pending }, SIGN_IN_SECONDS), SIGN_IN_SECONDS);

/** A form of this session, about this subject: nobody else's page can make one. */
export const formToken = ({ secret }: ConsoleSession, subject: string): string =>
  createHmac('sha256', secret).update(subject).digest('base64url');

export const isFormToken = (session: ConsoleSession, subject: string, sent: string): boolean => {
  const [expected, got] = [Buffer.from(formToken(session, subject)), Buffer.from(sent)];
  return expected.length === got.length && timingSafeEqual(expected, got);
};

/** Paths of the console only: a sign-in must not end on another site. */
export const safeReturn = (path: string | undefined): string =>
  path !== undefined && /^\/console(?:\/approvals\/[0-9a-f-]{36}|\/sessions(?:\/[0-9a-f-]{36})?)?$/.test(path)
    ? path
    : '/console';
