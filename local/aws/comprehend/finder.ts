// A stand-in for the models of Amazon Comprehend, which no laptop has: it knows some names, and the shapes of e-mail
// addresses and of postal addresses in the American manner. It shows that the gateway works, never how well it finds.

import { FAMILY_NAMES, GIVEN_NAMES } from '../../bank/data/people.ts';

export interface Found {
  readonly Type: 'NAME' | 'EMAIL' | 'ADDRESS';
  readonly Score: number;
  /** In code points, as AWS counts. */
  readonly BeginOffset: number;
  readonly EndOffset: number;
}

const NAMES = [
  ...GIVEN_NAMES,
  ...FAMILY_NAMES,
  ...['Ana', 'Carlos', 'Jane', 'John', 'José', 'Lucía', 'María', 'Mary', 'Paul', 'Zoë'],
  ...['Doe', 'García', 'Johnson', 'Müller', 'Pérez', 'Santos', 'Smith', 'Williams'],
].join('|');

const SHAPES: readonly (readonly [Found['Type'], RegExp])[] = [
  ['NAME', new RegExp(`(?<![\\p{L}\\p{M}])(?:${NAMES})(?:\\s{1,3}(?:${NAMES}|\\p{Lu}\\.))*(?![\\p{L}\\p{M}])`, 'gu')],
  ['EMAIL', /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g],
  [
    'ADDRESS',
    /\b\d{1,5} (?:[A-Z][a-z]+ ){1,3}(?:Street|Avenue|Lane|Drive|Court|Road)\b(?:, [A-Z][A-Za-z ]{1,40})?(?:, [A-Z]{2})?(?: \d{5})?/g,
  ],
];

export const findPii = (text: string): readonly Found[] => {
  const points = codePointsBefore(text);
  return SHAPES.flatMap(([Type, shape]) =>
    [...text.matchAll(shape)].map(({ index, 0: found }) => ({
      ...{ Type, Score: 0.99 },
      BeginOffset: points(index),
      EndOffset: points(index + found.length),
    })),
  ).sort((a, b) => a.BeginOffset - b.BeginOffset);
};

/** How many code points stand before a unit. */
const codePointsBefore = (text: string): ((unit: number) => number) => {
  const before = new Uint32Array(text.length + 1);
  let [unit, point] = [0, 0];
  for (const char of text) {
    before.fill(point, unit, unit + char.length);
    unit += char.length;
    point += 1;
  }
  before[text.length] = point;
  return (at) => before[at] ?? 0;
};
