// The console: the secret under which its cookies are sealed, and the secret of its OpenID Connect client.
import { RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ENV } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';
import { NamedSecrets } from './named-secrets.ts';

export interface ConsoleProps {
  readonly atRestKey: AtRestKey;
  readonly console: GatewayConfig['console'];
}

export class Console extends Construct {
  private readonly cookieSecret: Secret;
  private readonly clientSecret: NamedSecrets;
  private readonly atRestKey: AtRestKey;

  constructor(scope: Construct, id: string, props: ConsoleProps) {
    super(scope, id);
    this.atRestKey = props.atRestKey;
    this.cookieSecret = new Secret(this, 'CookieSecret', {
      description: 'Countersign: seals the cookies of the console. A new value ends all sign-ins, and nothing else',
      encryptionKey: props.atRestKey,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    accept(this.cookieSecret, COOKIE_SECRET_REASONS);
    this.clientSecret = new NamedSecrets(this, 'Client', props.console.secret === null ? [] : [props.console.secret]);
  }

  /** Lets `fn` sign people in. */
  grantSignIn(fn: HouseFunction): void {
    this.grantRecognise(fn);
    this.clientSecret.grantRead(fn);
  }

  /** Lets `fn` know who is signed in. */
  grantRecognise(fn: HouseFunction): void {
    const { secretArn } = this.cookieSecret;
    Grant.addToPrincipal({ grantee: fn, actions: ['secretsmanager:GetSecretValue'], resourceArns: [secretArn] });
    this.atRestKey.grantSecretRead(fn);
    fn.setEnv(ENV.cookieSecret, secretArn);
  }
}

const COOKIE_SECRET_REASONS = {
  'AwsSolutions-SMG4':
    'Rotation would sign everybody out on a schedule. A sign-in lasts hours; after a leak the operators put a new value (docs/operations.md).',
  'NIST.800.53.R5-SecretsManagerRotationEnabled': 'As above: whoever wants a schedule can attach one.',
};
