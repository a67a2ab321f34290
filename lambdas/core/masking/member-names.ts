// Names of members that hold data: what they become must not be the name of another member. Pure.

import type { Edit } from './edit.ts';
import { numbered } from './text/masks.ts';
import { WideSet } from './wide-set.ts';
import type { Work } from './work.ts';

const NAMES_PER_SLICE = 1024;

/** The names of one object. */
export class NamesTaken {
  readonly #taken = new WideSet();
  /** How often a masked name came, of those that came more than once. */
  readonly #ordinals = new Map<string, number>();

  static *of(names: readonly string[]): Work<NamesTaken> {
    const made = new NamesTaken();
    for (const [index, name] of names.entries()) {
      // What a name becomes has a mask in it: no other could be the same.
      if (name.includes('‹')) made.#taken.add(name);
      if (index % NAMES_PER_SLICE === NAMES_PER_SLICE - 1) yield;
    }
    return made;
  }

  /** The edits of a name, so that what it becomes is not among the names that are taken; it is taken from then on. */
  distinct(name: string, found: readonly Edit[]): readonly Edit[] {
    const plain = applied(name, found);
    let own = found;
    let masked = plain;
    let ordinal = this.#ordinals.get(plain) ?? 1;
    while (this.#taken.has(masked)) {
      ordinal += 1;
      const last = found[found.length - 1];
      if (last === undefined) return found;
      own = [...found.slice(0, -1), { ...last, text: numbered(last.text, ordinal) }];
      masked = applied(name, own);
    }
    if (ordinal > 1) this.#ordinals.set(plain, ordinal);
    this.#taken.add(masked);
    return own;
  }
}

/** Of a few edits of a short text. */
const applied = (text: string, edits: readonly Edit[]): string => {
  let made = '';
  let at = 0;
  for (const edit of edits) {
    made += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return made + text.slice(at);
};

/** An edit whose findings are told at another place. */
export const foundAt = (edit: Edit, path: string): Edit => ({
  ...edit,
  findings: edit.findings.map(({ rule, value, kind }) => ({ path, rule, value, kind })),
});
