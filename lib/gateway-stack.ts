// Composition root: creates the capabilities and passes them to each other. Owns no resource of its own.
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV, resourceUrl } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { Alarms } from './alarms.ts';
import { ApprovalWaits } from './approval-waits.ts';
import { Approvals } from './approvals.ts';
import { AtRestKey } from './at-rest-key.ts';
import { Channels } from './channels.ts';
import { configDigest } from './config.ts';
import { Console } from './console.ts';
import { ANSWER_WITHIN, Endpoint } from './endpoint.ts';
import { HouseFunction, type HouseFunctions } from './house-function.ts';
import { Keeping } from './keeping.ts';
import { Ledger } from './ledger.ts';
import { Masking } from './masking.ts';
import { Reconciliation } from './reconciliation.ts';
import { Records } from './records.ts';
import { Sealing } from './sealing.ts';
import { Sessions } from './sessions.ts';
import { StrictTier } from './strict-tier.ts';
import { Upstreams } from './upstreams.ts';
import { Watching } from './watching.ts';

/** One full vCPU, by Lambda's scale: masking and encryption are its work, waiting is not paid by the megabyte. */
const ONE_CPU_MEGABYTES = 1769;

export interface GatewayStackProps extends StackProps {
  readonly config: GatewayConfig;
}

export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { config } = props;
    const atRestKey = new AtRestKey(this, 'AtRestKey');
    const ledger = new Ledger(this, 'Ledger', { atRestKey, origin: config.log.origin, retention: config.retention });
    const strictTier = new StrictTier(this, 'StrictTier', { ledger });
    const watching = new Watching(this, 'Watching', { ledger, atRestKey });
    const records = new Records(this, 'Records', { ledger, atRestKey, origin: config.log.origin });
    const sessions = new Sessions(this, 'Sessions', { atRestKey });
    const sealing = new Sealing(this, 'Sealing', { ledger, sessions, atRestKey, log: config.log });
    const keeping = new Keeping(this, 'Keeping', { ledger, sessions });
    const approvals = new Approvals(this, 'Approvals', { atRestKey, origin: config.log.origin });
    const channels = new Channels(this, 'Channels', { approvals: config.approvals });
    const console_ = new Console(this, 'Console', { atRestKey, console: config.console });
    const upstreams = new Upstreams(this, 'Upstreams', { servers: config.servers, masking: config.masking });
    const masking = new Masking(this, 'Masking', { masking: config.masking });
    const endpoint = new Endpoint(this, 'Endpoint', { config, atRestKey });
    const { accessLogs } = endpoint;
    const { checkpointKeys } = sealing;
    const reconciliation = new Reconciliation(this, 'Reconciliation', {
      ledger,
      atRestKey,
      accessLogs,
      checkpointKeys,
    });
    const functions = createFunctions(this, { config, atRestKey });

    ledger.grantAppendDenials(functions.authorizer);
    // The two that make calls: the client's, and the approved one of a client that took a task.
    for (const caller of [functions.mcp, functions.worker]) {
      ledger.grantAppend(caller);
      ledger.grantStoreBodies(caller);
      ledger.grantWrapContentKeys(caller);
      sessions.grantUse(caller);
      upstreams.grantReadCredentials(caller);
      masking.grantDetect(caller);
    }
    strictTier.grantIntend(functions.mcp, functions.worker);
    strictTier.grantRegister(functions.sealer);
    approvals.grantRequest(functions.mcp);
    approvals.grantRun(functions.worker);
    approvals.grantTell(functions.notifier);
    ledger.grantAppend(functions.notifier);
    channels.grantSend(functions.notifier);
    approvals.grantDecide(functions.console);
    ledger.grantAppend(functions.console);
    ledger.grantWrapContentKeys(functions.console);
    console_.grantSignIn(functions.console);
    if (config.console.replay !== null) {
      ledger.grantReadSessions(functions.console);
      sessions.grantList(functions.console);
    }
    const { opener } = functions;
    if (opener !== undefined) {
      ledger.grantOpenContent(opener);
      console_.grantRecognise(opener);
    }
    const { notifier, worker } = functions;
    const waits = new ApprovalWaits(this, 'ApprovalWaits', { atRestKey, notifier, worker });
    waits.grantStart(functions.mcp);
    waits.grantEnd(functions.mcp, functions.notifier, functions.console);
    sealing.grantSeal(functions.sealer);
    keeping.grantKeep(functions.keeper);
    watching.grantWatch(functions.watcher);
    reconciliation.grantReconcile(functions.reconciler);
    sealing.grantAskWitnesses(functions.sealer, config.log.witnesses);

    const { responseTransfer } = config.endpoint;
    const { authorizer, mcp } = functions;
    const routed = {
      ...{ authorizer, mcp, 'well-known': functions['well-known'], console: functions.console },
      ...(opener === undefined ? {} : { opener }),
    };
    for (const fn of [...Object.values(routed), notifier, worker]) fn.setEnv(ENV.publicUrl, endpoint.publicUrl);
    functions.mcp.setEnv(ENV.responseTransfer, responseTransfer);
    endpoint.route(routed);

    const tables = { Ledger: ledger.table, Sessions: sessions.table, Approvals: approvals.table };
    const { api } = endpoint;
    const { unjudged } = watching;
    const { origin } = config.log;
    const { machine } = waits;
    const watched = { api, machine, functions, tables, unjudged, origin, responseTransfer };
    const alarms = new Alarms(this, 'Alarms', { atRestKey, ...watched });

    // Stable names: the `countersign` command and the deploy tests read them.
    this.output('PublicUrl', endpoint.publicUrl);
    this.output('McpUrl', `${resourceUrl(endpoint.publicUrl)}/{server}`);
    this.output('LedgerTable', ledger.table.tableName);
    this.output('SessionsTable', sessions.table.tableName);
    this.output('ApprovalsTable', approvals.table.tableName);
    this.output('EvidenceBucket', ledger.evidence.bucketName);
    this.output('TilesBucket', sealing.tiles.bucketName);
    this.output('CopiesBucket', ledger.copies.bucketName);
    this.output('ContentKeyId', ledger.contentKey.keyId);
    this.output('HeldKeyId', approvals.heldKey.keyId);
    this.output('CheckpointKeyId', sealing.checkpointKey.keyArn);
    this.output('IntentKeyId', strictTier.intentKey.keyArn);
    this.output('CheckpointKeyIds', sealing.checkpointKeys.map(({ keyArn }) => keyArn).join(','));
    this.output('AccessLogGroup', accessLogs.logGroupName);
    this.output('LogOrigin', config.log.origin);
    this.output('HoldRoleArn', records.holdRole.roleArn);
    this.output('RecordsPolicyArn', records.policy.managedPolicyArn);
    // A policy for `countersign verify`: what this stack's witnesses are. Verifier keys are public.
    this.output('LogWitnesses', JSON.stringify(config.log.witnesses.map(({ vkey, url }) => ({ vkey, url }))));
    this.output('SealerRoleArn', functions.sealer.role?.roleArn ?? '');
    this.output('ConfigDigest', configDigest(config));
    this.output('ApprovalMachine', waits.machine.stateMachineArn);
    this.output('McpRoleArn', functions.mcp.role?.roleArn ?? '');
    this.output('WorkerRoleArn', worker.role?.roleArn ?? '');
    this.output('AlarmTopic', alarms.topic.topicArn);
    if (endpoint.domainTarget !== undefined) this.output('DomainTarget', endpoint.domainTarget);
  }

  private output(id: string, value: string): void {
    new CfnOutput(this, id, { value });
  }
}

