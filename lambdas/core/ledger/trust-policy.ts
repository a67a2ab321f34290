// Trust policy files (C2SP tlog-policy): which logs are known, which witnesses, and which of them together are enough.
//
//     log <vkey>
//     witness audit <vkey>
//     witness regulator <vkey>
//     group both all audit regulator
//     quorum both
//
// A line that is not understood spoils the file: a policy read half would trust too much. Pure.

import { err, ok, type Result } from '../result.ts';
import { type Cosigner, parseCosignerKey } from './cosignature.ts';
import { parseVerifierKey, type Verifier } from './note.ts';

interface PolicyWitness {
  /** Its name in the policy; the name in its key may be another. */
  readonly name: string;
  readonly cosigner: Cosigner;
}

export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string; readonly threshold: number; readonly members: readonly Quorum[] };

export interface TrustPolicy {
  readonly logs: readonly Verifier[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
}

export interface PolicyFault {
  readonly reason: 'policy_malformed';
  /** Counted from 1; the last line when something is missing. */
  readonly line: number;
  readonly detail: string;
}

/** Whether the witnesses that cosigned one checkpoint, by their names in the policy, are enough. */
export const isQuorum = (quorum: Quorum, cosigned: ReadonlySet<string>): boolean => {
  switch (quorum.kind) {
    case 'none':
      return true;
    case 'witness':
      return cosigned.has(quorum.name);
    case 'group':
      return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.threshold;
  }
};

/** Far more than anyone writes; the specification asks for room for 32 of each kind. */
const MAX_POLICY_BYTES = 64 * 1024;
const NONE = 'none';

export const parsePolicy = (bytes: Uint8Array): Result<TrustPolicy, PolicyFault> => {
  if (bytes.length > MAX_POLICY_BYTES) return malformed(1, `the file is longer than ${MAX_POLICY_BYTES} bytes`);
  // Octets, not characters: names are compared byte for byte.
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const reader = new PolicyReader();
  for (const [at, line] of lines.entries()) {
    const wrong = reader.line(line);
    if (wrong !== undefined) return malformed(at + 1, wrong);
  }
  const policy = reader.policy();
  return policy === undefined ? malformed(lines.length, 'there is no line "quorum <name>"') : ok(policy);
};

const malformed = (line: number, detail: string): Result<never, PolicyFault> =>
  err({ reason: 'policy_malformed', line, detail });

const textOf = (octets: string): string => Buffer.from(octets, 'latin1').toString('utf8');
const quote = (octets: string): string => JSON.stringify(textOf(octets).slice(0, 200));

/** Reads line after line; each answers with what is wrong with it, or nothing. */
class PolicyReader {
  readonly #logs: Verifier[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  /** Witnesses and groups share their names. */
  readonly #defined = new Map<string, Quorum>();
  /** Each name may be a member once, so that no witness counts twice. */
  readonly #members = new Set<string>();
  #quorum: Quorum | undefined;

  line(line: string): string | undefined {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) return 'control characters other than tab are not allowed';
    const [keyword = '', ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (keyword === '' || keyword.startsWith('#')) return undefined;
    switch (keyword) {
      case 'log':
        return this.#log(items);
      case 'witness':
        return this.#witness(items);
      case 'group':
        return this.#group(items);
      case 'quorum':
        return this.#setQuorum(items);
      default:
        return `${quote(keyword)} is none of log, witness, group, quorum`;
    }
  }

