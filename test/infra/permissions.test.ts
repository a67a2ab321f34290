import { describe, expect, it } from 'vitest';
import { allowedIn, WILDCARDS, wildcardsIn } from './permissions-wildcards.ts';
import { actionsOf, actionsOn, listOf, statementsOfRole, synthesise } from './support.ts';

const template = synthesise();
const mcp = statementsOfRole(template, 'McpRole');
const authorizer = statementsOfRole(template, 'AuthorizerRole');
const wellKnown = statementsOfRole(template, 'WellKnownRole');

/** What a function may do without touching any data. */
const DIAGNOSTICS = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

describe('the mcp role', () => {
  it('appends to the ledger and does nothing else with it', () => {
    expect(actionsOn(mcp, 'LedgerTable')).toEqual(['dynamodb:PutItem']);
  });

  it('uses sessions one by one', () => {
    expect(actionsOn(mcp, 'SessionsTable')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
  });

  it('adds bodies below their prefix and reads none', () => {
    const s3 = mcp.filter((statement) => actionsOf([statement]).some((action) => action.startsWith('s3:')));
    expect(actionsOf(s3)).toEqual(['s3:PutObject']);
    expect(JSON.stringify(s3[0]?.Resource)).toContain('/body/*');
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

describe('wildcards', () => {
  it('are granted only where permissions-wildcards.ts says why', () => {
    expect(wildcardsIn(template)).toEqual(Object.keys(WILDCARDS).sort());
  });

  it('never stand for a principal', () => {
    for (const { Principal } of allowedIn(template)) expect(JSON.stringify(Principal) ?? '').not.toContain('"*"');
  });
});
