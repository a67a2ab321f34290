import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { allowedIn, WILDCARDS, wildcardsIn } from './permissions-wildcards.ts';
import {
  actionsOf,
  actionsOn,
  listOf,
  resource,
  resources,
  statementsIn,
  statementsOfRole,
  synthesise,
} from './support.ts';

const template = synthesise();
const mcp = statementsOfRole(template, 'McpRole');
const authorizer = statementsOfRole(template, 'AuthorizerRole');
const wellKnown = statementsOfRole(template, 'WellKnownRole');
const sealer = statementsOfRole(template, 'SealerRole');
const keeper = statementsOfRole(template, 'KeeperRole');

/** What a function may do without touching any data. */
const DIAGNOSTICS = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

const X_RAY = 'xray:PutTelemetryRecords,xray:PutTraceSegments';

describe('the mcp role', () => {
  it('appends to the ledger and reads nothing of it but how far it is sealed', () => {
    expect(actionsOn(mcp, 'LedgerTable')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem']);
    const reads = mcp.filter(
      ({ Action, Resource }) => Action === 'dynamodb:GetItem' && JSON.stringify(Resource).includes('["LedgerTable'),
    );
    expect(reads.map(({ Condition }) => Condition)).toEqual([
      {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['sealer'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    ]);
  });

  it('signs with the intent key only, only what it can read, and is the only one that signs with it', () => {
    expect(actionsOn(mcp, 'StrictTierIntentKey')).toEqual(['kms:Sign']);
    const [statement] = mcp.filter(({ Action }) => Action === 'kms:Sign');
    expect(statement?.Condition).toEqual({
      StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
    });
    const key = resources(template, 'AWS::KMS::Key').find(({ id }) => id.startsWith('StrictTierIntentKey'));
    const denial = statementsIn(key?.Properties['KeyPolicy']).find(({ Sid }) => Sid === 'OnlyTheGatewaySigns');
    expect(denial).toMatchObject({ Effect: 'Deny', Action: 'kms:Sign', Principal: { AWS: '*' } });
    expect(JSON.stringify(denial?.Condition)).toMatch(/ArnNotEquals.*McpRole/);
  });

  it('uses sessions one by one', () => {
    expect(actionsOn(mcp, 'SessionsTable')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
  });

  it('adds bodies and signed intents below their prefixes and reads none', () => {
    const s3 = mcp.filter((statement) => actionsOf([statement]).some((action) => action.startsWith('s3:')));
    expect(new Set(actionsOf(s3))).toEqual(new Set(['s3:PutObject']));
    const prefixes = s3
      .flatMap(({ Resource }) => listOf(Resource))
      .map((arn) => /\/(\w+)\/\*/.exec(JSON.stringify(arn))?.[1]);
    expect(prefixes.toSorted()).toEqual(['body', 'intent']);
  });

  it('is the only one that may write below the prefix of signed intents', () => {
    const bucket = resources(template, 'AWS::S3::BucketPolicy').flatMap(({ Properties }) =>
      statementsIn(Properties['PolicyDocument']),
    );
    const only = bucket.find(({ Sid }) => Sid === 'OnlyTheGateway');
    expect(only).toMatchObject({ Effect: 'Deny', Action: 's3:PutObject', Principal: { AWS: '*' } });
    expect(JSON.stringify(only?.Resource)).toContain('/intent/*');
    expect(JSON.stringify(only?.Condition)).toMatch(/ArnNotEquals.*McpRole/);
  });

  it('makes data keys for sessions of this log and never unwraps one', () => {
    expect(actionsOn(mcp, 'LedgerContentKey')).toEqual(['kms:GenerateDataKey']);
    const [statement] = mcp.filter(({ Resource }) => JSON.stringify(Resource).includes('["LedgerContentKey'));
    expect(statement?.Condition).toEqual({
      StringEquals: { 'kms:EncryptionContext:log': 'mcp.sample-bank.example/countersign' },
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['log', 'sid'] },
      Null: { 'kms:EncryptionContext:sid': 'false' },
    });
  });

  it('reads exactly the secrets that the configuration names', () => {
    const secrets = mcp.filter(({ Action }) => Action === 'secretsmanager:GetSecretValue');
    const names = secrets.flatMap(({ Resource }) => listOf(Resource).map((arn) => JSON.stringify(arn)));
    expect(names).toHaveLength(2);
    expect(names[0]).toContain(':secret:countersign/core-banking-??????');
    expect(names[1]).toContain(':secret:countersign/everything-??????');
  });

  it('reads the secret of the tokens when masking makes some', () => {
    const tokens = { secret: 'countersign/masking-tokens', scope: 'gateway' };
    const read = statementsOfRole(synthesise({ masking: { tokens } }), 'McpRole').filter(
      ({ Action }) => Action === 'secretsmanager:GetSecretValue',
    );
    expect(JSON.stringify(read)).toContain(':secret:countersign/masking-tokens-??????');
  });

  it('asks Amazon Comprehend, like the worker and nobody else, when masking does', () => {
    const comprehend = { language: 'en', entities: ['NAME'] };
    const asking = synthesise({ masking: { comprehend } });
    const ask = (of: Template) =>
      resources(of, 'AWS::IAM::Policy')
        .filter(({ Properties }) => JSON.stringify(Properties['PolicyDocument']).includes('comprehend:'))
        .map(({ id }) => id.replace(/RoleDefaultPolicy.*/, ''));
    expect(ask(asking).toSorted()).toEqual(['Mcp', 'Worker']);
    expect(ask(template)).toEqual([]);
    const actions = actionsOf(statementsOfRole(asking, 'McpRole')).filter((one) => one.startsWith('comprehend:'));
    expect(actions).toEqual(['comprehend:DetectPiiEntities']);
    const [grant, ...others] = wildcardsIn(asking).filter((one) => !(one in WILDCARDS));
    expect(grant).toBe(`comprehend:DetectPiiEntities,${X_RAY} on *`);
    expect(others).toEqual([]);
  });

  it('has no secret to read when no server needs one', () => {
    const none = { credential: { kind: 'none' } };
    const without = synthesise({ servers: { 'core-banking': none, everything: none } });
    expect(actionsOf(statementsOfRole(without, 'McpRole'))).not.toContain('secretsmanager:GetSecretValue');
  });
});

describe('the authorizer role', () => {
  it('appends refusals to the ledger and touches nothing else', () => {
    const actions = actionsOf(authorizer).filter(
      (action) => !action.startsWith('kms:') && !DIAGNOSTICS.includes(action),
    );
    expect(actions).toEqual(['dynamodb:PutItem']);
    expect(actionsOn(authorizer, 'LedgerTable')).toEqual(['dynamodb:PutItem']);
    expect(actionsOn(authorizer, 'LedgerContentKey')).toEqual([]);
  });
});

describe('the metadata role', () => {
  it('may write its own log and traces only', () => {
    expect([...actionsOf(wellKnown)].sort()).toEqual(DIAGNOSTICS);
  });
});

describe('every role', () => {
  const all = [...mcp, ...authorizer, ...wellKnown];

  it('can neither delete nor scan nor query', () => {
    expect(actionsOf(all).filter((action) => /Delete|Scan|Query|Batch|List|GetObject/.test(action))).toEqual([]);
  });

  it('uses the at-rest key only through DynamoDB or S3', () => {
    const uses = all.filter(({ Resource }) => JSON.stringify(Resource).includes('["AtRestKey'));
    expect(uses.length).toBeGreaterThan(0);
    for (const { Condition } of uses) expect(JSON.stringify(Condition)).toMatch(/kms:ViaService.*(dynamodb|s3)\./);
  });
});

describe('the sealer role', () => {
  it('reads the ledger, marks what it sealed, and cannot remove an item', () => {
    const actions = actionsOn(sealer, 'LedgerTable');
    for (const action of ['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']) {
      expect(actions).toContain(`dynamodb:${action}`);
    }
    expect(actions.filter((action) => /Delete|Scan|Transact/.test(action))).toEqual([]);
  });

  it('continues the log and can neither delete nor unlock, nor see recorded bodies of the gateway', () => {
    const s3 = actionsOf(sealer).filter((action) => action.startsWith('s3:'));
    expect([...new Set(s3)].sort()).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject', 's3:PutObjectTagging']);
    const objects = JSON.stringify(sealer.filter(({ Action }) => listOf(Action).includes('s3:GetObject')));
    expect(objects).not.toContain('/body/');
    expect(actionsOn(sealer, 'LedgerEvidence')).not.toContain('s3:PutObjectTagging');
  });

  it('is the only one that may write tiles', () => {
    const policy = resource(template, 'AWS::S3::BucketPolicy', 'SealingTilesPolicy').Properties['PolicyDocument'];
    const only = statementsIn(policy).find(({ Sid }) => Sid === 'OnlyTheSealer');
    expect(only).toMatchObject({ Effect: 'Deny', Action: 's3:PutObject', Principal: { AWS: '*' } });
    expect(JSON.stringify(only?.Condition)).toContain('SealerRole');
  });

  it('signs with the checkpoint key only, and unwraps no content key', () => {
    expect(actionsOn(sealer, 'SealingCheckpointKey')).toEqual(['kms:GetPublicKey', 'kms:Sign']);
    expect(actionsOn(sealer, 'LedgerContentKey')).toEqual([]);
    expect(actionsOn(sealer, 'StrictTierIntentKey')).toEqual(['kms:GetPublicKey']);
    for (const other of [authorizer, wellKnown]) expect(actionsOf(other)).not.toContain('kms:Sign');
  });

  it('calls no witness when the configuration names none', () => {
    expect(actionsOf(sealer).filter((action) => action.startsWith('lambda:'))).toEqual([]);
  });

  it('calls the witnesses that ask for its signature, through their URLs only', () => {
    const arn = 'arn:aws:lambda:eu-west-1:222233334444:function:CountersignWitness-Witness';
    const vkey = 'witness.sample-bank.example/audit+ae78dbf3+BN8d1VfbArI8YVLmKvzZ9Gj7OP6/sWX4CILjF9uX+HOf';
    const auth = { kind: 'sigv4', function: arn };
    const witnessed = synthesise({ log: { witnesses: [{ url: 'https://w.example', vkey, auth }] } });
    const calls = statementsOfRole(witnessed, 'SealerRole').filter(({ Resource }) => Resource === arn);
    expect(calls).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunctionUrl',
        Resource: arn,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: arn,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    ]);
  });

  it('is the only one that may write below the prefixes of the log', () => {
    const bucket = resources(template, 'AWS::S3::BucketPolicy')
      .filter(({ id }) => id.startsWith('LedgerEvidence'))
      .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));
    const only = bucket.find(({ Sid }) => Sid === 'OnlyTheSealer');
    expect(only).toMatchObject({ Effect: 'Deny', Action: 's3:PutObject', Principal: { AWS: '*' } });
    expect(JSON.stringify(only?.Resource)).toMatch(/bodies\/\*.*ckpt\/\*.*cosig\/\*.*keys\/\*.*manifest\/\*.*seg\/\*/);
    expect(JSON.stringify(only?.Condition)).toContain('SealerRole');
  });
});

describe('the keeper role', () => {
  it('adds entries and reads them, and changes none', () => {
    expect([...new Set(actionsOn(keeper, 'LedgerTable'))].sort()).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    ]);
  });

  it('finds the sessions that are due, and can neither make nor remove one', () => {
    expect([...new Set(actionsOn(keeper, 'SessionsTable'))].sort()).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    ]);
  });

  it('has no key of its own, no bucket and no secret', () => {
    expect(actionsOf(keeper).filter((action) => /^(s3|secretsmanager):|kms:(Sign|GetPublicKey)/.test(action))).toEqual(
      [],
    );
    expect(actionsOn(keeper, 'LedgerContentKey')).toEqual([]);
  });
});

describe('wildcards', () => {
  it('are granted only where permissions-wildcards.ts says why', () => {
    expect(wildcardsIn(template)).toEqual(Object.keys(WILDCARDS).sort());
  });

  it('never stand for a principal', () => {
    for (const { Principal } of allowedIn(template)) expect(JSON.stringify(Principal) ?? '').not.toContain('"*"');
  });
});
