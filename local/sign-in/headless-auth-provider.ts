// An OAuth client provider whose "browser" is the development sign-in page driven as a named person. The interfaces of
// SDK v1 and v2 agree on everything used here, so one class serves both; sdk-v1.ts and sdk-v2.ts hold it to that.
import { randomBytes } from 'node:crypto';
import type { OAuthClientMetadata, OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/client';
import { visit } from './browser.ts';
import { HEADLESS_REDIRECT_URI } from './sign-in.ts';
import { SignInError } from './sign-in-error.ts';

type Provider = Required<OAuthClientProvider>;
type Tokens = Parameters<Provider['saveTokens']>[0];
type ClientInformation = Parameters<Provider['saveClientInformation']>[0];

export interface HeadlessAuthOptions {
  readonly person: string;
  /** @default 'Countersign script' */
  readonly clientName?: string;
  /** A client id metadata document (https) to be known by; needs an authorization server that can reach it. @default registration */
  readonly clientMetadataUrl?: string;
}

export class HeadlessAuthProvider implements OAuthClientProvider {
  readonly redirectUrl = HEADLESS_REDIRECT_URI;
  readonly clientMetadata: OAuthClientMetadata;
  readonly clientMetadataUrl?: string;
  /** How often the person had to sign in: a refresh is not a sign-in. */
  signIns = 0;
  readonly #person: string;
  #state = '';
  #answer: URLSearchParams | null = null;
  #verifier = '';
  #tokens: Tokens | undefined;
  #client: ClientInformation | undefined;
  #discovery: OAuthDiscoveryState | undefined;

  constructor({ person, clientName = 'Countersign script', clientMetadataUrl }: HeadlessAuthOptions) {
    this.#person = person;
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    this.clientMetadata = {
      client_name: clientName,
      redirect_uris: [HEADLESS_REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    };
  }

  /** Where a person's browser would open; signs in instead and keeps the answer for `takeAnswer`. */
  async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.signIns += 1;
    const redirectUri = HEADLESS_REDIRECT_URI;
    this.#answer = (await visit({ authorizationUrl, person: this.#person, redirectUri })).searchParams;
  }

  /** The answer's parameters, once: what a client's redirect listener hands to `finishAuth`. */
  takeAnswer(): URLSearchParams {
    const answer = this.#answer;
    this.#answer = null;
    if (answer === null) throw new SignInError('authorization_refused', 'nobody was sent to the sign-in page');
    if (answer.get('state') !== this.#state) {
      throw new SignInError('authorization_refused', 'the answer belongs to another request (state differs)');
    }
    return answer;
  }

  state(): string {
    this.#state = randomBytes(16).toString('base64url');
    return this.#state;
  }

  clientInformation(): ClientInformation | undefined {
    return this.#client;
  }

  saveClientInformation(client: ClientInformation): void {
    this.#client = client;
  }

  tokens(): Tokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }

  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'client') this.#client = undefined;
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined;
    if (scope === 'all' || scope === 'discovery') this.#discovery = undefined;
  }
}
