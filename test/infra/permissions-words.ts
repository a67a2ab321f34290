// IAM statements in words. An action, resource or condition that has no words here stops the generator: whoever grants
// something new says what it means.

import { listOf, type Statement } from './support.ts';

/** What each action allows, to a reader who does not know it by heart. */
const ACTIONS: Readonly<Record<string, string>> = {
  'cloudtrail:LookupEvents': 'look up management events',
  'dynamodb:BatchGetItem': 'read items by their keys',
  'dynamodb:DescribeStream': 'see the stream',
  'dynamodb:GetItem': 'read one item by its key',
  'dynamodb:GetRecords': 'read the stream',
  'dynamodb:GetShardIterator': 'follow the stream',
  'dynamodb:ListStreams': 'find the stream',
  'dynamodb:PutItem': 'write one item',
  'dynamodb:Query': 'list',
  'dynamodb:Scan': 'read the whole table',
  'dynamodb:UpdateItem': 'change one item by its key',
  'kms:*': 'everything, as far as IAM policies of the account allow it',
  'kms:CreateGrant': 'let a service use the key',
  'kms:Decrypt': 'decrypt',
  'kms:DescribeKey': 'read the key’s description',
  'kms:Encrypt': 'encrypt',
  'kms:GetPublicKey': 'read the public key',
  'kms:GenerateDataKey': 'make a data key',
  'kms:GenerateDataKey*': 'make a data key',
  'kms:ReEncrypt*': 're-encrypt',
  'kms:ReEncryptFrom': 're-encrypt from this key',
  'kms:ReEncryptTo': 're-encrypt to this key',
  'kms:Sign': 'sign',
  'lambda:InvokeFunction': 'invoke',
  'logs:CreateLogStream': 'open a log stream',
  'logs:FilterLogEvents': 'read log lines',
  'logs:PutLogEvents': 'write log lines',
  'logs:CreateLogDelivery': 'set up log delivery',
  'logs:DeleteLogDelivery': 'end log delivery',
  'logs:DescribeLogGroups': 'see log groups',
  'logs:DescribeResourcePolicies': 'see policies of log groups',
  'logs:GetLogDelivery': 'see log delivery',
  'logs:ListLogDeliveries': 'list log deliveries',
  'logs:PutResourcePolicy': 'let services write log groups',
  'logs:UpdateLogDelivery': 'change log delivery',
  's3:*': 'everything',
  's3:BypassGovernanceRetention': 'bypass a GOVERNANCE lock',
  's3:DeleteBucket': 'delete the bucket',
  's3:DeleteBucketPolicy': 'remove this policy',
  's3:DeleteObject*': 'delete an object or a version',
  's3:GetObject': 'read an object',
  's3:GetObjectLegalHold': 'see whether an object is under legal hold',
  's3:ListBucket': 'list names',
  's3:PutBucketAcl': 'change the access list of the bucket',
  's3:PutBucketLogging': 'change the access log',
  's3:PutBucketNotification': 'send events elsewhere',
  's3:PutBucketObjectLockConfiguration': 'change the default lock',
  's3:PutBucketOwnershipControls': 'bring access lists back',
  's3:PutBucketPolicy': 'change this policy',
  's3:PutBucketPublicAccessBlock': 'open the bucket to the public',
  's3:PutBucketVersioning': 'suspend versioning',
  's3:PutEncryptionConfiguration': 'change the encryption',
  's3:PutLifecycleConfiguration': 'add expiry rules',
  's3:PutObject': 'write an object',
  's3:PutObjectAcl': 'change the access list of an object',
  's3:PutObjectLegalHold': 'place or release a legal hold',
  's3:PutObjectRetention': 'change the lock of an object',
  's3:PutObjectTagging': 'tag an object',
  's3:PutObjectVersionAcl': 'change the access list of a version',
  's3:PutObjectVersionTagging': 'tag a version',
  's3:PutReplicationConfiguration': 'change replication',
  's3:ReplicateDelete': 'delete by replication',
  's3:ReplicateObject': 'write by replication',
  's3:ReplicateTags': 'tag by replication',
  'secretsmanager:GetSecretValue': 'read the secret',
  'ses:SendEmail': 'send mail',
  'sns:Publish': 'publish',
  'sqs:*': 'everything',
  'sqs:SendMessage': 'send a message',
  'states:SendTaskSuccess': 'end a wait',
  'states:StartExecution': 'start a wait',
  'sts:AssumeRole': 'act under this role',
  'xray:GetSamplingRules': 'read sampling rules',
  'xray:GetSamplingTargets': 'read sampling targets',
  'xray:PutTelemetryRecords': 'send trace telemetry',
  'xray:PutTraceSegments': 'send traces',
};

