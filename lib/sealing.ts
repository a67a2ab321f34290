// Sealing: the key that signs checkpoints, the tree for monitors, and what wakes the sealer. Its verb gives the sealer the right to add to the
// log, to read it back, and to mark what it sealed; nobody else may write below the log's prefixes.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENV, LEDGER } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import type { Ledger } from './ledger.ts';
import { accept } from './nag.ts';
import type { Sessions } from './sessions.ts';
import { TilesBucket } from './tiles-bucket.ts';

export interface SealingProps {
  readonly ledger: Ledger;
  readonly sessions: Sessions;
  readonly atRestKey: AtRestKey;
  readonly log: GatewayConfig['log'];
}

export class Sealing extends Construct {
  /** The key that signs. Ed25519: a C2SP checkpoint signed with it is verified by stock tools and plain OpenSSL. */
  readonly checkpointKey: Key;
  /** Every generation, oldest first. An old one stays: it endorses its successor, and KMS still gives its public half. */
  readonly checkpointKeys: readonly Key[];
  /** The tree of the log, for monitors. */
  readonly tiles: TilesBucket;
  private readonly props: SealingProps;

  constructor(scope: Construct, id: string, props: SealingProps) {
    super(scope, id);
    this.props = props;
    this.checkpointKeys = Array.from({ length: props.log.keyGeneration }, (_, index) => checkpointKey(this, index + 1));
    this.checkpointKey = this.checkpointKeys.at(-1) ?? checkpointKey(this, 1);
    this.tiles = new TilesBucket(this, 'Tiles', { atRestKey: props.atRestKey });
  }

  /** Makes `fn` the sealer of the ledger. */
  grantSeal(fn: HouseFunction): void {
    const { ledger, sessions, atRestKey } = this.props;
    const index = `${ledger.table.tableArn}/index/${LEDGER.unsealedIndex.name}`;
    const table = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
    Grant.addToPrincipal({ grantee: fn, actions: table, resourceArns: [ledger.table.tableArn] });
    // By the index to seal what waits, by a session's partition to find the entries of its manifest.
    const queried = [index, ledger.table.tableArn];
    Grant.addToPrincipal({ grantee: fn, actions: ['dynamodb:Query'], resourceArns: queried });
    sessions.grantFinish(fn);
    atRestKey.grantDynamoDb(fn);
    ledger.evidence.grantWriteLog(fn);
    this.tiles.grantWriteTiles(fn);
    ledger.copies.grantCopy(fn);
    const arns = this.checkpointKeys.map(({ keyArn }) => keyArn);
    Grant.addToPrincipal({ grantee: fn, actions: ['kms:GetPublicKey'], resourceArns: arns });
    Grant.addToPrincipal({ grantee: fn, actions: ['kms:Sign'], resourceArns: this.signingKeys() });
    fn.setEnv(ENV.ledgerTable, ledger.table.tableName);
    fn.setEnv(ENV.checkpointKeyIds, arns.join(','));
    this.wake(fn);
  }

  /** The one that signs and the one before it, which has to endorse it; a revoked one endorses nothing. */
  private signingKeys(): string[] {
    const revoked = new Set(this.props.log.revokedKeys.map(({ generation }) => generation));
    return this.checkpointKeys
      .filter((_, index) => !revoked.has(index + 1))
      .slice(-SIGNING_GENERATIONS)
      .map(({ keyArn }) => keyArn);
  }

  /** Lets `fn` call the witnesses that ask for its signature; each must allow its role as well, in its own account. */
  grantAskWitnesses(fn: HouseFunction, witnesses: GatewayConfig['log']['witnesses']): void {
    const resourceArns = witnesses.flatMap(({ auth }) => (auth.kind === 'sigv4' ? [auth.function] : []));
    if (resourceArns.length === 0) return;
    // A function URL asks for both: the URL with its auth type, and the function through the URL only.
    const grants = [
      { action: 'lambda:InvokeFunctionUrl', conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
      { action: 'lambda:InvokeFunction', conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } },
    ];
    for (const { action, conditions } of grants) {
      Grant.addToPrincipal({ grantee: fn, actions: [action], resourceArns, conditions });
    }
  }

  /** The stream says that there is something to seal; the schedule is for when it does not, and for heartbeats. */
  private wake(fn: HouseFunction): void {
    const { tableStreamArn = '' } = this.props.ledger.table;
    const stream = [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ];
    const granted = Grant.addToPrincipal({ grantee: fn, actions: stream, resourceArns: [tableStreamArn] });
    const mapping = new EventSourceMapping(this, 'NewEntries', {
      target: fn,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.LATEST,
      batchSize: 1000,
      maxBatchingWindow: Duration.seconds(5),
      // Marking entries as sealed changes the table too.
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
      // A wake-up, not a message: what is to be sealed is in the table, and the next one finds it.
      retryAttempts: 1,
    });
    granted.applyBefore(mapping);
    new Rule(this, 'Schedule', {
      description: 'Countersign: seals what no change woke the sealer for, and leaves heartbeats',
      // As often as EventBridge can: how far sealing lags is known to the minute, with or without traffic.
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(fn, { retryAttempts: 0 })],
    });
    accept(fn, SEALER_REASONS);
  }
}

/** Two: whoever counts up twice before the sealer has run once would skip an endorsement, and it says so. */
const SIGNING_GENERATIONS = 2;

const checkpointKey = (scope: Construct, generation: number): Key =>
  new Key(scope, generation === 1 ? 'CheckpointKey' : `CheckpointKey${generation}`, {
    description: `Countersign: signs the checkpoints of the evidence log and the manifests of its sessions, generation ${generation}`,
    keySpec: KeySpec.ECC_NIST_EDWARDS25519,
    keyUsage: KeyUsage.SIGN_VERIFY,
    // Old checkpoints verify with the public key alone; the key itself must still not vanish with a stack.
    removalPolicy: RemovalPolicy.RETAIN,
  });

const SEALER_REASONS = {
  'NIST.800.53.R5-LambdaDLQ':
    'Its events are wake-ups without content: what is to be sealed waits in the ledger table until a run seals it. Errors and the age of the stream raise alarms.',
};
