// What the gate knows of a held call when its intent is written. Types only.

import type { ApprovalStep } from '../adapters/dynamo-approval-items.ts';
import type { StoredEntry } from '../adapters/dynamo-items.ts';
import type { Approval } from '../core/approvals/approval.ts';
import type { RecordedCall } from '../core/approvals/entries.ts';
import type { Passage } from '../core/approvals/passage.ts';
import type { ContentRecord } from '../core/ledger/entry.ts';

export interface Held {
  readonly passage: Passage | BrokenGlassPassage;
  /** What goes into the transaction of the intent; `null` when there is no step to take. */
  readonly step: ((call: RecordedCall, seal: SealText) => Promise<HeldSteps>) | null;
}

/** The glass was broken for this call: it goes out, and people are told. */
interface BrokenGlassPassage {
  readonly kind: 'glass';
  readonly approval: Approval;
  /** The open request of the same call, which ends with it; `null`: there was none. */
  readonly withdrawn: { readonly after: Approval; readonly token: string | null } | null;
}

interface HeldSteps {
  readonly steps: readonly ApprovalStep[];
  readonly entries: readonly StoredEntry[];
}

/** Seals a text under the key of the session. */
type SealText = (text: string) => Promise<{ readonly record: ContentRecord; readonly inline: string | null }>;
