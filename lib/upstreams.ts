// The credentials the gateway uses towards upstream servers. The bank creates the secrets; we only name them, so that
// no template, parameter or build log ever holds a value.
//
// A server with `kind: sigv4` needs no secret: the platform team gives the output McpRoleArn the one statement that the
// upstream wants (e.g. execute-api:Invoke on its ARN). A secret under a key of the bank's own also needs that key's policy
// to let this role decrypt through Secrets Manager.
import { Grant } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { CredentialConfig, GatewayConfig } from '../lambdas/gateway-config.ts';
import type { HouseFunction } from './house-function.ts';

export interface UpstreamsProps {
  readonly servers: GatewayConfig['servers'];
}

export class Upstreams extends Construct {
  private readonly secrets: readonly ISecret[];

  constructor(scope: Construct, id: string, props: UpstreamsProps) {
    super(scope, id);
    const names = new Set(Object.values(props.servers).flatMap((server) => secretOf(server.credential)));
    this.secrets = [...names].map((name) => Secret.fromSecretNameV2(this, name, name));
  }

  /** Lets `fn` read the secrets that the configuration names, and no other. */
  grantReadCredentials(fn: HouseFunction): void {
    if (this.secrets.length === 0) return;
    // Secrets Manager ends each ARN with six characters of its own; `??????` matches them and no longer name.
    const resourceArns = this.secrets.map((secret) => `${secret.secretArn}-??????`);
    Grant.addToPrincipal({ grantee: fn, actions: ['secretsmanager:GetSecretValue'], resourceArns });
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
