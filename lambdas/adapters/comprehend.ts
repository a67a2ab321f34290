// Personal data in text, found by Amazon Comprehend. Text goes to the service in the function's own account and Region.
//
// Every failure is a value, since the caller withholds a message for it. What is logged is the error's name: the words of
// a validation error can quote the text.

import {
  type ComprehendClient,
  ComprehendServiceException,
  DetectPiiEntitiesCommand,
} from '@aws-sdk/client-comprehend';
import type { DetectedEntity, DetectorFault } from '../core/masking/comprehend/question.ts';
import { err, ok, type Result } from '../core/result.ts';

/** Asks about one text of at most 100 KB, for at most so many milliseconds, further attempts included. */
export type DetectEntities = (
  text: string,
  language: 'en' | 'es',
  withinMs: number,
) => Promise<Result<readonly DetectedEntity[], DetectorFault>>;

export const makeDetectEntities =
  (client: ComprehendClient, report: (message: string, cause: unknown) => void): DetectEntities =>
  async (text, language, withinMs) => {
    const command = new DetectPiiEntitiesCommand({ Text: text, LanguageCode: language });
    try {
      const { Entities } = await client.send(command, { abortSignal: AbortSignal.timeout(Math.max(1, withinMs)) });
      return Entities === undefined ? err('malformed') : ok(Entities.map(entityOf));
    } catch (cause) {
      const fault = faultOf(cause);
      report(`Comprehend gave no answer: ${fault}, ${cause instanceof Error ? cause.name : 'unknown'}`, undefined);
      return err(fault);
    }
  };

/** What is missing becomes what no check lets pass. */
const entityOf = ({
  Type,
  BeginOffset,
  EndOffset,
  Score,
}: {
  readonly Type?: string | undefined;
  readonly BeginOffset?: number | undefined;
  readonly EndOffset?: number | undefined;
  readonly Score?: number | undefined;
}): DetectedEntity => ({ type: Type ?? '', begin: BeginOffset ?? -1, end: EndOffset ?? -1, score: Score ?? -1 });

const TIMEOUTS: ReadonlySet<string> = new Set(['AbortError', 'TimeoutError']);
const THROTTLES: ReadonlySet<string> = new Set(['ThrottlingException', 'TooManyRequestsException']);

const faultOf = (cause: unknown): DetectorFault => {
  const name = cause instanceof Error ? cause.name : '';
  if (TIMEOUTS.has(name)) return 'timeout';
  if (THROTTLES.has(name)) return 'throttled';
  return cause instanceof ComprehendServiceException && cause.$fault === 'client' ? 'refused' : 'unreachable';
};
