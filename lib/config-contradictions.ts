// Rules between fields. They run on whatever the file holds, valid or not, so that one synth lists every error.
import type { z } from 'zod';
import { DEFAULT_LIMITS, DEFAULT_RETENTION, DEFAULT_SESSIONS } from './config-defaults.ts';
import { strangeServers } from './config-masking.ts';
import { says } from './config-problems.ts';
import { isMapping, type Path } from './config-yaml.ts';

interface Finding {
  readonly path: Path;
  readonly input: unknown;
  readonly expected: string;
  readonly advice: string;
}

const at = (input: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), input);

/** A token without our audience was not made for us: then only its client says where it may be used. */
const audienceOrClients = (input: unknown): readonly Finding[] => {
  const clients = at(input, 'identity', 'clients');
  if (at(input, 'identity', 'audiences') !== null || Array.isArray(clients)) return [];
  const expected = 'a list of client ids, because identity.audiences is null';
  const advice = 'Name the clients whose tokens are meant for this gateway, or check the audience';
  return [{ path: ['identity', 'clients'], input: clients, expected, advice }];
};

const numberAt = (input: unknown, otherwise: number, ...path: readonly string[]): number => {
  const value = at(input, ...path);
  return typeof value === 'number' ? value : otherwise;
};

const idleWithinMax = (input: unknown): readonly Finding[] => {
  const idle = numberAt(input, DEFAULT_SESSIONS.idleMinutes, 'sessions', 'idleMinutes');
  const most = 60 * numberAt(input, DEFAULT_SESSIONS.maxHours, 'sessions', 'maxHours');
  if (idle <= most) return [];
  const expected = `at most the ${most} minutes of sessions.maxHours`;
  return [{ path: ['sessions', 'idleMinutes'], input: idle, expected, advice: 'Lower it or raise maxHours' }];
};

const WAITS = ['headersSeconds', 'idleSeconds', 'streamSeconds'] as const;
/** Of the 29 s that API Gateway gives a buffered answer, the function keeps 5 back to record the outcome. */
const BUFFERED_SECONDS = 23;
/** Lambda returns at most 6 MB; the answer travels inside a JSON string. */
const BUFFERED_BYTES = 5 * 1024 * 1024;

const fitsTransfer = (input: unknown): readonly Finding[] => {
  const servers = at(input, 'servers');
  if (at(input, 'endpoint', 'responseTransfer') !== 'buffered' || !isMapping(servers)) return [];
  return Object.keys(servers).flatMap((name) => {
    const bounds = [
      ...WAITS.map((key) => [key, BUFFERED_SECONDS] as const),
      ['responseBytes', BUFFERED_BYTES] as const,
    ];
    return bounds.flatMap(([key, most]) => {
      const value = at(servers, name, 'limits', key);
      if (typeof value !== 'number' || value <= most) return [];
      const expected = `at most ${most}, because endpoint.responseTransfer is buffered`;
      return [{ path: ['servers', name, 'limits', key], input: value, expected, advice: 'Lower it, or stream' }];
    });
  });
};

const headersWithinStream = (input: unknown): readonly Finding[] => {
  const servers = at(input, 'servers');
  const transfer = at(input, 'endpoint', 'responseTransfer') === 'buffered' ? 'buffered' : 'stream';
  if (!isMapping(servers)) return [];
  return Object.values(servers).flatMap((server, index) => {
    const { headersSeconds, streamSeconds } = DEFAULT_LIMITS[transfer];
    const stream = numberAt(server, streamSeconds, 'limits', 'streamSeconds');
    const headers = numberAt(server, headersSeconds, 'limits', 'headersSeconds');
    if (headers <= stream) return [];
    const path = ['servers', Object.keys(servers)[index] ?? '', 'limits', 'headersSeconds'];
    const expected = `at most the ${stream} s of streamSeconds`;
    return [{ path, input: headers, expected, advice: 'Lower it or raise streamSeconds' }];
  });
};

const duplicateServices = (input: unknown): readonly Finding[] => {
  const services = at(input, 'identity', 'services');
  if (!Array.isArray(services)) return [];
  const subjects = services.map((service) => at(service, 'subject'));
  return subjects.flatMap((subject, index) =>
    subject === undefined || subjects.indexOf(subject) === index
      ? []
      : [
          {
            path: ['identity', 'services', index, 'subject'],
            input: subject,
            expected: 'each service subject once',
            advice: 'Keep one of the two: a subject has one name and one set of groups',
          },
        ],
  );
};