  policy(): TrustPolicy | undefined {
    if (this.#quorum === undefined) return undefined;
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log([vkey, _url, ...rest]: readonly string[]): string | undefined {
    if (vkey === undefined || rest.length > 0) return 'expected "log <vkey> [<url>]"';
    const key = parseVerifierKey(textOf(vkey));
    if (!key.ok) return `the log's key: ${detailOf(key.error)}`;
    if (this.#logs.some((log) => isSameKey(log, key.value))) return 'this log key is listed twice';
    this.#logs.push(key.value);
    return undefined;
  }

  #witness([name, vkey, _url, ...rest]: readonly string[]): string | undefined {
    if (name === undefined || vkey === undefined || rest.length > 0) return 'expected "witness <name> <vkey> [<url>]"';
    const key = parseCosignerKey(textOf(vkey));
    if (!key.ok) return `the key of witness ${quote(name)}: ${detailOf(key.error)}`;
    if (this.#witnesses.some(({ cosigner }) => isSameKey(cosigner, key.value)))
      return 'this witness key is listed twice';
    this.#witnesses.push({ name: textOf(name), cosigner: key.value });
    return this.#define(name, { kind: 'witness', name: textOf(name) });
  }

  #group([name, kind, ...members]: readonly string[]): string | undefined {
    if (name === undefined || kind === undefined || members.length === 0) {
      return 'expected "group <name> all|any|<k> <member>…"';
    }
    const threshold = thresholdOf(kind, members.length);
    if (threshold === undefined) return `expected all, any or a number from 1 to ${members.length}, got ${quote(kind)}`;
    const found: Quorum[] = [];
    for (const member of members) {
      const defined = this.#defined.get(member);
      if (defined === undefined) return `no witness or group ${quote(member)} on a line before this one`;
      if (this.#members.has(member)) return `${quote(member)} is a member already`;
      this.#members.add(member);
      found.push(defined);
    }
    return this.#define(name, { kind: 'group', name: textOf(name), threshold, members: found });
  }

  #setQuorum([name, ...rest]: readonly string[]): string | undefined {
    if (name === undefined || rest.length > 0) return 'expected "quorum <name>"';
    if (this.#quorum !== undefined) return 'a policy has one quorum line, this is the second';
    const quorum: Quorum | undefined = name === NONE ? { kind: 'none' } : this.#defined.get(name);
    if (quorum === undefined) return `no witness or group ${quote(name)} on a line before this one`;
    this.#quorum = quorum;
    return undefined;
  }

  #define(name: string, as: Quorum): string | undefined {
    if (name === NONE) return 'the name "none" is taken: it stands for no quorum';
    if (this.#defined.has(name)) return `the name ${quote(name)} is defined already`;
    this.#defined.set(name, as);
    return undefined;
  }
}

const thresholdOf = (kind: string, members: number): number | undefined => {
  if (kind === 'any') return 1;
  if (kind === 'all') return members;
  const threshold = /^[1-9]\d{0,3}$/.test(kind) ? Number(kind) : 0;
  return threshold >= 1 && threshold <= members ? threshold : undefined;
};

const detailOf = (fault: { readonly reason: string; readonly detail?: string }): string => fault.detail ?? fault.reason;

/** Two keys are the same when the public keys are, whatever they are called. */
const isSameKey = (left: Pick<Verifier, 'publicKey'>, right: Pick<Verifier, 'publicKey'>): boolean =>
  left.publicKey.equals(right.publicKey);

/** A witness to be listed in a policy. */
export interface ListedWitness {
  readonly vkey: string;
  readonly url: string | null;
}

/** A policy for one log, all keys of it, that asks for all of its witnesses; whoever uses it may ask for fewer. */
export const formatPolicy = (logVkeys: readonly string[], witnesses: readonly ListedWitness[]): string => {
  const names = witnesses.map(({ vkey }) => vkey.slice(0, vkey.indexOf('+')));
  const lines = witnesses.map(({ vkey, url }, at) => `witness ${names[at]} ${vkey}${url === null ? '' : ` ${url}`}`);
  const group = names.length > 1 ? [`group witnesses all ${names.join(' ')}`] : [];
  const quorum = names.length > 1 ? 'witnesses' : (names[0] ?? NONE);
  const logs = logVkeys.map((vkey) => `log ${vkey}`);
  return `${[...logs, ...lines, ...group, `quorum ${quorum}`].join('\n')}\n`;
};
