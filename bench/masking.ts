// Masking with all packs: speed on what banks' tools return, time of single results, and inputs made to be slow. Processor
// time, not wall time: other processes of the machine do not count.

import { compile } from '../lambdas/core/masking/compile.ts';
import { DETECTOR_IDS } from '../lambdas/core/masking/detectors/catalog.ts';
import type { MaskContext, Masker } from '../lambdas/core/masking/masker.ts';
import { PACKS } from '../lambdas/core/masking/packs.ts';
import { NO_RULES, PACK_NAMES } from '../lambdas/core/masking/rules.ts';
import { finishSlowly } from '../lambdas/core/masking/work.ts';
import { measuredCorpus } from '../test/support/masking/corpus.ts';
import { precision, recall, scoreCorpus } from '../test/support/masking/score.ts';
import { type Measurement, percentile } from './report.ts';

const CONTEXT: MaskContext = { server: 'core-banking', tool: 'query', groups: [], tokenKey: Buffer.alloc(32, 7) };
const MEGABYTE = 1_000_000;

const answer = (result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
const text = (content: string): string => answer({ content: [{ type: 'text', text: content }] });
const fill = (make: (index: number) => string, bytes: number): string => {
  const parts: string[] = [];
  for (let index = 0, size = 0; size < bytes; index += 1) {
    const part = make(index);
    parts.push(part);
    size += part.length;
  }
  return parts.join('');
};

const pad = (index: number, length: number): string => String((index * 7919) % 10 ** length).padStart(length, '0');

const PROSE = [
  'The branch in the old town closed early on Friday because of the storm, and most of the staff went home before noon. ',
  'Nobody expected that the new forms would be ready by the end of the week, but the printers worked through the night. ',
  'In the second quarter the committee met 4 times; its report has 36 pages and was sent to all members in 2025.\n',
];
const customer = (index: number): object => ({
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

const rows = (make: (index: number) => object, bytes: number): string => {
  const count = Math.ceil(bytes / JSON.stringify(make(1)).length);
  return answer({ structuredContent: { rows: Array.from({ length: count }, (_, index) => make(index)) } });
};

const WORKLOADS: readonly (readonly [name: string, json: (bytes: number) => string])[] = [
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
const WORST: readonly (readonly [name: string, json: (bytes: number) => string])[] = [
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
];

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const cpuMs = (run: () => void): number => {
  const before = cpuNow();
  run();
  return cpuNow() - before;
};

const mask = (masker: Masker, json: string): void => {
  const masked = masker.maskMessage(json, CONTEXT);
  if (!masked.ok) throw new Error(`the bench message was withheld: ${masked.error.reason}`);
};

/** Best of several: what the code costs, without what else the machine did. */
const best = (masker: Masker, json: string, runs: number): number =>
  Math.min(...Array.from({ length: runs }, () => cpuMs(() => mask(masker, json))));

/** Times of single results, in batches where one is too short to be measured. */
const samples = (masker: Masker, json: string, batch: number, count: number): number[] =>
  Array.from(
    { length: count },
    () =>
      cpuMs(() => {
        for (let index = 0; index < batch; index += 1) mask(masker, json);
      }) / batch,
  );

const speeds = (masker: Masker): Measurement[] =>
  WORKLOADS.map(([name, make]) => {
    const json = make(2 * MEGABYTE);
    best(masker, json, 3);
    return {
      name: `masking ${name}`,
      value: Buffer.byteLength(json) / MEGABYTE / (best(masker, json, 8) / 1000),
      unit: 'MB/s',
      ...(name.includes('mask') ? {} : { atLeast: 50 }),
    };
  });

const times = (masker: Masker): Measurement[] =>
  (
    [
      ['2 KB', 2000, 50, 200, 0.1],
      ['256 KB', 256_000, 1, 60, undefined],
    ] as const
  ).flatMap(([size, bytes, batch, count, atMost]) => {
    const json = rows(customer, bytes);
    const all = samples(masker, json, batch, count);
    return [
      {
        name: `masking a result of ${size}, p50`,
        value: percentile(all, 50),
        unit: 'ms' as const,
        ...(atMost === undefined ? {} : { atMost }),
      },
      { name: `masking a result of ${size}, p99`, value: percentile(all, 99), unit: 'ms' as const },
    ];
  });

const worstCases = (masker: Masker): Measurement[] => {
  const factors = WORST.map(([name, make]) => {
    // Large enough that both leave the caches, and that the collector of young objects has work in both.
    const [small, large] = [make(MEGABYTE / 2), make(5 * MEGABYTE)];
    best(masker, small, 1);
    const ms = best(masker, large, 2);
    return { name, factor: ms / best(masker, small, 3), speed: large.length / 1000 / ms };
  });
  const steepest = factors.reduce((a, b) => (b.factor > a.factor ? b : a));
  const slowest = factors.reduce((a, b) => (b.speed < a.speed ? b : a));
  return [
    {
      name: `masking 10 times the worst input (${steepest.name}): times the time`,
      value: steepest.factor,
      unit: 'x',
      atMost: 12,
    },
    { name: `masking the slowest input (${slowest.name})`, value: slowest.speed, unit: 'MB/s' },
  ];
};

/** The longest stretch between two pauses, of 10 MB in one string and of the slowest inputs. */
const longestBlock = async (masker: Masker): Promise<Measurement> => {
  const inputs = [
    text(fill((index) => PROSE[index % PROSE.length] ?? '', 10 * MEGABYTE)),
    rows(customer, 10 * MEGABYTE),
    ...WORST.map(([, make]) => make(MEGABYTE)),
  ];
  let longest = 0;
  for (const json of inputs) {
    let last = cpuNow();
    await finishSlowly(masker.maskingMessage(json, CONTEXT), async () => {
      longest = Math.max(longest, cpuNow() - last);
      await new Promise((resume) => setImmediate(resume));
      last = cpuNow();
    });
  }
  return {
    name: 'masking 10 MB and the worst inputs: longest block of the event loop',
    value: longest,
    unit: 'ms',
    atMost: 50,
  };
};

const quality = (): Measurement[] => {
  const { scores } = scoreCorpus(measuredCorpus());
  const lowest = (of: (score: (typeof scores)['card']) => number): number =>
    100 * Math.min(...DETECTOR_IDS.map((id) => of(scores[id])));
  return [
    { name: 'masking: lowest recall of a detector', value: lowest(recall), unit: '%', atLeast: 95 },
    { name: 'masking: lowest precision of a detector', value: lowest(precision), unit: '%', atLeast: 95 },
  ];
};

export const benchMasking = async (): Promise<Measurement[]> => {
  const compiled = compile({ ...NO_RULES, packs: PACK_NAMES }, PACKS);
  if (!compiled.ok) throw new Error('the packs do not compile');
  const masker = compiled.value;
  return [...speeds(masker), ...times(masker), ...worstCases(masker), await longestBlock(masker), ...quality()];
};
