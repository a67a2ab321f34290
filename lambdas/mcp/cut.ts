// Where answers of the two kinds are cut to what the principal could use, before they are recorded and handed on.

import { isUtf8 } from 'node:buffer';
import type { CutAnswer } from '../core/catalog/cut-answer.ts';
import { readEventData, withData } from '../core/mcp/sse.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import type { Exchange } from './exchange.ts';
import type { OutcomeFacts } from './recorder.ts';
import { slowly } from './slowly.ts';

/** Bytes to hand on, and what the outcome says of the cut. */
export interface Cut {
  readonly bytes: Buffer;
  readonly filtered: Pick<OutcomeFacts, 'filtered'>;
}

/** A whole JSON body. What is no UTF-8 holds nothing to cut and is refused by its reader. */
export const cutBody = async ({ cutAnswers }: Exchange, bytes: Buffer): Promise<Result<Cut, UpstreamFailure>> => {
  if (cutAnswers === undefined || !isUtf8(bytes)) return ok({ bytes, filtered: {} });
  const text = bytes.toString('utf8');
  return cutText(await slowly(cutAnswers(text)), text, bytes, (changed) => Buffer.from(changed));
};

/** One event of a stream. */
export const cutEvent = async ({ cutAnswers }: Exchange, event: Buffer): Promise<Result<Cut, UpstreamFailure>> => {
  const data = cutAnswers === undefined ? undefined : await slowly(readEventData(event));
  if (cutAnswers === undefined || data === undefined) return ok({ bytes: event, filtered: {} });
  return cutText(await slowly(cutAnswers(data)), data, event, (changed) => withData(event, changed));
};

const cutText = (
  cut: Result<CutAnswer, string>,
  text: string,
  bytes: Buffer,
  write: (changed: string) => Buffer,
): Result<Cut, UpstreamFailure> => {
  if (!cut.ok) return err({ reason: 'garbage', detail: cut.error });
  return ok({
    bytes: cut.value.text === text ? bytes : write(cut.value.text),
    filtered: filteredRecord(cut.value.counts),
  });
};

const filteredRecord = (counts: CutAnswer['counts']): Cut['filtered'] =>
  counts === null ? {} : { filtered: { shown: String(counts.shown), hidden: String(counts.hidden) } };
