// A generator as a Node stream whose destruction waits for the generator to finish. `stream.pipeline` waits for the
// destruction in turn, so a function that pipes such a stream does not return before the last entry is durable.

import { once } from 'node:events';
import { Readable } from 'node:stream';

export const readableOf = (source: AsyncGenerator<Buffer>, abort: AbortController): Readable => {
  let reading: Promise<void> | undefined;
  const pull = async (stream: Readable): Promise<void> => {
    const { done, value } = await source.next();
    stream.push(done === true ? null : value);
  };
  return new Readable({
    read() {
      reading = pull(this).catch((cause: unknown) => {
        this.destroy(cause instanceof Error ? cause : new Error('stream failed', { cause }));
      });
    },
    destroy(error, callback) {
      abort.abort({ reason: 'client_closed' });
      // A generator that never ran would skip its `finally`, and with it the outcome: it is started to be ended.
      Promise.resolve(reading ?? source.next())
        .then(() => source.return(undefined))
        .then(
          () => callback(error),
          (cause: Error) => callback(error ?? cause),
        );
    },
  });
};

/**
 * Ends a body that was not read to its end, and waits until it is closed. `stream.pipeline` leaves its source alone when
 * the client was gone before it began: without this, that exchange would have no outcome.
 */
export const endBody = async (body: unknown): Promise<void> => {
  if (!(body instanceof Readable) || body.closed) return;
  const closed = once(body, 'close');
  body.destroy();
  await closed;
};