/** Logical ids, by their beginning, to what a person calls them; the longest match wins. */
const RESOURCES: Readonly<Record<string, string>> = {
  AlarmsTopic: 'the alarm topic',
  ApprovalsHeldKey: 'the held-call key',
  ApprovalsTable: 'the approvals table',
  ApprovalWaitsLogs: 'its own log group',
  ApprovalWaitsMachine: 'the approval machine',
  AtRestKey: 'the at-rest key',
  AuthorizerLogs: 'its own log group',
  Authorizer: 'the authorizer function',
  ConsoleCookieSecret: 'the secret of the console’s cookies',
  ConsoleFunction: 'the console function',
  ConsoleFunctionLogs: 'its own log group',
  EndpointAccessLogs: 'the access log of API Gateway',
  EndpointApi: 'the API',
  EndpointApiDeploymentStage: 'its stage',
  EndpointAuthorizer: 'its authorizer',
  KeepingSchedule: 'its schedule',
  KeeperLogs: 'its own log group',
  Keeper: 'the keeper function',
  LedgerContentKey: 'the content key',
  LedgerCopies: 'the copies bucket',
  LedgerEvidence: 'the evidence bucket',
  LedgerEvidenceAccessLogs: 'the access log bucket',
  LedgerTable: 'the ledger table',
  McpLogs: 'its own log group',
  Mcp: 'the mcp function',
  Notifier: 'the notifier function',
  NotifierLogs: 'its own log group',
  Opener: 'the opener function',
  OpenerLogs: 'its own log group',
  ReconcilerLogs: 'its own log group',
  Reconciler: 'the reconciler function',
  ReconciliationSchedule: 'its schedule',
  RecordsHoldRole: 'the records officer’s role',
  SealerLogs: 'its own log group',
  Sealer: 'the sealer function',
  SealingCheckpointKey: 'the checkpoint key',
  SealingSchedule: 'its schedule',
  SealingTiles: 'the tiles bucket',
  SealingTilesAccessLogs: 'the access log bucket of the tiles',
  StrictTierIntentKey: 'the intent key',
  SessionsTable: 'the sessions table',
  WatcherLogs: 'its own log group',
  Watcher: 'the watcher function',
  WatchingUnjudged: 'the queue of changes given up',
  Worker: 'the worker function',
  WorkerLogs: 'its own log group',
  WellKnownLogs: 'its own log group',
  WellKnown: 'the well-known function',
};

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '<account>',
  'AWS::Partition': 'aws',
  'AWS::Region': '<region>',
  'AWS::URLSuffix': 'amazonaws.com',
};

const lookUp = (words: Readonly<Record<string, string>>, key: string, what: string): string => {
  const found = words[key];
  if (found === undefined) throw new Error(`say in words what the ${what} ${key} is, in permissions-words.ts`);
  return found;
};

const nameOf = (logicalId: string): string => {
  const prefixes = Object.keys(RESOURCES).filter((prefix) => logicalId.startsWith(prefix));
  const longest = prefixes.toSorted((a, b) => b.length - a.length)[0] ?? logicalId;
  return lookUp(RESOURCES, longest, 'resource');
};

type Intrinsic = { readonly [name: string]: unknown };

