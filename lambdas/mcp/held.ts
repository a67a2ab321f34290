// What the gate knows of a held call when its intent is written. Types only.

import type { ApprovalStep } from '../adapters/dynamo-approval-items.ts';
import type { RecordedCall } from '../core/approvals/entries.ts';
import type { Passage } from '../core/approvals/passage.ts';
import type { ContentRecord, Entry } from '../core/ledger/entry.ts';

export interface Held {
  readonly passage: Passage;
  /** The step that goes into the transaction of the intent; `null` when there is none to take. */
  readonly step: ((call: RecordedCall, seal: SealText) => Promise<HeldStep>) | null;
}

interface HeldStep {
  readonly step: ApprovalStep;
  readonly entry: Entry;
  /** Ciphertext beside the entry (JWE compact). */
  readonly body: string | null;
}

/** Seals a text under the key of the session. */
type SealText = (text: string) => Promise<{ readonly record: ContentRecord; readonly inline: string | null }>;
