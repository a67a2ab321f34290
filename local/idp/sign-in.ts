// The person's side of an authorization request: GET shows a page, POST acts on it. One path per request; oidc-provider
// binds it to the browser with a signed SameSite=Lax cookie, so another site can neither read nor post it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { errors, type InteractionResults, type Provider } from 'oidc-provider';
import { SIGN_IN_PATH } from './configuration.ts';
import { type AccessRequest, confirmPage, contentSecurityPolicy, errorPage, signInPage } from './pages.ts';
import { DEVELOPMENT_ACR, DEVELOPMENT_AMR, findPerson } from './people.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
type Step = { readonly provider: Provider; readonly req: IncomingMessage; readonly res: ServerResponse };

const MAX_FORM_BYTES = 4096;

/** Answers a request below the sign-in path; the caller has checked the path and the Host header. */
export async function serveSignIn(step: Step): Promise<void> {
  try {
    const interaction = await step.provider.interactionDetails(step.req, step.res);
    const path = URL.parse(step.req.url ?? '', 'http://idp')?.pathname;
    if (path !== `${SIGN_IN_PATH}/${interaction.uid}`) throw new errors.SessionNotFound('another sign-in has started');
    if (step.req.method === 'POST') await act(step, interaction);
    else await show(step, interaction);
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    send(step.res, error.statusCode, errorPage(error.error, error.error_description), []);
  }
}

async function show({ provider, res }: Step, interaction: Interaction): Promise<void> {
  const redirect = new URL(String(interaction.params.redirect_uri));
  const request = await describe(provider, interaction, redirect);
  const person = interaction.prompt.name === 'consent' ? findPerson(interaction.session?.accountId ?? '') : undefined;
  const body = person === undefined ? signInPage(request) : confirmPage(person, request);
  send(res, 200, body, [redirect.origin === 'null' ? redirect.protocol : redirect.origin]);
}

async function describe(provider: Provider, { params }: Interaction, redirect: URL): Promise<AccessRequest> {
  const clientId = String(params.client_id);
  const client = await provider.Client.find(clientId);
  const words = (value: unknown): string[] => (typeof value === 'string' ? value.split(' ') : []);
  return {
    clientName: client?.clientName ?? clientId,
    clientUrl: clientId.startsWith('https://') ? clientId : null,
    redirectHost: redirect.host === '' ? redirect.protocol : redirect.host,
    resources: [params.resource ?? []].flat().map(String),
    scopes: words(params.scope),
  };
}

async function act(step: Step, interaction: Interaction): Promise<void> {
  const form = await readForm(step.req);
  const person = findPerson(form.get('person') ?? '');
  if (person !== undefined) return await signInAs(step, interaction, person.id);
  if (form.get('action') === 'cancel') {
    return await finish(step, { error: 'access_denied', error_description: 'The person cancelled' }, false);
  }
  if (form.get('action') !== 'allow' || interaction.prompt.name !== 'consent') {
    throw new errors.InvalidRequest('the form names nobody we know and no action we offer');
  }
  await finish(step, { consent: { grantId: await grant(step.provider, interaction) } }, true);
}

async function signInAs(step: Step, interaction: Interaction, accountId: string): Promise<void> {
  const { session } = interaction;
  if (session !== undefined && session.accountId !== accountId) {
    // Changing person ends the browser session; oidc-provider would ask for a second, scripted form in between.
    await (await step.provider.Session.findByUid(session.uid))?.destroy();
    interaction.session = undefined;
    await interaction.persist();
  }
  await finish(step, { login: { accountId, acr: DEVELOPMENT_ACR, amr: [...DEVELOPMENT_AMR] } }, false);
}

async function grant(provider: Provider, { grantId, session, params, prompt }: Interaction): Promise<string> {
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const given = known ?? new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
  const { missingOIDCScope, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  if (missingOIDCScope) given.addOIDCScope(missingOIDCScope.join(' '));
  for (const [url, scopes] of Object.entries(missingResourceScopes ?? {}))
    given.addResourceScope(url, scopes.join(' '));
  return given.save();
}

const finish = ({ provider, req, res }: Step, result: InteractionResults, merge: boolean): Promise<void> =>
  provider.interactionFinished(req, res, result, { mergeWithLastSubmission: merge });

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  if (!(Number(req.headers['content-length']) <= MAX_FORM_BYTES))
    throw new errors.InvalidRequest('the form is too large');
  return new URLSearchParams(await text(req));
}

function send(res: ServerResponse, status: number, body: string, formTargets: readonly string[]): void {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(formTargets),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  res.end(body);
}
