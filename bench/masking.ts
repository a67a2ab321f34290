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
import { customer, fill, MEGABYTE, PROSE, rows, text, WORKLOADS, WORST } from './masking-inputs.ts';
import { type Measurement, percentile } from './report.ts';

const CONTEXT: MaskContext = { server: 'core-banking', tool: 'query', groups: [], tokenKey: Buffer.alloc(32, 7) };
const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Of the thread that is held up: collectors that work beside it hold up nobody. */
export const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
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

const TIMES = 10;
const ROUNDS = 7;

const worstCases = (masker: Masker): Measurement[] => {
  const factors = WORST.map(([name, make]) => {
    const [small, large] = [make(MEGABYTE / 2), make((MEGABYTE / 2) * TIMES)];
    best(masker, small, 2);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      large: cpuMs(() => mask(masker, large)),
      // As many small ones as one large one is worth: each leaves what it allocated for a later one to collect, so the best
      // single one would be one that had nothing to collect.
      small: cpuMs(() => {
        for (let run = 0; run < TIMES; run += 1) mask(masker, small);
      }),
    }));
    // Both of a round ran on the machine as it was then; the median forgives one that was disturbed, and no more.
    const factor = percentile(
      rounds.map((round) => (round.large / round.small) * TIMES),
      50,
    );
    const ms = Math.min(...rounds.map((round) => round.large));
    return { name, factor, speed: large.length / 1000 / ms };
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
    let last = threadMs();
    await finishSlowly(masker.maskingMessage(json, CONTEXT), async () => {
      longest = Math.max(longest, threadMs() - last);
      await new Promise((resume) => setImmediate(resume));
      last = threadMs();
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
