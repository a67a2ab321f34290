// Time and fresh ids: the two things a pure function cannot make.

import { v7 } from 'uuid';
import type { Clock } from '../core/time.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** A new UUIDv7 (RFC 9562 section 5.7): unguessable, and in order of time. */
export const newId = (): string => v7();
