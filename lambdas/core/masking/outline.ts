// The masked view while no masking rule says what may be shown: structure and sizes, never a value. Pure.

/** How much of a structure is kept; the rest is counted. An entry must stay under 60 KB (docs/formats.md). */
const MAX_DEPTH = 6;
const MAX_MEMBERS = 32;
const MAX_ITEMS = 4;
const MAX_NODES = 400;

// A member name may itself be data ({"4111…": …}). Names that read like identifiers and hold no long number stay.
const isPlainName = (name: string): boolean => /^[A-Za-z_][\w.:/-]{0,63}$/.test(name) && !/\d{4}/.test(name);

/**
 * Replaces every value by its kind and size: `"‹string 11›"`, `"‹number›"`; true, false and null stay.
 * Arrays keep their first items, objects their first members, and say how many were left out.
 */
export const outline = (value: unknown): unknown => {
  let nodes = 0;
  const visit = (node: unknown, depth: number): unknown => {
    nodes += 1;
    if (typeof node === 'string') return `‹string ${node.length}›`;
    if (typeof node === 'number') return '‹number›';
    if (typeof node !== 'object' || node === null) return node ?? null;
    if (Array.isArray(node)) return visitArray(node, depth);
    return visitObject(node as Record<string, unknown>, depth);
  };
  const visitArray = (items: readonly unknown[], depth: number): unknown => {
    if (depth >= MAX_DEPTH || nodes > MAX_NODES) return `‹array ${items.length}›`;
    const kept = items.slice(0, MAX_ITEMS).map((item) => visit(item, depth + 1));
    return items.length > MAX_ITEMS ? [...kept, `‹${items.length - MAX_ITEMS} more›`] : kept;
  };
  const visitObject = (object: Record<string, unknown>, depth: number): unknown => {
    const names = Object.keys(object);
    if (depth >= MAX_DEPTH || nodes > MAX_NODES) return `‹object ${names.length}›`;
    const kept: [string, unknown][] = names
      .slice(0, MAX_MEMBERS)
      .map((name, index) => [isPlainName(name) ? name : `‹name ${index}›`, visit(object[name], depth + 1)]);
    if (names.length > MAX_MEMBERS) kept.push(['‹more›', names.length - MAX_MEMBERS]);
    return Object.fromEntries(kept);
  };
  return visit(value, 0);
};

/**
 * The name of a tool or prompt as it may stand in an entry. Names are the server's identifiers and stay readable;
 * whatever does not look like one (a client can send anything) is reduced to its size.
 */
export const outlineName = (name: string): string =>
  /^[A-Za-z0-9_][\w./:-]{0,127}$/.test(name) && !/\d{6}/.test(name) ? name : `‹name ${name.length}›`;

/** A resource URI as it may stand in an entry: scheme and authority; the path can hold customer data. */
export const outlineUri = (uri: string): string => {
  const parts = /^([a-z][a-z0-9+.-]{0,31}:\/\/)([A-Za-z0-9_.-]{0,63})(.*)$/s.exec(uri);
  if (parts === null || /\d{4}/.test(parts[2] ?? '')) return `‹uri ${uri.length}›`;
  return `${parts[1]}${parts[2]}${parts[3] === '' ? '' : `/‹${(parts[3] ?? '').length}›`}`;
};
