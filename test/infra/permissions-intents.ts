// What a security reviewer wants to hear, each checked on the synthesised template.

import type { Template } from 'aws-cdk-lib/assertions';
import { textOf } from './permissions-words.ts';
import { actionsOf, listOf, resources, type Statement, statementsIn, statementsOfRole } from './support.ts';

export interface Intent {
  readonly claim: string;
  readonly holds: (template: Template) => boolean;
}

const ROUTED_ROLES = ['McpRole', 'AuthorizerRole', 'WellKnownRole'] as const;
/** Roles that sign nothing. */
const OTHER_ROLES = [
  ...(['AuthorizerRole', 'WellKnownRole', 'KeeperRole', 'WatcherRole', 'ReconcilerRole'] as const),
  ...(['NotifierRole', 'ConsoleFunctionRole', 'OpenerRole'] as const),
] as const;
const FUNCTION_ROLES = [...OTHER_ROLES, 'McpRole', 'WorkerRole', 'SealerRole'] as const;

/** Whether any of the actions is granted, `*` and `?` in a grant standing for anything, as IAM reads them. */
const grants = (statements: readonly Statement[], actions: readonly string[]): boolean => {
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  // What is not named cannot be compared: `NotAction` and `NotResource` grant nearly everything.
  if (allowed.some((statement) => 'NotAction' in statement || 'NotResource' in statement)) return true;
  const patterns = actionsOf(allowed).map(
    (granted) => new RegExp(`^${granted.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i'),
  );
  return actions.some((action) => patterns.some((pattern) => pattern.test(action)));
};

const DELETING = [
  ...['dynamodb:DeleteItem', 'dynamodb:BatchWriteItem', 'dynamodb:PartiQLDelete', 'dynamodb:DeleteTable'],
  ...['dynamodb:UpdateTimeToLive', 'dynamodb:UpdateTable', 's3:DeleteObject', 's3:DeleteObjectVersion'],
  ...['s3:DeleteBucket', 's3:PutLifecycleConfiguration', 's3:BypassGovernanceRetention', 'kms:ScheduleKeyDeletion'],
];
const READING = [
  ...['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:PartiQLSelect'],
  ...['dynamodb:GetRecords', 'dynamodb:ExportTableToPointInTime', 'dynamodb:CreateBackup'],
  ...['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:ListBucketVersions', 's3:RestoreObject'],
];
const LISTING = [
  ...['dynamodb:Query', 'dynamodb:Scan', 'dynamodb:PartiQLSelect', 'dynamodb:ListTables', 's3:ListBucket'],
  ...['secretsmanager:ListSecrets', 'kms:ListKeys', 'logs:FilterLogEvents', 'logs:GetLogEvents'],
];
const PERMISSIONS = [
  ...['iam:PassRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'sts:AssumeRole', 'kms:PutKeyPolicy'],
  ...['kms:CreateGrant', 's3:PutBucketPolicy', 'dynamodb:PutResourcePolicy', 'sns:AddPermission'],
  ...['lambda:InvokeFunction', 'lambda:UpdateFunctionCode', 'lambda:AddPermission', 'cloudformation:UpdateStack'],
  ...['secretsmanager:PutResourcePolicy', 'secretsmanager:PutSecretValue'],
];
const KEY_USES = ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey', 'kms:Sign'];
const ELSEWHERE = ['s3:PutObject', 's3:GetObject', 'secretsmanager:GetSecretValue'];

const on = (statements: readonly Statement[], resource: string): readonly Statement[] =>
  statements.filter(({ Resource }) =>
    listOf(Resource).some((one) => /^\*$/.test(textOf(one)) || textOf(one).startsWith(resource)),
  );

const everyRole = (template: Template, holds: (statements: readonly Statement[]) => boolean): boolean =>
  FUNCTION_ROLES.every((role) => holds(statementsOfRole(template, role)));

const policyOf = (template: Template, bucket: string): readonly Statement[] =>
  resources(template, 'AWS::S3::BucketPolicy')
    .filter(({ Properties }) => textOf(Properties['Bucket']) === bucket)
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));

const evidencePolicy = (template: Template): readonly Statement[] => policyOf(template, 'the evidence bucket');

const denied = (template: Template, action: string, bucket: string): boolean =>
  policyOf(template, bucket).some(
    ({ Effect, Action, Principal, Condition }) =>
      Effect === 'Deny' &&
      listOf(Action).includes(action) &&
      JSON.stringify(Principal) === '{"AWS":"*"}' &&
      Condition === undefined,
  );

const LEDGER = 'the ledger table';
const BUCKET = 'the evidence bucket';
const CONTENT_KEY = 'the content key';
const CHECKPOINT_KEY = 'the checkpoint key';
const INTENT_KEY = 'the intent key';
const HELD_KEY = 'the held-call key';

/** A read of one item at a time that the leading key keeps within one partition. */
const readsOnly = ({ Action, Condition }: Statement, partition: string): boolean =>
  Action === 'dynamodb:GetItem' &&
  listOf(Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys']).every((key) => key === partition) &&
  Condition?.['Null']?.['dynamodb:LeadingKeys'] === 'false';

const writesEntriesOnly = ({ Condition }: Statement): boolean =>
  Condition?.['Null']?.['dynamodb:LeadingKeys'] === 'false' &&
  listOf(Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']).every((prefix) =>
    ['session#*', 'approval#*', 'day#*'].includes(String(prefix)),
  );

/** The opener writes entries of days and reads those of sessions; it neither encrypts nor stores. */
const opensOnRecord = (template: Template): boolean => {
  const own = statementsOfRole(template, 'OpenerRole');
  const onLedger = own.filter(({ Resource }) => listOf(Resource).some((one) => textOf(one).startsWith(LEDGER)));
  const leading = ({ Condition }: Statement) =>
    textOf(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']);
  const puts = onLedger.filter(({ Action }) => listOf(Action).includes('dynamodb:PutItem'));
  const reads = onLedger.filter(({ Action }) => !listOf(Action).includes('dynamodb:PutItem'));
  return (
    puts.length === 1 &&
    puts.every((statement) => leading(statement) === 'day#*') &&
    reads.every(
      (statement) => actionsOf([statement]).join() === 'dynamodb:Query' && leading(statement) === 'session#*',
    ) &&
    !grants(own, ['s3:PutObject', 's3:PutObjectRetention', 'dynamodb:UpdateItem', 'kms:Sign']) &&
    !grants(on(own, CONTENT_KEY), ['kms:GenerateDataKey', 'kms:Encrypt'])
  );
};

export const INTENTS: readonly Intent[] = [
  {
    claim:
      'The mcp function cannot delete evidence: it has no delete action on the ledger table or the evidence bucket.',
    holds: (template) => !grants(statementsOfRole(template, 'McpRole'), DELETING),
  },
  {
    claim:
      'The mcp function cannot read evidence back: of the ledger table it may read how far the log is sealed, and of the evidence bucket nothing.',
    holds: (template) => {
      const own = statementsOfRole(template, 'McpRole');
      const evidence = [...on(own, LEDGER), ...on(own, BUCKET)];
      const open = evidence.filter((statement) => !readsOnly(statement, 'sealer'));
      return open.length > 0 && open.length < evidence.length && !grants(open, READING);
    },
  },
  {
    claim:
      'The mcp function cannot decrypt what it recorded: on the content key it may make data keys and nothing else.',
    holds: (template) => {
      const uses = on(statementsOfRole(template, 'McpRole'), CONTENT_KEY);
      return grants(uses, ['kms:GenerateDataKey']) && !grants(uses, [...KEY_USES, ...PERMISSIONS]);
    },
  },
  {
    claim:
      'Nobody may delete from the evidence bucket or the copies bucket: their policies deny it to every principal, without exception.',
    holds: (template) =>
      ['the evidence bucket', 'the copies bucket'].every((bucket) =>
        ['s3:DeleteObject*', 's3:BypassGovernanceRetention'].every((action) => denied(template, action, bucket)),
      ),
  },
  {
    claim: 'No function may delete anything, and none that an MCP client can reach may scan, query or list.',
    holds: (template) =>
      everyRole(template, (own) => !grants(own, DELETING)) &&
      ROUTED_ROLES.every((role) => !grants(statementsOfRole(template, role), LISTING)),
  },
  {
    claim:
      'Each signing key has its users: the sealer signs with the checkpoint key, the two functions that make calls (mcp and worker) with the intent key, which its policy refuses to everyone else. Neither the content key nor a secret is open to the sealer.',
    holds: (template) => {
      const [sealer, mcp] = [statementsOfRole(template, 'SealerRole'), statementsOfRole(template, 'McpRole')];
      const signs = (own: readonly Statement[], key: string) => grants(on(own, key), ['kms:Sign']);
      const worker = statementsOfRole(template, 'WorkerRole');
      const one =
        signs(sealer, CHECKPOINT_KEY) &&
        !signs(sealer, INTENT_KEY) &&
        signs(mcp, INTENT_KEY) &&
        signs(worker, INTENT_KEY) &&
        !signs(worker, CHECKPOINT_KEY);
      const others =
        signs(mcp, CHECKPOINT_KEY) ||
        OTHER_ROLES.some((role) => grants(statementsOfRole(template, role), ['kms:Sign']));
      const refused = resources(template, 'AWS::KMS::Key')
        .flatMap(({ Properties }) => statementsIn(Properties['KeyPolicy']))
        .some(
          ({ Effect, Action, Condition }) =>
            Effect === 'Deny' &&
            Action === 'kms:Sign' &&
            /McpRole.*WorkerRole/.test(JSON.stringify(Condition?.['ArnNotEquals'] ?? '')),
        );
      const secrets =
        grants(sealer, ['secretsmanager:GetSecretValue']) ||
        sealer.some(({ Resource }) => textOf(Resource) === CONTENT_KEY);
      return one && !others && refused && !secrets;
    },
  },
  {
    claim: 'Only the sealer may write below the prefixes of the log: the bucket’s policy denies it to everyone else.',
    holds: (template) =>
      evidencePolicy(template).some(
        ({ Effect, Action, Condition }) =>
          Effect === 'Deny' &&
          Action === 's3:PutObject' &&
          /SealerRole/.test(JSON.stringify(Condition?.['ArnNotEquals'] ?? '')),
      ),
  },
  {
    claim:
      'The keeper may add entries and read them, and look after sessions: it reaches no bucket, no key but the at-rest key by way of DynamoDB, and no secret.',
    holds: (template) => {
      const keeper = statementsOfRole(template, 'KeeperRole');
      const elsewhere = [
        's3:PutObject',
        's3:GetObject',
        'secretsmanager:GetSecretValue',
        'kms:Sign',
        'kms:GetPublicKey',
      ];
      const content = keeper.some(({ Resource }) => textOf(Resource) === CONTENT_KEY);
      const overwrites = grants(on(keeper, LEDGER), ['dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
      return !grants(keeper, elsewhere) && !content && !overwrites;
    },
  },
  {
    claim:
      'Only the two functions that make calls may add signed intents: the bucket’s policy denies it to everyone else.',
    holds: (template) =>
      evidencePolicy(template).some(
        ({ Effect, Action, Resource, Condition }) =>
          Effect === 'Deny' &&
          Action === 's3:PutObject' &&
          /intent\/\*/.test(JSON.stringify(Resource)) &&
          /McpRole.*WorkerRole/.test(JSON.stringify(Condition?.['ArnNotEquals'] ?? '')),
      ),
  },
  {
    claim:
      'A call that is held opens to whoever shows it or runs it, the console and the worker: the mcp function, which holds it, can open answers of approved calls only.',
    holds: (template) => {
      const decrypts = (role: string) =>
        on(statementsOfRole(template, role), HELD_KEY).filter((one) => grants([one], ['kms:Decrypt']));
      const uses = (role: string) =>
        decrypts(role).map(({ Condition }) => textOf(Condition?.['StringEquals']?.['kms:EncryptionContext:use']));
      const others = FUNCTION_ROLES.filter((role) => decrypts(role).length > 0);
      return (
        others.toSorted().join() === 'ConsoleFunctionRole,McpRole,WorkerRole' &&
        uses('McpRole').join() === 'answer' &&
        uses('ConsoleFunctionRole').join() === 'call' &&
        uses('WorkerRole').join() === 'call'
      );
    },
  },
  {
    claim:
      'The notifier, which sends mail and posts to Slack, opens no call: it may use neither the held-call key nor the content key.',
    holds: (template) => {
      const own = statementsOfRole(template, 'NotifierRole');
      const keys = [...on(own, HELD_KEY), ...on(own, CONTENT_KEY)];
      return !grants(keys, [...KEY_USES, 'kms:GenerateDataKey']) && grants(own, ['ses:SendEmail']);
    },
  },
  {
    claim:
      'The watcher cannot change what it watches: it may write to partitions of its own only, and read segments of the log.',
    holds: (template) => {
      const own = statementsOfRole(template, 'WatcherRole');
      const writes = on(own, LEDGER).filter(({ Action }) => listOf(Action).includes('dynamodb:PutItem'));
      const bounded = writes.every(
        ({ Condition }) =>
          textOf(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']) === 'tamper#*' &&
          Condition?.['Null']?.['dynamodb:LeadingKeys'] === 'false',
      );
      const others = ['dynamodb:UpdateItem', 'dynamodb:GetItem', 'dynamodb:Query', 's3:PutObject', 'kms:Sign'];
      return writes.length === 1 && bounded && !grants(own, others);
    },
  },
  {
    claim:
      'Who records calls writes entries and nothing else of the ledger table: the sealer’s notes of how far it is, and legal holds, are out of reach.',
    holds: (template) =>
      [
        'McpRole',
        'WorkerRole',
        'AuthorizerRole',
        'ConsoleFunctionRole',
        'NotifierRole',
        'KeeperRole',
        'OpenerRole',
      ].every((role) => {
        const puts = on(statementsOfRole(template, role), LEDGER).filter(({ Action }) =>
          listOf(Action).some((action) => /^dynamodb:(?:PutItem|\*)$/.test(String(action))),
        );
        return puts.length > 0 && puts.every(writesEntriesOnly);
      }),
  },
  {
    claim:
      'The reconciler reads what it compares and writes one entry a day: no other item, no object, no line of the access log.',
    holds: (template) => {
      const own = statementsOfRole(template, 'ReconcilerRole');
      const items = on(own, LEDGER).filter(({ Action }) => listOf(Action).some((one) => one.startsWith('dynamodb:')));
      const bounded = items.every(
        ({ Condition }) =>
          textOf(Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys']) === 'reconciled' &&
          Condition?.['Null']?.['dynamodb:LeadingKeys'] === 'false',
      );
      const writesLog = grants(on(own, 'the access log of API Gateway'), ['logs:PutLogEvents', 'logs:DeleteLogStream']);
      return items.length > 0 && bounded && !writesLog && !grants(own, ['s3:PutObject', 'kms:Sign']);
    },
  },
  {
    claim: 'No function may change permissions: no IAM, STS, key policy, bucket policy, grant or Lambda action.',
    holds: (template) => everyRole(template, (own) => !grants(own, PERMISSIONS)),
  },
  {
    claim: 'The authorizer and the well-known function may not use the content key, a secret or the evidence bucket.',
    holds: (template) =>
      ['AuthorizerRole', 'WellKnownRole'].every((role) => {
        const own = statementsOfRole(template, role);
        return !grants(own, ELSEWHERE) && !own.some(({ Resource }) => textOf(Resource) === CONTENT_KEY);
      }),
  },
  {
    claim:
      'The at-rest key opens through DynamoDB, S3 or Secrets Manager only: no function can decrypt with it directly.',
    holds: (template) =>
      everyRole(template, (own) =>
        own
          .filter(({ Resource }) => textOf(Resource) === 'the at-rest key')
          .every(({ Condition }) =>
            /^(dynamodb|s3|secretsmanager)\./.test(textOf(Condition?.['StringEquals']?.['kms:ViaService'] ?? '')),
          ),
      ),
  },
  {
    claim: 'Alarms reach the operators: the alarm topic and its key admit CloudWatch of this account.',
    holds: (template) => {
      const documents = [
        ...resources(template, 'AWS::SNS::TopicPolicy').map(({ Properties }) => Properties['PolicyDocument']),
        ...resources(template, 'AWS::KMS::Key').map(({ Properties }) => Properties['KeyPolicy']),
      ];
      const admitted = documents
        .flatMap(statementsIn)
        .filter(({ Principal }) => JSON.stringify(Principal) === '{"Service":"cloudwatch.amazonaws.com"}');
      return (
        grants(admitted, ['sns:Publish']) &&
        grants(admitted, ['kms:GenerateDataKey']) &&
        grants(admitted, ['kms:Decrypt'])
      );
    },
  },
  {
    claim:
      'Recorded content opens to no function but the opener, which is there only where the configuration says who may have content opened. It reads and writes nothing but entries, bodies and the secret of cookies, and no entry of a session. The one policy with Decrypt on the content key is attached to no one, and lets its holder write no entry of a session.',
    holds: (template) => {
      const [policy, ...others] = resources(template, 'AWS::IAM::ManagedPolicy');
      const people = statementsIn(policy?.Properties['PolicyDocument'] ?? { Statement: [] });
      const attached = ['Roles', 'Users', 'Groups'].some((name) => policy?.Properties[name] !== undefined);
      const puts = people.filter(({ Action }) => listOf(Action).includes('dynamodb:PutItem'));
      const keys = puts.map(({ Condition }) =>
        textOf(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']),
      );
      const nobody = FUNCTION_ROLES.filter((role) => role !== 'OpenerRole').every(
        (role) => !grants(on(statementsOfRole(template, role), CONTENT_KEY), ['kms:Decrypt']),
      );
      return others.length === 0 && !attached && nobody && keys.join() === 'day#*' && opensOnRecord(template);
    },
  },
  {
    claim:
      'Only API Gateway may invoke the functions by resource policy, and only for this API; sealer, keeper and reconciler, their schedules.',
    holds: (template) =>
      resources(template, 'AWS::Lambda::Permission').every(({ Properties }) => {
        const source = textOf(Properties['SourceArn']);
        const fromApi = Properties['Principal'] === 'apigateway.amazonaws.com' && source.includes(':the API/');
        const onSchedule = ['the sealer function', 'the keeper function', 'the reconciler function'];
        const scheduled = onSchedule.includes(textOf(Properties['FunctionName']));
        return scheduled ? Properties['Principal'] === 'events.amazonaws.com' && source === 'its schedule' : fromApi;
      }),
  },
];