/** The key that signs cannot be one that is not to be believed, and one key is revoked once. */
const revokedKeysAreRetired = (input: unknown): readonly Finding[] => {
  const revoked = at(input, 'log', 'revokedKeys');
  if (!Array.isArray(revoked)) return [];
  const current = numberAt(input, 1, 'log', 'keyGeneration');
  const generations = revoked.map((key) => at(key, 'generation'));
  return generations.flatMap((generation, index) => {
    const path = ['log', 'revokedKeys', index, 'generation'];
    if (generations.indexOf(generation) !== index) {
      const expected = 'each generation once';
      return [{ path, input: generation, expected, advice: 'Keep the entry that the log has already' }];
    }
    if (typeof generation !== 'number' || generation < current) return [];
    const expected = `a generation below log.keyGeneration, which is ${current}`;
    return [{ path, input: generation, expected, advice: 'Count log.keyGeneration up in the same change' }];
  });
};

/** Content that outlives its entries can no longer be shown to be what was recorded. */
const contentWithinLog = (input: unknown): readonly Finding[] => {
  const days = numberAt(input, DEFAULT_RETENTION.days, 'retention', 'days');
  const log = numberAt(input, days, 'retention', 'log', 'days');
  const content = numberAt(input, days, 'retention', 'content', 'days');
  if (content <= log) return [];
  const named = at(input, 'retention', 'content', 'days') === undefined ? ['log', 'days'] : ['content', 'days'];
  const expected =
    named[0] === 'log' ? `at least the ${content} days of content` : `at most the ${log} days of the log`;
  const value = named[0] === 'log' ? log : content;
  return [{ path: ['retention', ...named], input: value, expected, advice: 'Content proves nothing without its log' }];
};

/** A group that `identity.groups` does not know would be dropped from every token, and silently from a service. */
const knownServiceGroups = (input: unknown): readonly Finding[] => {
  const services = at(input, 'identity', 'services');
  const known = at(input, 'identity', 'groups');
  if (!Array.isArray(services) || !Array.isArray(known)) return [];
  return services.flatMap((service, index) => {
    const groups = at(service, 'groups');
    const unknown = Array.isArray(groups) ? groups.filter((group) => !known.includes(group)) : [];
    const path = ['identity', 'services', index, 'groups'];
    const expected = `groups of identity.groups, not ${unknown.join(', ')}`;
    return unknown.length === 0 ? [] : [{ path, input: groups, expected, advice: 'Correct the name, or add it there' }];
  });
};

/** A misspelt group would see nothing, or nobody would. */
const knownReplayGroups = (input: unknown): readonly Finding[] => {
  const known = at(input, 'identity', 'groups');
  const paths = [
    ['console', 'replay', 'groups'],
    ['console', 'replay', 'raw', 'groups'],
  ];
  return paths.flatMap((path) => {
    const groups = at(input, ...path);
    if (!Array.isArray(groups) || !Array.isArray(known)) return [];
    const unknown = groups.filter((group) => !known.includes(group));
    const expected = `groups of identity.groups, not ${unknown.join(', ')}`;
    return unknown.length === 0 ? [] : [{ path, input: groups, expected, advice: 'Correct the name, or add it there' }];
  });
};

/** Until policies were written in Cedar, `groups` of a server said who may use it. */
const groupsOfServers = (input: unknown): readonly Finding[] => {
  const servers = at(input, 'servers');
  if (!isMapping(servers)) return [];
  return Object.entries(servers).flatMap(([name, server]) => {
    const groups = at(server, 'groups');
    if (groups === undefined) return [];
    const group = Array.isArray(groups) ? String(groups[0]) : 'analysts';
    const policy = `permit (principal in Mcp::Group::"${group}", action, resource in Mcp::Server::"${name}");`;
    const expected = 'who may use a server to be said in policies/*.cedar';
    const advice = `Remove groups, list them in identity.groups, and write e.g. @id("${group}-use-${name}") ${policy}`;
    return [{ path: ['servers', name, 'groups'], input: groups, expected, advice: advice.replace(/\.$/, '') }];
  });
};

const maskedServersExist = (input: unknown): readonly Finding[] =>
  strangeServers(input).map((found) => ({
    ...found,
    expected: 'the name of a server of this file',
    advice: 'Correct it: a rule for no server masks nothing',
  }));

/** All rules between fields of `input`, the file as written. */
const contradictionsIn = (input: unknown): readonly Finding[] => [
  ...audienceOrClients(input),
  ...idleWithinMax(input),
  ...fitsTransfer(input),
  ...headersWithinStream(input),
  ...duplicateServices(input),
  ...revokedKeysAreRetired(input),
  ...contentWithinLog(input),
  ...knownServiceGroups(input),
  ...knownReplayGroups(input),
  ...groupsOfServers(input),
  ...maskedServersExist(input),
];

/** As zod issues. */
export const contradictionIssues = (input: unknown): readonly z.core.$ZodIssue[] =>
  contradictionsIn(input).map(({ path, input: value, expected, advice }) => ({
    code: 'custom',
    path: [...path],
    input: value,
    message: says(expected, advice),
  }));
