import { describe, expect, it } from 'vitest';
import { decideAccess } from '../../../lambdas/core/policy/access.ts';
import { aPrincipal, aServer } from '../../support/builders.ts';

const decide = (groups: readonly string[], allowed: readonly string[]) =>
  decideAccess(aPrincipal({ groups }), 'core-banking', aServer({ groups: allowed }));

describe('decideAccess', () => {
  it('permits a member of one of the groups, and says by which', () => {
    expect(decide(['auditors', 'analysts'], ['analysts', 'auditors', 'others'])).toEqual({
      effect: 'permit',
      reasons: ['servers.core-banking.groups/analysts', 'servers.core-banking.groups/auditors'],
    });
  });

  it.each([
    ['no group of the server', ['clerks'], ['analysts']],
    ['no group at all', [], ['analysts']],
    ['a group that differs in case', ['Analysts'], ['analysts']],
    ['any group where the server names none', ['analysts'], []],
  ])('forbids who has %s', (_what, groups, allowed) => {
    expect(decide(groups, allowed)).toEqual({ effect: 'forbid', reasons: ['servers.core-banking.groups'] });
  });
});
