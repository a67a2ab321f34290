// Asks Amazon Comprehend what masking wants to know. The same text is asked about once: what a client gets and what an
// entry shows are masked apart, and lists of tools are the same for everybody.

import { createHash } from 'node:crypto';
import type { DetectEntities } from '../adapters/comprehend.ts';
import { isSound } from '../core/masking/comprehend/documents.ts';
import type { Answer, DetectedEntity, Question } from '../core/masking/comprehend/question.ts';
import { err, ok } from '../core/result.ts';
import type { Clock } from '../core/time.ts';
import type { MaskingConfig } from '../gateway-config.ts';

export interface AskingParts {
  readonly rules: MaskingConfig;
  readonly clock: Clock;
  /** `null` where the configuration asks nobody. */
  readonly detect: DetectEntities | null;
}

/** Asks until a time; `undefined` when there is nobody to ask. */
export type Ask = ((question: Question, until: number) => Promise<Answer>) | undefined;

/** Requests of one message at a time: an account has about twenty in a second. */
const AT_ONCE = 4;
/** Answers that are remembered, none of them longer than this. They hold places and types, no text. */
const MAX_ANSWERS = 256;
const MAX_ENTITIES = 500;

export const makeAsk = ({ rules, clock, detect }: AskingParts): Ask => {
  const { comprehend } = rules;
  if (comprehend === null || detect === null) return undefined;
  const known = new Map<string, readonly DetectedEntity[]>();

  const askAbout = async (document: string, until: number) => {
    const digest = createHash('sha256').update(document, 'utf8').digest('base64');
    const before = known.get(digest);
    if (before !== undefined) return ok(before);
    const found = await detect(document, comprehend.language, until - clock.now());
    // One that does not fit withholds this message, not every later one that says the same.
    if (found.ok && found.value.length <= MAX_ENTITIES && isSound(document, found.value)) {
      if (known.size >= MAX_ANSWERS) known.clear();
      known.set(digest, found.value);
    }
    return found;
  };

  return async ({ documents }, until) => {
    const answers: (readonly DetectedEntity[])[] = [];
    for (let first = 0; first < documents.length; first += AT_ONCE) {
      const asked = documents.slice(first, first + AT_ONCE).map((document) => askAbout(document, until));
      for (const found of await Promise.all(asked)) {
        if (!found.ok) return err(found.error);
        answers.push(found.value);
      }
    }
    return ok(answers);
  };
};
