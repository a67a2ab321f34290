// JSON Canonicalization Scheme (RFC 8785) with nothing but the language: the offline verifier needs it without any
// package. ECMAScript's own number and string serialisation is the scheme's (RFC 8785 section 3.2.2). Pure.

/** Canonical JSON of a parsed value; throws on what has no canonical form (lone surrogates, numbers beyond JSON). */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const object = value as Readonly<Record<string, unknown>>;
    // Sorting by UTF-16 code units is what Array.prototype.sort does with strings (RFC 8785 section 3.2.3).
    const members = Object.keys(object)
      .sort()
      .map((name) => `${canonicalText(name)}:${canonicalJson(object[name])}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number beyond JSON');
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    throw new TypeError(`${typeof value} has no canonical form`);
  }
  return JSON.stringify(value);
};

const canonicalText = (text: string): string => {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
};
