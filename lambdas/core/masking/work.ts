// Masking as work that pauses: a text of megabytes is masked in slices, between which the process can do other things and
// see whether the time allowed is over. Work may also ask: then it goes on with the answer. Pure.

import type { Answer, Question } from './comprehend/question.ts';

/** Yields whenever a slice is done, or with a question; goes on with the answer, or without one where nobody asks. */
export type Work<T> = Generator<Question | undefined, T, Answer | undefined>;

/** Characters between two pauses: well under a millisecond of clean text, a few of the worst. */
export const SLICE = 32_768;

/** Runs work to its end at once. A question gets no answer. */
export const finish = <T>(work: Work<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

/** Runs work slice by slice, waiting for `pause` in between. Without `ask` a question gets no answer. */
export const finishSlowly = async <T>(
  work: Work<T>,
  pause: () => Promise<void>,
  ask?: (question: Question) => Promise<Answer>,
): Promise<T> => {
  let answer: Answer | undefined;
  for (;;) {
    const step = work.next(answer);
    if (step.done === true) return step.value;
    answer = step.value === undefined ? undefined : await ask?.(step.value);
    if (step.value === undefined) await pause();
  }
};