/** A value of a template, intrinsic functions resolved into names. */
export const textOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  const intrinsic = value as Intrinsic;
  if ('Ref' in intrinsic) return PSEUDO[String(intrinsic['Ref'])] ?? nameOf(String(intrinsic['Ref']));
  if ('Fn::GetAtt' in intrinsic) return nameOf((intrinsic['Fn::GetAtt'] as readonly string[])[0] ?? '');
  if ('Fn::Join' in intrinsic) return (intrinsic['Fn::Join'] as [string, readonly unknown[]])[1].map(textOf).join('');
  if ('Fn::Sub' in intrinsic) {
    return String(intrinsic['Fn::Sub']).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => textOf({ Ref: name }));
  }
  throw new Error(`no words for ${JSON.stringify(value)}`);
};

export const actionsInWords = ({ Action }: Statement): string =>
  listOf(Action)
    .map((action) => lookUp(ACTIONS, action, 'action'))
    .filter((words, index, all) => all.indexOf(words) === index)
    .join(', ');

export const actionNames = ({ Action }: Statement): string =>
  listOf(Action)
    .map((action) => `\`${action}\``)
    .join(' ');

const SUFFIXES: Readonly<Record<string, string>> = {
  '/*': 'every object in',
  '/body/*': 'objects below `body/` in',
  '/bodies/*': 'objects below `bodies/` in',
  '/ckpt/*': 'objects below `ckpt/` in',
  '/intent/*': 'objects below `intent/` in',
  '/manifest/*': 'objects below `manifest/` in',
  '/keys/*': 'objects below `keys/` in',
  '/cosig/*': 'objects below `cosig/` in',
  '/seg/*': 'objects below `seg/` in',
};

export const resourceInWords = (resource: unknown): string => {
  const text = textOf(resource);
  if (text === '*') return 'every resource (`*`)';
  const longest = Object.keys(SUFFIXES)
    .filter((ending) => text.endsWith(ending) && text.startsWith('the '))
    .sort((a, b) => b.length - a.length)[0];
  const secret = /:secret:(.+)-\?{6}$/.exec(text)?.[1];
  if (secret !== undefined) return `the secret \`${secret}\``;
  // `/body/*` also ends with `/*`: the longer one says more.
  return longest === undefined ? text : `${SUFFIXES[longest]} ${text.slice(0, -longest.length)}`;
};

const OPERATORS: Readonly<Record<string, (key: string, value: string) => string>> = {
  ArnLike: (key, value) => `\`${key}\` is like \`${value}\``,
  ArnNotEquals: (key, value) => `\`${key}\` is not \`${value}\``,
  Bool: (key, value) => `\`${key}\` is ${value}`,
  'ForAllValues:StringEquals': (key, value) => `\`${key}\` holds nothing but ${value}`,
  'ForAllValues:StringLike': (key, value) => `\`${key}\` holds nothing but \`${value}\``,
  Null: (key, value) => `\`${key}\` is ${value === 'true' ? 'absent' : 'present'}`,
  NumericGreaterThan: (key, value) => `\`${key}\` is above ${value}`,
  NumericLessThan: (key, value) => `\`${key}\` is below ${value}`,
  StringEquals: (key, value) => `\`${key}\` is \`${value}\``,
  StringLike: (key, value) => `\`${key}\` is like \`${value}\``,
  StringNotEquals: (key, value) => `\`${key}\` is not \`${value}\``,
};

export const conditionInWords = ({ Condition = {} }: Statement): string => {
  const parts = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => {
      const say = OPERATORS[operator];
      if (say === undefined) throw new Error(`no words for the condition operator ${operator}`);
      return say(key, textOf(value));
    }),
  );
  return parts.length === 0 ? '–' : parts.join(' and ');
};

export const principalInWords = (principal: unknown): string => {
  if (principal === '*') return 'anyone';
  const entries = Object.entries((principal ?? {}) as Readonly<Record<string, unknown>>);
  const named = entries.map(([, value]) => textOf(value));
  return named.map((name) => (name === '*' ? 'anyone' : `\`${name}\``)).join(', ');
};
