// Who changes the write-ahead ledger, judged by what a change of an item looks like. Entries are written once; after that
// the sealer marks them, and time to live removes them. Everything else is somebody's hand. Pure.
//
//     waiting ── the sealer's mark ──> sealed ── time to live ──> gone
//
// A mark can be imitated, so it is only plausible here: it stands when the locked segment it names holds the entry.

/** Attributes of an item as the stream carries them, in DynamoDB's JSON. */
export type Image = Readonly<Record<string, unknown>>;

/** One MODIFY or REMOVE of the table's stream. */
export interface ItemChange {
  /** The stream's id of the change: the same however often it is delivered. */
  readonly eventId: string;
  readonly eventName: 'MODIFY' | 'REMOVE';
  /** Epoch seconds, approximate. */
  readonly at: number;
  /** Whether DynamoDB's time to live did it. */
  readonly expired: boolean;
  readonly partition: string;
  readonly sort: string;
  readonly before: Image;
  readonly after: Image | null;
}

/** What was done, as it stands in `tamper.suspected`. */
export type TamperDetail =
  | 'waiting_changed'
  | 'waiting_removed'
  | 'false_mark'
  | 'sealed_changed'
  | 'sealed_removed'
  | 'key_changed'
  | 'key_removed'
  | 'item_changed'
  | 'item_removed';

export type Judgement =
  | { readonly kind: 'expected' }
  /** As the sealer would mark: to be looked up in the segment. */
  | { readonly kind: 'marked'; readonly segment: number; readonly index: number }
  | { readonly kind: 'suspected'; readonly detail: TamperDetail };

/** What marking an entry as sealed removes and adds; everything else of an item stays. */
const REMOVED_BY_MARK = ['unsealed', 'position'] as const;
const ADDED_BY_MARK = ['sealedAt', 'segment', 'expiresAt'] as const;
/** A sealer that takes over marks again, by its own clock. */
const REMARK_SLACK_SECONDS = 24 * 3600;

const EXPECTED: Judgement = { kind: 'expected' };

export const judgeChange = (change: ItemChange): Judgement => {
  if (isMemory(change) && change.after !== null) return EXPECTED;
  if (change.sort.startsWith('key#')) return suspected(change, 'key');
  if (!('line' in change.before || 'unsealed' in change.before)) return suspected(change, 'item');
  return isSealed(change.before) ? judgeSealed(change) : judgeWaiting(change);
};

// What the sealer remembers, of the log and of each witness, is rewritten at every run and never believed: a signed
// checkpoint must agree with it. Nothing in the image tells the sealer's hand from another's, and nothing depends on it.
const isMemory = ({ partition, sort }: ItemChange): boolean =>
  partition === 'sealer' && (sort === 'head' || /^witness#[0-9a-f]{8}$/.test(sort));

const judgeWaiting = (change: ItemChange): Judgement => markOf(change) ?? suspected(change, 'waiting');

const judgeSealed = (change: ItemChange): Judgement => {
  const { before, after } = change;
  if (after === null) return change.expired ? EXPECTED : suspected(change, 'sealed');
  const again = numberOf(before, 'sealedAt') === numberOf(after, 'sealedAt');
  const keptLong = (numberOf(after, 'expiresAt') ?? 0) >= (numberOf(before, 'expiresAt') ?? 0) - REMARK_SLACK_SECONDS;
  const mark = again && keptLong ? markOf(change) : undefined;
  return mark ?? suspected(change, 'sealed');
};

const suspected = ({ after }: ItemChange, what: 'waiting' | 'sealed' | 'key' | 'item'): Judgement => ({
  kind: 'suspected',
  detail: after === null ? `${what}_removed` : `${what}_changed`,
});

/** Carries the mark, and is out of the index of waiting entries. */
const isSealed = (image: Image): boolean =>
  numberOf(image, 'sealedAt') !== undefined && REMOVED_BY_MARK.every((name) => !(name in image));

/** The change as the sealer's mark: marked now, and everything that is not the mark as before. */
const markOf = ({ before, after }: ItemChange): Judgement | undefined => {
  if (after === null || !isSealed(after)) return undefined;
  const index = numberOf(after, 'sealedAt');
  const segment = numberOf(after, 'segment');
  if (index === undefined || segment === undefined || numberOf(after, 'expiresAt') === undefined) return undefined;
  const same = isSame(withoutMark(before), withoutMark(after));
  return same && segment <= index ? { kind: 'marked', segment, index } : undefined;
};

const MARK: ReadonlySet<string> = new Set([...REMOVED_BY_MARK, ...ADDED_BY_MARK]);

const withoutMark = (image: Image): Image =>
  Object.fromEntries(Object.entries(image).filter(([name]) => !MARK.has(name)));

const numberOf = (image: Image, name: string): number | undefined => {
  const text = (image[name] as { readonly N?: unknown } | undefined)?.N;
  const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
};

/** Text attribute of an image. */
export const textOf = (image: Image | null, name: string): string | null => {
  const text = (image?.[name] as { readonly S?: unknown } | undefined)?.S;
  return typeof text === 'string' ? text : null;
};

/** Names of the attributes that differ, sorted. */
export const changedAttributes = ({ before, after }: ItemChange): readonly string[] => {
  const names = new Set([...Object.keys(before), ...Object.keys(after ?? {})]);
  return [...names].filter((name) => !isSame(before[name], after?.[name])).sort();
};

/** By its JSON, members in any order of the first level. Unlike the canonical form this takes any text, well-formed or not. */
const isSame = (a: unknown, b: unknown): boolean => sortedJson(a) === sortedJson(b);

const sortedJson = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : JSON.stringify(value);
