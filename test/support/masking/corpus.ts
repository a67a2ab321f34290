// The corpus: documents with the values that stand in them, from one seed. `npx node test/support/masking/write-corpus.ts`
// writes it to test/fixtures/masking; a test compares, so that the file that people read is the one that is measured.

import { DETECTOR_IDS, type DetectorId } from '../../../lambdas/core/masking/detectors/catalog.ts';
import { BLIND_STYLES } from './blind/blind.ts';
import { BLIND_NEGATIVES } from './blind/negatives.ts';
import { SECOND_NEGATIVES } from './blind/second-negatives.ts';
import { SECOND_STYLES } from './blind/second-styles.ts';
import { NEGATIVES } from './negatives.ts';
import { Random } from './random.ts';
import { STYLES } from './styles.ts';
import { VALUES } from './values.ts';

export interface Document {
  readonly split: 'tuned' | 'held-out' | 'fresh' | 'negative' | 'blind' | 'blind-2';
  readonly text: string;
  /** The value that stands in it. */
  readonly detector: DetectorId | null;
  readonly value: string | null;
}

const SEED = 20_261_122;
const TUNED_PER_DETECTOR = 120;
const HELD_OUT_PER_DETECTOR = 80;
const FRESH_PER_DETECTOR = 60;

type Split = 'tuned' | 'held-out' | 'fresh';
const PER_NEGATIVE = 24;

const PER_BLIND_NEGATIVE = 12;

type Writers = readonly ((random: Random) => string)[];

const written = (style: string, value: string, negatives: Writers, random: Random): string => {
  const isJson = style.startsWith('{"');
  // Around the value, what else is written: mostly nothing to mask.
  const around = random.next() < 0.4 ? [random.pick(negatives)(random)] : [];
  const text = style.replace('{}', () => (isJson ? JSON.stringify(value).slice(1, -1) : value));
  return isJson ? text : [...around, text].join('\n');
};

const documentOf = (detector: DetectorId, split: Split, index: number, random: Random): Document => {
  const styles = STYLES[detector][split === 'held-out' ? 'heldOut' : split];
  const value = VALUES[detector](random);
  return { split, text: written(styles[index % styles.length] ?? '{}', value, NEGATIVES, random), detector, value };
};

/** Forms that nothing but a word can tell: what the blind styles are about. */
const needsWords = (detector: DetectorId, value: string): boolean =>
  detector === 'ssn' ? /^\d{9}$/.test(value) : detector !== 'phone' || !value.startsWith('+');

const blindValue = (detector: DetectorId, random: Random): string => {
  const value = VALUES[detector](random);
  return needsWords(detector, value) ? value : blindValue(detector, random);
};

interface BlindSet {
  readonly split: 'blind' | 'blind-2';
  readonly seed: number;
  readonly styles: Readonly<Record<DetectorId, readonly string[]>>;
  readonly negatives: Writers;
  readonly perDetector: number;
}

const BLIND_SETS: readonly BlindSet[] = [
  { split: 'blind', seed: 20_261_124, styles: BLIND_STYLES, negatives: BLIND_NEGATIVES, perDetector: 120 },
  { split: 'blind-2', seed: 20_261_125, styles: SECOND_STYLES, negatives: SECOND_NEGATIVES, perDetector: 60 },
];

const blindDocuments = ({ split, seed, styles, negatives, perDetector }: BlindSet): Document[] => {
  const random = new Random(seed);
  const valued = DETECTOR_IDS.flatMap((detector) =>
    Array.from({ length: perDetector }, (_, index): Document => {
      const style = styles[detector][index % styles[detector].length] ?? '{}';
      const value = blindValue(detector, random);
      return { split, text: written(style, value, negatives, random), detector, value };
    }),
  );
  const without = negatives.flatMap((write) =>
    Array.from(
      { length: PER_BLIND_NEGATIVE },
      (): Document => ({ split, text: write(random), detector: null, value: null }),
    ),
  );
  return [...valued, ...without];
};

export const corpus = (): Document[] => {
  const random = new Random(SEED);
  const valued = DETECTOR_IDS.flatMap((detector) => [
    ...Array.from({ length: TUNED_PER_DETECTOR }, (_, index) => documentOf(detector, 'tuned', index, random)),
    ...Array.from({ length: HELD_OUT_PER_DETECTOR }, (_, index) => documentOf(detector, 'held-out', index, random)),
    ...Array.from({ length: FRESH_PER_DETECTOR }, (_, index) => documentOf(detector, 'fresh', index, random)),
  ]);
  const negatives = NEGATIVES.flatMap((write) =>
    Array.from(
      { length: PER_NEGATIVE },
      (): Document => ({ split: 'negative', text: write(random), detector: null, value: null }),
    ),
  );
  return [...valued, ...negatives, ...BLIND_SETS.flatMap(blindDocuments)];
};

/** Without the second blind set: nothing is tuned on that, so no threshold holds for it either. */
export const measuredCorpus = (): Document[] => corpus().filter(({ split }) => split !== 'blind-2');

/**
 * The corpus as JSON Lines. The first character of each secret is escaped: scanners that guard a repository against
 * leaked tokens would take the made-up ones for real.
 */
export const writtenCorpus = (): string =>
  corpus()
    .map((document) => {
      const { detector, value } = document;
      const line = JSON.stringify(document);
      if (value === null || !(detector === 'token' || detector === 'key' || detector === 'jwt')) return `${line}\n`;
      const written = JSON.stringify(value).slice(1, 25);
      const first = `\\u00${written.charCodeAt(0).toString(16)}`;
      return `${line.replaceAll(written, () => first + written.slice(1))}\n`;
    })
    .join('');
