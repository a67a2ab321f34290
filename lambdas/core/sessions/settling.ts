// What the entries of a session say about each of its calls, and what is missing for long enough to be recorded. Pure.

/** An entry of a session, by its place in the ledger. */
export interface SeenPlace {
  readonly sort: string;
  readonly type: string;
  /** Leaf hash, hex. */
  readonly leaf: string;
}

/** One sequence number as the ledger has it. */
export interface SeenCall {
  readonly seq: number;
  readonly first: 'intent' | 'gap' | null;
  /** Leaf hash of the intent. */
  readonly intentLeaf: string;
  readonly parts: number;
  readonly last: 'outcome' | 'unknown' | null;
}

type CallState =
  /** Begun and ended, or known not to have been made. */
  | 'settled'
  /** An intent without outcome: settled once it is old. */
  | 'unanswered'
  /** Counted, and nothing is there: settled once that was long ago. */
  | 'missing'
  /** Later entries of a call whose intent is gone. Nothing true can be said of it. */
  | 'broken';

export const stateOf = ({ first, parts, last }: SeenCall): CallState => {
  if (first === null) return parts > 0 || last !== null ? 'broken' : 'missing';
  if (first === 'gap') return 'settled';
  return last === null ? 'unanswered' : 'settled';
};

const PLACE = /^entry#(\d{12})#([123])(?:#\d{6})?$/;

type Building = { -readonly [Field in keyof SeenCall]: SeenCall[Field] };

const emptyCall = (seq: number): Building => ({ seq, first: null, intentLeaf: '', parts: 0, last: null });

/** Every call from `from` to `to`, in order, from places in the order of the ledger; also those that left nothing. */
export async function* callsOf(
  places: AsyncIterable<SeenPlace>,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<SeenCall> {
  let call = emptyCall(from);
  for await (const place of places) {
    const seq = Number(PLACE.exec(place.sort)?.[1] ?? call.seq);
    for (; call.seq < seq; call = emptyCall(call.seq + 1)) yield call;
    add(call, place);
  }
  for (; call.seq <= to; call = emptyCall(call.seq + 1)) yield call;
}

const add = (call: Building, { sort, type, leaf }: SeenPlace): void => {
  const slot = PLACE.exec(sort)?.[2];
  if (slot === '2') call.parts += 1;
  if (slot === '3') call.last = type === 'call.unknown' ? 'unknown' : 'outcome';
  if (slot !== '1') return;
  call.first = type === 'gap' ? 'gap' : 'intent';
  call.intentLeaf = leaf;
};
