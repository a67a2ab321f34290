// The masked view while no masking rule says what may be shown: structure and sizes, never a value. Pure.

/** How much of a structure is kept; the rest is counted. */
const MAX_DEPTH = 6;
const MAX_MEMBERS = 32;
const MAX_ITEMS = 4;
// An entry must stay under 60 KB (docs/formats.md), and actor, decision and body record stand beside the outline.
const MAX_BYTES = 16_000;
/** Quotes, colon, comma and `‹string 1048576›` of one node; its name comes on top. */
const NODE_BYTES = 32;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whether text that is shaped like an identifier may be data or a secret all the same: an account, card or social
 * security number (long runs of digits, however they are grouped), or a token (long words of letters and digits).
 */
const holdsData = (text: string): boolean =>
  /\d{6}/.test(text) ||
  /\d(?:[ ./:_-]?\d){8}/.test(text) ||
  /(?=[A-Za-z]*\d)[A-Za-z0-9]{20}/.test(text) ||
  /(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40}/.test(text);

// A member name may itself be data ({"4111…": …}). Names that read like identifiers and hold no long number stay.
export const isPlainName = (name: string): boolean =>
  /^[A-Za-z_][\w.:/-]{0,63}$/.test(name) && !/\d{4}/.test(name) && !holdsData(name);

const memberName = (name: string, index: number): string => (isPlainName(name) ? name : `‹name ${index}›`);

/**
 * Replaces every value by its kind and size: `"‹string 11›"`, `"‹number›"`; true, false and null stay.
 * Arrays keep their first items, objects their first members, and say how many were left out.
 */
export const outline = (value: unknown): unknown => {
  let room = MAX_BYTES;
  const visit = (node: unknown, depth: number): unknown => {
    room -= NODE_BYTES;
    if (typeof node === 'string') return `‹string ${node.length}›`;
    if (typeof node === 'number') return '‹number›';
    if (typeof node !== 'object' || node === null) return node ?? null;
    if (Array.isArray(node)) return visitArray(node, depth);
    return visitObject(node as Record<string, unknown>, depth);
  };
  const visitArray = (items: readonly unknown[], depth: number): unknown => {
    if (depth >= MAX_DEPTH || room <= 0) return `‹array ${items.length}›`;
    const kept = items.slice(0, MAX_ITEMS).map((item) => visit(item, depth + 1));
    return items.length > MAX_ITEMS ? [...kept, `‹${items.length - MAX_ITEMS} more›`] : kept;
  };
  const visitObject = (object: Record<string, unknown>, depth: number): unknown => {
    const names = Object.keys(object);
    if (depth >= MAX_DEPTH || room <= 0) return `‹object ${names.length}›`;
    const kept: [string, unknown][] = [];
    for (const name of names.slice(0, MAX_MEMBERS)) {
      if (room <= 0) break;
      room -= Math.min(name.length, 64);
      kept.push([memberName(name, kept.length), visit(object[name], depth + 1)]);
    }
    if (names.length > kept.length) kept.push(['‹more›', names.length - kept.length]);
    return Object.fromEntries(kept);
  };
  return visit(value, 0);
};

/**
 * The name of a tool or prompt as it may stand in an entry. Names are the server's identifiers and stay readable;
 * whatever does not look like one (a client can send anything) is reduced to its size.
 */
export const outlineName = (name: string): string =>
  UUID.test(name) || (/^[A-Za-z0-9_][\w./:-]{0,127}$/.test(name) && !holdsData(name)) ? name : `‹name ${name.length}›`;

/** What a program says of itself: words rather than an identifier, bounded, and reduced to its size if it may be data. */
export const outlineWords = (text: string, maxLength: number): string =>
  text.length <= maxLength && /^[\p{L}0-9 ._()/+@,:-]*$/u.test(text) && !holdsData(text)
    ? text
    : `‹string ${text.length}›`;

/** A resource URI as it may stand in an entry: scheme and authority; the path can hold customer data. */
export const outlineUri = (uri: string): string => {
  // The authority must end where a path, query or fragment begins: before an `@` stands a user name, or a token.
  const parts = /^([a-z][a-z0-9+.-]{0,31}):\/\/([A-Za-z0-9_.-]{0,63})(:\d{1,5})?(?=[/?#]|$)(.*)$/s.exec(uri);
  const [, scheme = '', host = '', port = '', rest = ''] = parts ?? [];
  if (parts === null || holdsData(scheme) || !isPlainHost(host)) return `‹uri ${uri.length}›`;
  return `${scheme}://${host}${port}${rest === '' ? '' : `/‹${rest.length}›`}`;
};

const isPlainHost = (host: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || (!/\d{4}/.test(host) && !holdsData(host));
