// Who may read sessions and open content, with and without readers of the original.

import { describe, expect, it } from 'vitest';
import { actionsOn, resources, statementsOfRole, synthesise } from './support.ts';

const routesOf = (template: ReturnType<typeof synthesise>): string =>
  JSON.stringify(resources(template, 'AWS::ApiGateway::Resource').map(({ Properties }) => Properties['PathPart']));
const functionsOf = (template: ReturnType<typeof synthesise>): string =>
  JSON.stringify(resources(template, 'AWS::Lambda::Function').map(({ id }) => id));

describe('with readers of the original', () => {
  const template = synthesise();

  it('one function can open content, and has a route of its own', () => {
    expect(functionsOf(template)).toContain('Opener');
    expect(routesOf(template)).toContain('"raw"');
    const opener = statementsOfRole(template, 'OpenerRole');
    expect(actionsOn(opener, 'LedgerContentKey')).toEqual(['kms:Decrypt']);
    const [decrypt] = opener.filter(({ Resource }) => JSON.stringify(Resource).includes('["LedgerContentKey'));
    expect(decrypt?.Condition).toEqual({
      StringEquals: { 'kms:EncryptionContext:log': 'mcp.sample-bank.example/countersign' },
      Null: { 'kms:EncryptionContext:sid': 'false' },
    });
  });
});

describe('without readers of the original', () => {
  const template = synthesise({ console: { replay: { groups: ['auditors'], raw: null } } });

  it('no function of the stack can open content, and nothing leads to one', () => {
    expect(functionsOf(template)).not.toContain('Opener');
    expect(routesOf(template)).not.toContain('"raw"');
    const roles = resources(template, 'AWS::IAM::Role').map(({ id }) => id);
    expect(roles.flatMap((role) => actionsOn(statementsOfRole(template, role), 'LedgerContentKey'))).not.toContain(
      'kms:Decrypt',
    );
  });

  it('the console still reads sessions', () => {
    expect(actionsOn(statementsOfRole(template, 'ConsoleFunctionRole'), 'LedgerTable')).toContain('dynamodb:Query');
  });
});

describe('without readers of sessions', () => {
  const template = synthesise({ console: { replay: null } });

  it('the console reads none', () => {
    const own = statementsOfRole(template, 'ConsoleFunctionRole');
    expect(actionsOn(own, 'LedgerTable')).toEqual(['dynamodb:PutItem']);
    expect(actionsOn(own, 'SessionsTable')).toEqual([]);
    expect(functionsOf(template)).not.toContain('Opener');
  });
});
