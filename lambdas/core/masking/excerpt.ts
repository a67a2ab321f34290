// Masked content as it stands in an entry: the values, as much of them as an entry has room for. Pure.

// The mask's proof takes up to 28 KB of the 60 KB that an entry has (proof.ts).
const MAX_BYTES = 16_000;
const MAX_TEXT = 4000;
const MAX_NAME = 128;
const MAX_DEPTH = 16;
const MAX_MEMBERS = 64;
const MAX_ITEMS = 20;

/** A masked value, cut to size; whatever is left out is counted, and never shown in part as if it were whole. */
export const excerpt = (value: unknown): unknown => new Excerpt().of(value, 0);

class Excerpt {
  #room = MAX_BYTES;

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value !== 'object' || value === null) return this.#take(value ?? null);
    if (depth >= MAX_DEPTH || this.#room <= 0) return outlined(value);
    return Array.isArray(value) ? this.#list(value, depth) : this.#object(value as Record<string, unknown>, depth);
  }

  #text(text: string): string {
    const most = Math.min(MAX_TEXT, Math.max(0, this.#room));
    // Half of a surrogate pair would be another text once it is written as UTF-8.
    const kept = text.slice(0, most).toWellFormed();
    if (kept.length === text.length) return this.#take(kept);
    return this.#take(`${kept}‹${text.length - kept.length} more›`);
  }

  #list(items: readonly unknown[], depth: number): unknown {
    const kept: unknown[] = [];
    for (const item of items.slice(0, MAX_ITEMS)) {
      if (this.#room <= 0) break;
      kept.push(this.of(item, depth + 1));
    }
    return items.length > kept.length ? [...kept, `‹${items.length - kept.length} more›`] : kept;
  }

  #object(object: Record<string, unknown>, depth: number): unknown {
    const names = Object.keys(object);
    const kept: [string, unknown][] = [];
    for (const name of names.slice(0, MAX_MEMBERS)) {
      if (this.#room <= 0) break;
      kept.push([this.#take(name.slice(0, MAX_NAME).toWellFormed()), this.of(object[name], depth + 1)]);
    }
    if (names.length > kept.length) kept.push(['‹more›', names.length - kept.length]);
    return Object.fromEntries(kept);
  }

  #take<Value>(value: Value): Value {
    this.#room -= Buffer.byteLength(JSON.stringify(value)) + 1;
    return value;
  }
}

const outlined = (value: object): string => {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  return Array.isArray(value) ? `‹array ${size}›` : `‹object ${size}›`;
};
