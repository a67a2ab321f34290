// The strict tier: the key that signs intents before calls, and what the gateway may do with it, with the locked bucket and
// with the sealer's progress.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, Grant, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENV } from '../lambdas/contract.ts';
import type { HouseFunction } from './house-function.ts';
import type { Ledger } from './ledger.ts';

export interface StrictTierProps {
  readonly ledger: Ledger;
}

export class StrictTier extends Construct {
  /** Ed25519, apart from the checkpoint key: whoever may sign intents can sign no history. */
  readonly intentKey: Key;
  private readonly ledger: Ledger;

  constructor(scope: Construct, id: string, { ledger }: StrictTierProps) {
    super(scope, id);
    this.ledger = ledger;
    this.intentKey = new Key(this, 'IntentKey', {
      description: 'Countersign: signs the intents of strict calls',
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // Old intents verify with the public key alone; without the key no strict call can be made.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Lets `fns`, and nobody else, make strict calls: sign their intents, add them to the locked bucket, see whether sealing is behind. */
  grantIntend(...fns: readonly HouseFunction[]): void {
    for (const fn of fns) this.grantSign(fn);
    // For everyone, administrators included: an intent that the gateway did not sign must not look like one that it did.
    this.intentKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheGatewaySigns',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': fns.map((fn) => fn.role?.roleArn ?? '') } },
      }),
    );
    this.ledger.evidence.grantStoreIntents(fns);
  }

  private grantSign(fn: HouseFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['kms:Sign'],
      resourceArns: [this.intentKey.keyArn],
      conditions: { StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' } },
    });
    this.ledger.grantReadSealingProgress(fn);
    fn.setEnv(ENV.intentKeyId, this.intentKey.keyArn);
  }

  /** Lets `fn` put the public key on record. */
  grantRegister(fn: HouseFunction): void {
    Grant.addToPrincipal({ grantee: fn, actions: ['kms:GetPublicKey'], resourceArns: [this.intentKey.keyArn] });
    fn.setEnv(ENV.intentKeyId, this.intentKey.keyArn);
  }
}
