// Masking as work that pauses: a text of megabytes is masked in slices, between which the process can do other things and
// see whether the time allowed is over. Pure.

/** Yields whenever a slice is done. */
export type Work<T> = Generator<undefined, T, undefined>;

/** Characters between two pauses: well under a millisecond of clean text, a few of the worst. */
export const SLICE = 32_768;

/** Runs work to its end at once. */
export const finish = <T>(work: Work<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

/** Runs work slice by slice, waiting for `pause` in between. */
export const finishSlowly = async <T>(work: Work<T>, pause: () => Promise<void>): Promise<T> => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await pause();
  }
};
