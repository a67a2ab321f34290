// Secrets that the bank creates and the configuration names, so that no template, parameter or build log ever holds a value.
// A secret under a key of the bank's own also needs that key's policy to let the role decrypt through Secrets Manager.
import { Grant } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { HouseFunction } from './house-function.ts';

export class NamedSecrets extends Construct {
  private readonly secrets: readonly ISecret[];

  constructor(scope: Construct, id: string, names: readonly string[]) {
    super(scope, id);
    this.secrets = [...new Set(names)].map((name) => Secret.fromSecretNameV2(this, name, name));
  }

  /** Lets `fn` read these secrets, and no other. */
  grantRead(fn: HouseFunction): void {
    if (this.secrets.length === 0) return;
    // Secrets Manager ends each ARN with six characters of its own; `??????` matches them and no longer name.
    const resourceArns = this.secrets.map((secret) => `${secret.secretArn}-??????`);
    Grant.addToPrincipal({ grantee: fn, actions: ['secretsmanager:GetSecretValue'], resourceArns });
  }
}
