// The annotations of a policy: its id, its mode, what a refused caller is told, and what an approval must be. Cedar lets
// any annotation pass; a misspelt one here would be a missing demand, so every one is checked.

import type { ApprovalRule, PolicyRule } from '../../lambdas/policy-contract.ts';
import type { ConfigProblem } from '../config-problems.ts';
import { idOf, type PolicySource, problemAt } from './policy-file.ts';

export type Annotated = Pick<PolicyRule, 'mode' | 'approval' | 'advice'> & { readonly id: string };

export interface ReadAnnotations {
  readonly value: Annotated;
  readonly problems: readonly ConfigProblem[];
}

const DEMANDS = [
  ...(['approval', 'quorum', 'expires', 'window', 'justification', 'step_up', 'acr', 'escalate'] as const),
  ...(['break_glass', 'review'] as const),
];
const KNOWN: readonly string[] = ['id', 'title', 'advice', 'mode', ...DEMANDS];

const DEFAULT_EXPIRES_SECONDS = 3600;
const MAX_QUORUM = 10;
/** A request that waits longer is forgotten by everybody but its deadline. */
const MAX_EXPIRES_SECONDS = 7 * 86_400;
const MAX_WINDOW_SECONDS = 12 * 3600;
const DEFAULT_REVIEW_SECONDS = 86_400;
/** After a week nobody remembers what was urgent. */
const MAX_REVIEW_SECONDS = 7 * 86_400;

/** Reads the annotations of a policy; `groups` are those that the configuration knows. */
export const readAnnotations = (policy: PolicySource, groups: readonly string[]): ReadAnnotations => {
  const reader = new AnnotationReader(policy, groups);
  const value = {
    id: reader.id(),
    mode: reader.oneOf('mode', ['enforce', 'log-only']) ?? 'enforce',
    advice: reader.text('advice'),
    approval: reader.approval(),
  } as const;
  reader.unknown();
  reader.text('title');
  return { value, problems: reader.problems };
};

class AnnotationReader {
  readonly problems: ConfigProblem[] = [];
  readonly #policy: PolicySource;
  readonly #groups: readonly string[];

  constructor(policy: PolicySource, groups: readonly string[]) {
    this.#policy = policy;
    this.#groups = groups;
  }

  id(): string {
    const id = idOf(this.#policy);
    if (id !== undefined && /^[a-z][a-z0-9-]{0,63}$/.test(id)) return id;
    this.#refuse('id', 'an @id of a-z, 0-9 and -, at most 64 long', 'Entries name policies by it; never use one twice');
    return '';
  }

  approval(): ApprovalRule | null {
    const groups = this.groups('approval');
    const rule = {
      groups,
      quorum: this.#quorum(),
      expiresSeconds: this.duration('expires', MAX_EXPIRES_SECONDS) ?? DEFAULT_EXPIRES_SECONDS,
      windowSeconds: this.duration('window', MAX_WINDOW_SECONDS),
      justification: this.oneOf('justification', ['required', 'optional']) === 'required',
      stepUpSeconds: this.duration('step_up', 86_400),
      acr: this.text('acr'),
      escalate: this.groups('escalate'),
      glass: this.#glass(),
    };
    if (this.#has('approval')) {
      if (this.#policy.json.effect === 'permit') {
        const advice = 'Permit the call, and hold it by a forbid with @approval and unless { context.approved }';
        this.#refuse('approval', '@approval on a forbid only', advice);
      }
      return rule;
    }
    for (const name of DEMANDS.filter((demand) => demand !== 'approval' && this.#has(demand))) {
      this.#refuse(
        name,
        `@${name} beside @approval only`,
        'Name the approving group with @approval("…"), or remove it',
      );
    }
    return null;
  }

  /** Comma-separated groups: members of any of them. */
  groups(name: string): readonly string[] {
    const written = this.text(name);
    if (written === null) return [];
    const groups = written.split(',').map((group) => group.trim());
    const unknown = groups.find((group) => !this.#groups.includes(group));
    if (unknown !== undefined) {
      const expected = `@${name} with groups of identity.groups: ${this.#groups.join(', ')}`;
      this.#refuse(name, expected, 'Correct the name, or add the group there');
    }
    return [...new Set(groups)];
  }

  text(name: string): string | null {
    if (!this.#has(name)) return null;
    const value = this.#written(name);
    if (value !== undefined && value.trim() !== '') return value;
    this.#refuse(name, `@${name}("…") with a value`, 'Write the value, or remove the annotation');
    return null;
  }

  oneOf<const Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    if (!this.#has(name)) return undefined;
    const word = words.find((candidate) => candidate === this.#written(name));
    if (word === undefined) this.#refuse(name, `@${name} to be one of ${words.join(', ')}`, 'Choose one');
    return word;
  }

  /** Seconds of an ISO 8601 duration in hours, minutes and seconds. */
  duration(name: string, most: number): number | null {
    if (!this.#has(name)) return null;
    const [, days, hours, minutes, seconds] =
      /^P(?=.)(?:(\d{1,2})D)?(?:T(?=.)(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/.exec(
        this.#written(name) ?? '',
      ) ?? [];
    const total =
      Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    if (total >= 1 && total <= most) return total;
    const expected = `@${name} as an ISO 8601 duration of at most ${most / 3600} hours, such as PT30M`;
    this.#refuse(name, expected, 'Use days, hours, minutes and seconds only');
    return null;
  }

  unknown(): void {
    for (const name of Object.keys(this.#policy.json.annotations ?? {}).filter((known) => !KNOWN.includes(known))) {
      this.#refuse(name, `one of @${KNOWN.join(', @')}`, `Correct or remove @${name}`);
    }
  }

  #glass(): ApprovalRule['glass'] {
    const groups = this.groups('break_glass');
    const reviewSeconds = this.duration('review', MAX_REVIEW_SECONDS) ?? DEFAULT_REVIEW_SECONDS;
    if (this.#has('break_glass')) return { groups, reviewSeconds };
    if (this.#has('review')) {
      const advice = 'Name who may break the glass with @break_glass("…"), or remove it';
      this.#refuse('review', '@review beside @break_glass only', advice);
    }
    return null;
  }

  #quorum(): number {
    if (!this.#has('quorum')) return 1;
    const written = this.#written('quorum') ?? '';
    const quorum = /^\d{1,2}$/.test(written) ? Number(written) : 0;
    if (quorum < 1 || quorum > MAX_QUORUM) {
      this.#refuse('quorum', `@quorum to be a whole number from 1 to ${MAX_QUORUM}`, 'It counts distinct people');
    }
    return quorum;
  }

  #has(name: string): boolean {
    return Object.hasOwn(this.#policy.json.annotations ?? {}, name);
  }

  #written(name: string): string | undefined {
    return this.#policy.json.annotations?.[name] ?? undefined;
  }

  #refuse(name: string, expected: string, advice: string): void {
    const value = this.#written(name);
    const got = value === undefined ? `no value of @${name}` : `@${name}(${JSON.stringify(value)})`;
    this.problems.push(problemAt(this.#policy, { expected, got, advice }, `@${name}`));
  }
}
