// Names in policies that must exist: groups, servers, tools, prompts, services. A forbid on a tool that nobody has, or a
// permit for a group that nobody is in, reads well and does nothing.

import type { ConfigProblem } from '../config-problems.ts';
import type { Looked } from './analysis.ts';
import type { ReviewedCatalog } from './catalog.ts';
import { type PolicySource, problemAt } from './policy-file.ts';

export interface KnownNames {
  readonly groups: readonly string[];
  readonly services: readonly string[];
  /** By server; `null` where nothing was reviewed. */
  readonly catalogs: ReadonlyMap<string, ReviewedCatalog | null>;
}

interface Complaint {
  readonly expected: string;
  readonly advice: string;
}

const oneOf = (what: string, names: Iterable<string>): string => `${what}: ${[...names].join(', ') || '(none)'}`;

/** The server and the rest of `server/name`. */
const split = (id: string): readonly [string, string] => {
  const at = id.indexOf('/');
  return at < 0 ? [id, ''] : [id.slice(0, at), id.slice(at + 1)];
};

const complain = (type: string, id: string, known: KnownNames): Complaint | undefined => {
  switch (type) {
    case 'Mcp::Group':
      if (known.groups.includes(id)) return undefined;
      return { expected: oneOf('a group of identity.groups', known.groups), advice: 'Correct it, or add it there' };
    case 'Mcp::Service':
      if (known.services.includes(id)) return undefined;
      return {
        expected: oneOf('a subject of identity.services', known.services),
        advice: 'Correct it, or register it',
      };
    case 'Mcp::Server':
      return aboutServer(id, known);
    case 'Mcp::Tool':
      return aboutServer(split(id)[0], known) ?? aboutEntry('tool', id, known);
    case 'Mcp::Prompt':
      return aboutServer(split(id)[0], known) ?? aboutEntry('prompt', id, known);
    case 'Mcp::Resource':
      return aboutServer(split(id)[0], known);
    default:
      return undefined;
  }
};

const aboutServer = (server: string, { catalogs }: KnownNames): Complaint | undefined =>
  catalogs.has(server)
    ? undefined
    : { expected: oneOf('a configured server', catalogs.keys()), advice: 'Write "server" or "server/name"' };

const aboutEntry = (kind: 'tool' | 'prompt', id: string, { catalogs }: KnownNames): Complaint | undefined => {
  const [server, name] = split(id);
  const catalog = catalogs.get(server) ?? null;
  if (catalog === null) return undefined;
  const entries = kind === 'tool' ? catalog.tools : catalog.prompts;
  if (entries.has(name)) return undefined;
  const advice = `Correct it, or run \`countersign catalog pull ${server}\` and review what changed`;
  return { expected: oneOf(`a ${kind} of config/catalog/${server}.json`, entries.keys()), advice };
};

/** What a policy names and nobody knows. */
export const unknownNames = (policy: PolicySource, looked: Looked, known: KnownNames): readonly ConfigProblem[] =>
  looked.entities.flatMap(({ type, id }) => {
    const complaint = complain(type, id, known);
    if (complaint === undefined) return [];
    const got = `${type}::${JSON.stringify(id)}`;
    return [problemAt(policy, { ...complaint, got }, got)];
  });
