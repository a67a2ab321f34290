// A detector of names for tests: finds the names it is given, and remembers what it was asked.

import type { Answer, DetectedEntity, Question } from '../../../lambdas/core/masking/comprehend/question.ts';
import type { RuleSet } from '../../../lambdas/core/masking/rules.ts';
import type { Work } from '../../../lambdas/core/masking/work.ts';
import { ok } from '../../../lambdas/core/result.ts';

export const COMPREHEND: NonNullable<RuleSet['comprehend']> = {
  ...{ language: 'en', entities: ['NAME'], action: 'redact', minScore: 0.5, maxBytes: 100_000 },
};

/** Every occurrence of the names, in code points. */
export const namesIn = (names: readonly string[], text: string, type = 'NAME'): readonly DetectedEntity[] => {
  const pointsBefore = (unit: number) => [...text.slice(0, unit)].length;
  return names.flatMap((name) => {
    const found: DetectedEntity[] = [];
    for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + name.length))
      found.push({ type, begin: pointsBefore(at), end: pointsBefore(at + name.length), score: 0.9 });
    return found;
  });
};

export interface Detector {
  readonly asked: string[];
  answer(question: Question): Answer;
}

export const detectorOf = (...names: readonly string[]): Detector => {
  const asked: string[] = [];
  return {
    asked,
    answer: ({ documents }) => {
      asked.push(...documents);
      return ok(documents.map((document) => namesIn(names, document)));
    },
  };
};

/** Runs work to its end, answering what it asks. */
export const answered = <T>(work: Work<T>, { answer }: Pick<Detector, 'answer'>): T => {
  let given: Answer | undefined;
  for (;;) {
    const step = work.next(given);
    if (step.done === true) return step.value;
    given = step.value === undefined ? undefined : answer(step.value);
  }
};
