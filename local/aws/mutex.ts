export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs pieces of work one after the other, in the order they were handed in; a failure does not stop the line. */
export const createMutex = (): Mutex => {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work);
    tail = run.catch(() => undefined);
    return run;
  };
};
