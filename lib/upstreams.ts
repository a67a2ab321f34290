// The credentials the gateway uses towards upstream servers, and the secret that masking makes tokens with: secrets that the
// bank creates and the configuration names.
//
// A server with `kind: sigv4` needs no secret: the platform team gives the outputs McpRoleArn and WorkerRoleArn the one
// statement that the upstream wants (e.g. execute-api:Invoke on its ARN).
import { Construct } from 'constructs';
import type { CredentialConfig, GatewayConfig } from '../lambdas/gateway-config.ts';
import type { HouseFunction } from './house-function.ts';
import { NamedSecrets } from './named-secrets.ts';

export interface UpstreamsProps {
  readonly servers: GatewayConfig['servers'];
  /** Its tokens are made with a secret. */
  readonly masking: GatewayConfig['masking'];
}

export class Upstreams extends Construct {
  private readonly secrets: NamedSecrets;

  constructor(scope: Construct, id: string, props: UpstreamsProps) {
    super(scope, id);
    const tokens = props.masking?.tokens ?? null;
    const names = Object.values(props.servers).flatMap((server) => secretOf(server.credential));
    this.secrets = new NamedSecrets(this, 'Secrets', [...names, ...(tokens === null ? [] : [tokens.secret])]);
  }

  /** Lets `fn` read the secrets that the configuration names, and no other. */
  grantReadCredentials(fn: HouseFunction): void {
    this.secrets.grantRead(fn);
  }
}

const secretOf = (credential: CredentialConfig): readonly string[] => {
  switch (credential.kind) {
    case 'none':
    case 'sigv4':
      return [];
    case 'bearer':
    case 'header':
    case 'basic':
    case 'oauth-client-credentials':
      return [credential.secret];
  }
};
