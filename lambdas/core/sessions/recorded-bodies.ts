// The bodies that one exchange left, in the order in which they went over the wire. Pure.

import type { ContentRecord, Entry } from '../ledger/entry.ts';

export interface RecordedBody {
  /** What a person calls it. */
  readonly title: string;
  readonly content: ContentRecord;
}

/** The request, then the answer, in the parts in which a stream was recorded. `entries` are those of one exchange. */
export const recordedBodies = (entries: readonly Entry[]): readonly RecordedBody[] => {
  const isSplit = entries.some(({ type }) => type === 'stream.segment');
  return entries.flatMap((entry): readonly RecordedBody[] => {
    switch (entry.type) {
      case 'call.intent':
        return entry.args === null ? [] : [{ title: 'What was sent', content: entry.args }];
      case 'stream.segment':
        return [{ title: `What the server answered, part ${entry.part}`, content: entry.content }];
      case 'call.outcome': {
        const { content } = entry.result;
        const title = isSplit ? 'What the server answered, last part' : 'What the server answered';
        return content === null ? [] : [{ title, content }];
      }
      default:
        return [];
    }
  });
};
