// Work of the core on messages of megabytes: other exchanges of this process have their turns in between.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { finishSlowly, type Work } from '../core/masking/work.ts';

/** Does work to its end, a slice a turn. */
export const slowly = <T>(work: Work<T>): Promise<T> => finishSlowly(work, () => nextTurn());
