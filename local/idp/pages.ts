// The pages of the development sign-in. No script, no outside resource; hono's `html` escapes every value.
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { PEOPLE, type Person } from './people.ts';
import { STYLE } from './style.ts';

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/**
 * `form-action` also governs where a form's answer may redirect (in Chromium), so a page whose form ends at the client
 * adds the client's redirect address to it.
 */
export const contentSecurityPolicy = (formTargets: readonly string[]): string =>
  `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${["'self'", ...formTargets].join(' ')}; ` +
  "base-uri 'none'; frame-ancestors 'none'";

export const PAGE_CONTENT_SECURITY_POLICY = contentSecurityPolicy([]);

/** What the person is asked to allow; every word of it comes from the client and is shown as such. */
export interface AccessRequest {
  readonly clientName: string;
  /** Set when the client's identity is a URL it controls (client id metadata document); else its name is hearsay. */
  readonly clientUrl: string | null;
  readonly redirectHost: string;
  readonly resources: readonly string[];
  readonly scopes: readonly string[];
}

export const signInPage = (request: AccessRequest): string =>
  page(
    'Sign in',
    html`<h1>Who are you?</h1>
<p class="lead">Sign in to continue to <strong>${request.clientName}</strong>.</p>
<form method="post">${PEOPLE.map(personButton)}
<p class="actions"><button class="quiet" name="action" value="cancel">Cancel</button></p></form>`,
  );

export const confirmPage = (person: Person, request: AccessRequest): string =>
  page(
    'Allow access',
    html`<h1>Allow access?</h1>
<p class="lead"><strong>${request.clientName}</strong> wants to act as <strong>${person.name}</strong>.</p>
<dl>
<dt>Application</dt><dd>${request.clientUrl ?? request.clientName}
${request.clientUrl === null ? html`<span class="note">This name is its own claim; nobody has checked it.</span>` : ''}</dd>
<dt>Sends you back to</dt><dd><code>${request.redirectHost}</code></dd>
${request.resources.length === 0 ? '' : html`<dt>Server</dt>${request.resources.map((url) => html`<dd><code>${url}</code></dd>`)}`}
<dt>Scope</dt><dd>${request.scopes.map((scope) => html`<code>${scope}</code> `)}</dd>
</dl>
<form method="post"><p class="actions">
<button class="primary" name="action" value="allow">Allow</button>
<button class="quiet" name="action" value="cancel">Cancel</button></p>
<details><summary>Not ${person.name}?</summary>
${PEOPLE.filter((other) => other !== person).map(personButton)}</details></form>`,
  );

export const errorPage = (error: string, description = 'The request could not be completed.'): string =>
  page(
    'Sign-in stopped',
    html`<h1>Sign-in stopped</h1><p class="lead">${description}</p><p><code>${error}</code></p>
<p class="note">Nothing was granted. Go back to the application and start again.</p>`,
  );

const personButton = (person: Person) => html`
<button class="person" name="person" value="${person.id}"><span class="initials" aria-hidden="true">${initials(person)}</span>
<span><span class="name">${person.name}</span><span class="role">${person.role}</span>
<span class="groups">${person.groups.join(' · ')}</span></span></button>`;

const initials = (person: Person): string =>
  person.name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('');

const page = (title: string, body: ReturnType<typeof html>): string =>
  String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Countersign development sign-in</title><style>${raw(STYLE)}</style></head>
<body><p class="banner"><strong>Development sign-in</strong> No passwords. Never expose this to a network.</p>
<main>${body}</main><footer>Countersign · sample bank identity provider</footer></body></html>`);
