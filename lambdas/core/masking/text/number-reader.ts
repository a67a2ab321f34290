// Numbers of a passage: first what shape or checksum tell, then what the words around them say they are. Pure.

import type { Match } from '../detectors/catalog.ts';
import type { DetectorSet } from '../detectors/detector-set.ts';
import type { DigitDetector, Scan } from '../detectors/scan.ts';
import { isLetterCode } from './classes.ts';
import { type ContextMemory, lowestContext } from './context-memory.ts';
import { DigitGroups, maybeGrouped } from './digit-groups.ts';
import { contextAfter } from './lookahead.ts';
import { REFERENCE } from './words.ts';

/** Digits that mean something alone; shorter runs count only in groups, or in a context. */
const MIN_RUN = 6;
/** The shortest card; it may follow a word without a space. */
const MIN_CARD = 13;

export class NumberReader {
  readonly #detectors: DetectorSet;
  readonly #memory: ContextMemory;
  readonly #groups = new DigitGroups();

  constructor(detectors: DetectorSet, memory: ContextMemory) {
    this.#detectors = detectors;
    this.#memory = memory;
  }

  /** What the digits in `[start, end)`, with the groups that follow them, are. */
  find(scan: Scan, start: number, end: number, keyContexts: number): Match | undefined {
    const { text } = scan;
    const isActive = start < this.#memory.activeUntil;
    if (!isActive && end - start < MIN_CARD && touchesLetter(scan, start, end)) return undefined;
    if (isActive || end - start >= MIN_RUN || maybeGrouped(text, end, scan.end))
      return this.#grouped(scan, start, keyContexts);
    // A house number or a ZIP code has nothing but its street or state before it.
    if (start === scan.start || text.charCodeAt(start - 1) !== 0x20) return undefined;
    this.#groups.read(text, start, end);
    return this.#first(scan, this.#detectors.shortNumbers);
  }

  /** First what shape or checksum tell, then what the context says it is. */
  #grouped(scan: Scan, start: number, keyContexts: number): Match | undefined {
    const groups = this.#groups;
    groups.read(scan.text, start, scan.end);
    const told = this.#first(scan, this.#detectors.numbers);
    if (told !== undefined) return told;
    // The word nearest before it, what its key says, or the word after it.
    const before = this.#labelled(scan, this.#memory.nearest(start));
    if (before !== undefined) return before;
    const named = this.#labelled(scan, lowestContext(keyContexts & ~(1 << REFERENCE)));
    if (named !== undefined || groups.total < MIN_RUN) return named;
    return this.#labelled(scan, contextAfter(scan.text, groups.endOf(groups.count - 1), scan.end));
  }

  #labelled(scan: Scan, context: number): Match | undefined {
    return context === -1 ? undefined : this.#first(scan, this.#detectors.labelled.get(context) ?? []);
  }

  #first(scan: Scan, detectors: readonly DigitDetector[]): Match | undefined {
    for (const detect of detectors) {
      const match = detect(scan, this.#groups);
      if (match !== undefined) return match;
    }
    return undefined;
  }
}

const touchesLetter = ({ text, start: first }: Scan, start: number, end: number): boolean =>
  isLetterCode(text.charCodeAt(end)) || (start > first && isLetterCode(text.charCodeAt(start - 1)));