const createFunctions = (
  scope: Construct,
  shared: { readonly config: GatewayConfig; readonly atRestKey: AtRestKey },
): HouseFunctions => ({
  authorizer: new HouseFunction(scope, 'Authorizer', {
    ...shared,
    name: 'authorizer',
    description: 'Countersign: verifies the access token of each request and records refusals',
    // API Gateway gives an authorizer 30 s; ours answers in milliseconds or fails closed.
    timeout: Duration.seconds(20),
  }),
  mcp: new HouseFunction(scope, 'Mcp', {
    ...shared,
    name: 'mcp',
    description: 'Countersign: decides, records, forwards and records each MCP message',
    timeout: ANSWER_WITHIN[shared.config.endpoint.responseTransfer],
    memoryMegabytes: ONE_CPU_MEGABYTES,
    decidesPolicy: true,
  }),
  'well-known': new HouseFunction(scope, 'WellKnown', {
    ...shared,
    name: 'well-known',
    description: 'Countersign: RFC 9728 protected resource metadata',
    timeout: Duration.seconds(5),
    memoryMegabytes: 256,
  }),
  console: new HouseFunction(scope, 'ConsoleFunction', {
    ...shared,
    name: 'console',
    description: 'Countersign: pages on which people decide about held calls',
    timeout: Duration.seconds(29),
    memoryMegabytes: 1024,
  }),
  // Without readers of the original nothing of the stack can open it.
  ...((shared.config.console.replay?.raw ?? null) === null
    ? {}
    : {
        opener: new HouseFunction(scope, 'Opener', {
          ...shared,
          name: 'opener',
          description: 'Countersign: opens one recorded exchange for a person who may see it, on record',
          timeout: Duration.seconds(29),
          memoryMegabytes: 1024,
        }),
      }),
  notifier: new HouseFunction(scope, 'Notifier', {
    ...shared,
    name: 'notifier',
    description: 'Countersign: tells people of held calls, and keeps their time',
    timeout: Duration.minutes(1),
  }),
  worker: new HouseFunction(scope, 'Worker', {
    ...shared,
    name: 'worker',
    description: 'Countersign: makes the approved call of a client that took a task',
    timeout: Duration.minutes(15),
    memoryMegabytes: ONE_CPU_MEGABYTES,
    decidesPolicy: true,
  }),
  sealer: new HouseFunction(scope, 'Sealer', {
    ...shared,
    name: 'sealer',
    description: 'Countersign: seals the ledger into the locked bucket and signs checkpoints',
    timeout: Duration.minutes(2),
    memoryMegabytes: 1024,
    // One at a time keeps segments large; two would still write one history.
    reservedConcurrency: 1,
  }),
  keeper: new HouseFunction(scope, 'Keeper', {
    ...shared,
    name: 'keeper',
    description: 'Countersign: ends sessions that are over and records what their calls left open',
    timeout: Duration.minutes(2),
    // Two at once would do the same work twice, and no harm.
    reservedConcurrency: 1,
  }),
  watcher: new HouseFunction(scope, 'Watcher', {
    ...shared,
    name: 'watcher',
    description: 'Countersign: records changes of the ledger table that neither the sealer nor time to live made',
    timeout: Duration.minutes(1),
  }),
  reconciler: new HouseFunction(scope, 'Reconciler', {
    ...shared,
    name: 'reconciler',
    description: 'Countersign: compares each day with the logs of API Gateway and CloudTrail',
    timeout: Duration.minutes(15),
    // The ids of ten million requests, and a segment.
    memoryMegabytes: 1024,
    // Two would do the same work, and ask CloudTrail twice.
    reservedConcurrency: 1,
  }),
});
