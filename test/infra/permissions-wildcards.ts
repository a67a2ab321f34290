// Every `*` that is granted anywhere in the template, and why there is no narrower way.

import type { Template } from 'aws-cdk-lib/assertions';
import { listOf, resources, type Statement, statementsIn } from './support.ts';

export const WILDCARDS: Readonly<Record<string, string>> = {
  'xray:PutTelemetryRecords,xray:PutTraceSegments on *': 'X-Ray has no resources to name',
  'cloudtrail:LookupEvents,xray:PutTelemetryRecords,xray:PutTraceSegments on *':
    'the reconciler: neither CloudTrail’s event history nor X-Ray has resources to name',
  'logs:CreateLogDelivery,logs:DeleteLogDelivery,logs:DescribeLogGroups,logs:DescribeResourcePolicies,logs:GetLogDelivery,logs:ListLogDeliveries,logs:PutResourcePolicy,logs:UpdateLogDelivery,xray:GetSamplingRules,xray:GetSamplingTargets,xray:PutTelemetryRecords,xray:PutTraceSegments on *':
    'the approval machine: neither log delivery nor X-Ray has resources to name',
  's3:PutObject on arn/body/*,arn/intent/*': 'bodies are named by their hash, signed intents by their call; write-only',
  's3:GetObject,s3:PutObject on arn/bodies/*,arn/ckpt/*,arn/cosig/*,arn/keys/*,arn/manifest/*,arn/seg/*':
    'the sealer: objects of the log are numbered',
  's3:GetObject on arn/body/*': 'the opener: large bodies, which are ciphertext, under names made of their hash',
  's3:GetObject on arn/seg/*': 'the watcher: looks up what the sealer says it sealed; no content',
  's3:GetObject,s3:PutObject,s3:PutObjectTagging on arn/*': 'the sealer: the tiles bucket holds nothing but the tree',
  's3:GetObjectLegalHold,s3:PutObjectLegalHold on arn/*':
    'the records officer: which objects, follows from the session',
  's3:PutObject on arn/ckpt/*,arn/keys/*': 'the sealer: the second copy has the same names; write-only',
  's3:PutObject on arn/copies/*': 'S3 log delivery writes its own bucket, from the copies bucket only',
  's3:PutObject on arn/*': 'S3 log delivery writes its own buckets, each from the bucket it logs only',
  'kms:* on *': 'key policy: the account delegates to IAM; `*` is this key',
  'kms:Decrypt,kms:DescribeKey,kms:Encrypt,kms:GenerateDataKey on *': 'key policy: CloudWatch Logs of this account',
  'kms:CreateGrant,kms:Decrypt,kms:DescribeKey,kms:Encrypt,kms:GenerateDataKey*,kms:ReEncrypt* on *':
    'key policy: Secrets Manager of this account, for the secret of the console’s cookies',
  'kms:Decrypt,kms:GenerateDataKey on *': 'key policy: CloudWatch alarms of this account',
};

const DOCUMENTS = ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument'];

/** Every statement of the template that allows something. */
export const allowedIn = (template: Template): readonly Statement[] =>
  resources(template)
    .flatMap(({ Properties = {} }) => DOCUMENTS.flatMap((name) => Properties[name] ?? []))
    .flatMap((document) => statementsIn(document))
    .filter(({ Effect }) => Effect === 'Allow');

const describeResource = (value: unknown): string => {
  const text = JSON.stringify(value);
  if (text === '"*"') return '*';
  const suffix = /"(\/[^"]*\*)"\]\]\}$/.exec(text)?.[1];
  return suffix === undefined ? text : `arn${suffix}`;
};

/** The grants with a `*` in them, as WILDCARDS names them. */
export const wildcardsIn = (template: Template): readonly string[] => {
  const found = allowedIn(template).map(({ Action, Resource }) => {
    const where = listOf(Resource ?? '-').map(describeResource);
    return `${listOf(Action).join()} on ${where.join()}`;
  });
  return [...new Set(found.filter((grant) => grant.includes('*')))].sort();
};
