// How the gateway signs in to an upstream, as the configuration says it. Secrets are named, never written.
import { z } from 'zod';
import type { CredentialConfig } from '../lambdas/gateway-config.ts';
import { mapping, name, orNull, secretName, text, url } from './config-fields.ts';
import { says } from './config-problems.ts';

/** Headers that the gateway, HTTP or MCP itself sets; a credential there would be lost or change the message. */
const RESERVED_HEADER =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|accept|cookie|mcp-.*|last-event-id)$/i;

export const credential = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('none') }),
    mapping({ kind: z.literal('bearer'), secret: secretName }),
    mapping({
      kind: z.literal('header'),
      header: text(
        'the name of a request header that carries a credential',
        'Use the header that the server documents, e.g. X-Api-Key',
        (value) => /^[\w!#$%&'*+.^`|~-]+$/.test(value) && !RESERVED_HEADER.test(value),
      ),
      secret: secretName,
    }),
    mapping({ kind: z.literal('basic'), secret: secretName }),
    mapping({
      kind: z.literal('oauth-client-credentials'),
      tokenUrl: url('the token endpoint'),
      secret: secretName,
      scope: orNull(name('a scope')).default(null),
      resource: orNull(url('an RFC 8707 resource')).default(null),
    }),
    mapping({
      kind: z.literal('sigv4'),
      service: text('a signing name', 'Use e.g. execute-api or bedrock-agentcore', (v) => /^[a-z0-9-]+$/.test(v)),
      region: text('an AWS Region', 'Use e.g. eu-west-1', (value) => /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(value)),
    }),
  ],
  {
    error: says(
      'a credential with kind: none, bearer, header, basic, oauth-client-credentials or sigv4',
      'Say how the gateway signs in to this server; kind: none when it does not',
    ),
  },
) satisfies z.ZodType<CredentialConfig>;
