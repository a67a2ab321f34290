// JSON paths as rules write them: `$.structuredContent.rows[*].ssn`, `$..ssn`, `$['odd name'][0]`. The subset of RFC 9535
// that names places: no filters, slices or scripts. Pure.

import { err, ok, type Result } from '../result.ts';
import { isPlainName } from './outline.ts';

type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'any' }
  /** Any number of steps, none included. */
  | { readonly kind: 'deep' };

export type PathPattern = readonly Segment[];

/** One step of a place: the name of a member, or the index of an item. */
export type Step = string | number;

const TOKEN = /(\.\.)|\.?\[\*\]|\.\*|\.?\[(\d{1,9})\]|\.?\['((?:[^'\\]|\\.)*)'\]|\.?([\p{L}_$][\p{L}\p{N}_$-]*)|(\*)/uy;

/** Parses a path; the error says where it stops making sense. */
export const parsePath = (text: string): Result<PathPattern, string> => {
  if (!text.startsWith('$')) return err('a path begins with $');
  const segments: Segment[] = [];
  let at = 1;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (token === null || (token[0] === '..' && text.length === at + 2))
      return err(`not understood from "${text.slice(at)}"`);
    segments.push(segmentOf(token));
    at = TOKEN.lastIndex;
  }
  return ok(segments);
};

const segmentOf = ([, deep, index, quoted, name]: RegExpExecArray): Segment => {
  if (deep !== undefined) return { kind: 'deep' };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (quoted !== undefined) return { kind: 'name', name: quoted.replace(/\\(.)/g, '$1') };
  return name === undefined ? { kind: 'any' } : { kind: 'name', name };
};

/** Whether a pattern names exactly this place. */
export const matchesPath = (pattern: PathPattern, steps: readonly Step[]): boolean => {
  // Which segments may come next, as in a pattern matcher without backtracking.
  let states = closure(pattern, new Set([0]));
  for (const step of steps) {
    states = closure(pattern, after(pattern, states, step));
    if (states.size === 0) return false;
  }
  return states.has(pattern.length);
};

const after = (pattern: PathPattern, states: ReadonlySet<number>, step: Step): Set<number> => {
  const next = new Set<number>();
  for (const state of states) {
    const segment = pattern[state];
    if (segment?.kind === 'deep') next.add(state);
    else if (segment !== undefined && takes(segment, step)) next.add(state + 1);
  }
  return next;
};

const takes = (segment: Segment, step: Step): boolean => {
  if (segment.kind === 'any') return true;
  return segment.kind === 'name' ? segment.name === step : segment.kind === 'index' && segment.index === step;
};

/** A deep segment may also take no step at all. */
const closure = (pattern: PathPattern, states: Set<number>): Set<number> => {
  for (const state of states) if (pattern[state]?.kind === 'deep') states.add(state + 1);
  return states;
};

/** Names below one place that are remembered; a server can send any number of them. */
const MAX_NAMES = 256;

/** A place as a JSON pointer (RFC 6901); items of a list are one place. Rows of a list share what they are called. */
export class Trail {
  readonly path: string;
  #items: Trail | undefined;
  #members: Map<string, Trail> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  to(step: Step): Trail {
    if (typeof step === 'number') {
      this.#items ??= new Trail(`${this.path}/*`);
      return this.#items;
    }
    this.#members ??= new Map();
    const known = this.#members.get(step);
    if (known !== undefined) return known;
    const made = new Trail(`${this.path}/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (this.#members.size < MAX_NAMES) this.#members.set(step, made);
    return made;
  }
}

const MAX_STEPS = 12;

/** A name on the way may itself be data ({"4111…": …}): only those that read like identifiers stand in an entry. */
export const shownPath = (path: string): string => {
  const steps = path.split('/').slice(1);
  const shown = steps.slice(0, MAX_STEPS).map((step) => `/${isPlainName(step) ? step : '*'}`);
  return steps.length > MAX_STEPS ? `${shown.join('')}/…` : shown.join('');
};
