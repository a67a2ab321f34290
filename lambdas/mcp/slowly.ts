// Work of the core on messages of megabytes: other exchanges of this process have their turns in between.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer, Question } from '../core/masking/comprehend/question.ts';
import { finishSlowly, type Work } from '../core/masking/work.ts';

/** Does work to its end, a slice a turn. Without `ask` its questions get no answer. */
export const slowly = <T>(work: Work<T>, ask?: (question: Question) => Promise<Answer>): Promise<T> =>
  finishSlowly(work, () => nextTurn(), ask);
