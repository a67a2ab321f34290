// Messages that masking is measured with: what banks' tools return, and what is made to be slow.

export const MEGABYTE = 1_000_000;

const answer = (result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
export const text = (content: string): string => answer({ content: [{ type: 'text', text: content }] });
export const fill = (make: (index: number) => string, bytes: number): string => {
  const parts: string[] = [];
  for (let index = 0, size = 0; size < bytes; index += 1) {
    const part = make(index);
    parts.push(part);
    size += part.length;
  }
  return parts.join('');
};

const pad = (index: number, length: number): string => String((index * 7919) % 10 ** length).padStart(length, '0');

export const PROSE = [
  'The branch in the old town closed early on Friday because of the storm, and most of the staff went home before noon. ',
  'Nobody expected that the new forms would be ready by the end of the week, but the printers worked through the night. ',
  'In the second quarter the committee met 4 times; its report has 36 pages and was sent to all members in 2025.\n',
];
export const customer = (index: number): object => ({
  customerId: `CUS-${pad(index, 6)}`,
  name: `Person ${pad(index, 5)}`,
  segment: index % 3 === 0 ? 'private' : 'business',
  since: `20${pad(index % 25, 2)}-03-1${index % 10}`,
  balance: (index * 13.37) % 90_000,
  currency: 'EUR',
  products: ['giro', 'savings', 'depot'].slice(0, 1 + (index % 3)),
  note: 'Prefers letters to calls and visits the branch twice a year',
});
const sensitive = (index: number): object => ({
  ...customer(index),
  email: `person.${pad(index, 5)}@example.com`,
  ssn: `078-05-${pad(index, 4)}`,
  comment: `Card 4111 1111 1111 1111 was replaced, call (415) 555-${pad(index, 4)}`,
});
const log = (index: number): string =>
  `2026-11-22T10:${pad(index % 60, 2)}:00.${pad(index, 3)}Z INFO  [worker-${index % 16}] request 8f14e45f-ceea-467f-a0e6-1b2c${pad(index, 8)} took ${index % 900} ms status=200 bytes=${pad(index, 5)} path=/api/v1/items/${pad(index, 3)}?page=3\n`;

export const rows = (make: (index: number) => object, bytes: number): string => {
  const count = Math.ceil(bytes / JSON.stringify(make(1)).length);
  return answer({ structuredContent: { rows: Array.from({ length: count }, (_, index) => make(index)) } });
};

const items = (make: (index: number) => unknown, bytes: number): unknown[] =>
  Array.from({ length: Math.ceil(bytes / (JSON.stringify(make(1)).length + 1)) }, (_, index) => make(index));
export const list = (make: (index: number) => unknown, bytes: number): string =>
  answer({ structuredContent: { list: items(make, bytes) } });
export const object = (name: (index: number) => string, bytes: number): string =>
  answer({ structuredContent: Object.fromEntries(items(name, bytes - bytes / 10).map((each) => [each, 1])) });

export const WORKLOADS: readonly (readonly [name: string, json: (bytes: number) => string])[] = [
  ['JSON', (bytes) => rows(customer, bytes)],
  [
    'JSON in text',
    (bytes) => text(JSON.stringify(Array.from({ length: Math.ceil(bytes / 230) }, (_, index) => customer(index)))),
  ],
  ['prose', (bytes) => text(fill((index) => PROSE[index % PROSE.length] ?? '', bytes))],
  ['logs', (bytes) => text(fill(log, bytes))],
  ['JSON with four values to mask per row', (bytes) => rows(sensitive, bytes)],
];

/** Near-matches of every kind, endless runs, deep nesting, and whatever makes a naive matcher try again. */
export const WORST: readonly (readonly [name: string, json: (bytes: number) => string])[] = [
  ['digits', (bytes) => text('7'.repeat(bytes))],
  ['single digits', (bytes) => text('4 '.repeat(bytes / 2))],
  ['almost cards', (bytes) => text('4111 1111 1111 1112 '.repeat(bytes / 20))],
  ['almost IBANs', (bytes) => text('DE89 3704 0044 0532 0130 01 '.repeat(bytes / 28))],
  ['at signs', (bytes) => text('a@'.repeat(bytes / 2))],
  ['colons', (bytes) => text('a1:'.repeat(bytes / 3))],
  ['labels', (bytes) => text('ssn account password: '.repeat(bytes / 22))],
  ['streets', (bytes) => text('1 A B C St 1 a road '.repeat(bytes / 20))],
  ['token beginnings', (bytes) => text('sk-eyJghp_AKIA '.repeat(bytes / 15))],
  ['key beginnings', (bytes) => text('-----BEGIN PRIVATE KEY----- ‹key› '.repeat(bytes / 34))],
  ['escapes', (bytes) => text('%41&#52;\\u0034'.repeat(bytes / 14))],
  ['base64', (bytes) => text(Buffer.from('word '.repeat((bytes * 3) / 20)).toString('base64'))],
  ['folded', (bytes) => text('４１１１ ‐ '.repeat(bytes / 8))],
  ['braces', (bytes) => text(`text ${'\n{"a":[1,'.repeat(bytes / 9)}`)],
  [
    'nesting',
    (bytes) =>
      answer({
        structuredContent: Array.from({ length: bytes / 120 }, () => JSON.parse('['.repeat(58) + ']'.repeat(58))),
      }),
  ],
  ['table lines', (bytes) => text('ssn,a\n'.repeat(bytes / 6))],
  ['one word', (bytes) => text('a'.repeat(bytes))],
  // A value to mask every few characters: hundreds of thousands of findings.
  ['SSN lines', (bytes) => text(fill((index) => `SSN 078-05-${pad(index, 4)}\n`, bytes))],
  ['cards in a list', (bytes) => list(() => '4111111111111111', bytes)],
  ['numbers of cards', (bytes) => list(() => 4111111111111111, bytes)],
  ['masked members', (bytes) => list((index) => ({ ssn: index % 10 }), bytes)],
  ['masked names', (bytes) => object((index) => `a${index} 4111111111111111`, bytes)],
  ['addresses', (bytes) => text(fill((index) => `p${index % 100}@example.com,`, bytes))],
  ['masked JSON in text', (bytes) => text(JSON.stringify(items(() => ({ ssn: 1 }), bytes)))],
  ['masked lines of JSON in text', (bytes) => text('{"ssn":1}\n'.repeat(bytes / 12))],
];
