// Who may use a server at all: members of one of the groups that its configuration names. Default deny. Pure.

import type { ServerConfig } from '../../gateway-config.ts';
import type { Principal } from '../identity/principal.ts';

/** The outcome of a decision, as it stands in an entry. `needs-approval` comes with Cedar policies. */
export interface Decision {
  readonly effect: 'permit' | 'forbid';
  /** The rules that determined the outcome, e.g. `servers.core-banking.groups/analysts`. */
  readonly reasons: readonly string[];
}

/** Permits members of any group the server names; an empty list of groups admits no one. */
export const decideAccess = (principal: Principal, name: string, server: ServerConfig): Decision => {
  const matching = server.groups.filter((group) => principal.groups.includes(group));
  return matching.length > 0
    ? { effect: 'permit', reasons: matching.map((group) => `servers.${name}.groups/${group}`) }
    : { effect: 'forbid', reasons: [`servers.${name}.groups`] };
};
