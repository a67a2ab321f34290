// One log under load, as a simulation: what arrives, what the index shards let in, and one sealer that works segment by
// segment. Pure and deterministic: the same assumptions give the same numbers. The times are assumptions, stated in
// ASSUMPTIONS with where they come from; the steps are those of lambdas/sealer.

/** Milliseconds unless a name says otherwise. */
export interface Assumptions {
  /** Entries of a call: intent and outcome. */
  readonly entriesOfACall: number;
  /** Capacity units a second that one partition key of an index takes. */
  readonly shardUnits: number;
  readonly shards: number;
  /** Units of one shard that an entry costs: the insert, and its removal when the entry is marked. */
  readonly unitsOfAnEntry: number;
  readonly segmentEntries: number;
  /** Items that are read in one BatchGetItem, and marked at one time. */
  readonly readAtOnce: number;
  readonly markAtOnce: number;
  /** Requests for what entries rest on (intents, openings), each like a read, for every request for entries. */
  readonly rereads: number;
  readonly queryMs: number;
  readonly readMs: number;
  readonly markMs: number;
  readonly putMs: number;
  readonly signMs: number;
  /** Processor time of the sealer for one entry: reading, hashing, packing. */
  readonly entryMs: number;
  /** Of tiles after signing: bundles and hash tiles of one segment, several at a time. */
  readonly tilesOfASegmentMs: number;
  /** Until the stream wakes a sealer that has nothing to do. */
  readonly wakeMs: number;
  /** A run seals until then, and signs at its end. */
  readonly runMs: number;
  /** Manifests of ended sessions, which take what time sealing leaves. */
  readonly callsOfASession: number;
  readonly manifestMs: number;
  readonly manifestsAtOnce: number;
}

const ASSUMPTIONS: Assumptions = {
  entriesOfACall: 2,
  shardUnits: 1000,
  shards: 8,
  unitsOfAnEntry: 2,
  segmentEntries: 500,
  readAtOnce: 100,
  markAtOnce: 16,
  rereads: 1,
  queryMs: 10,
  readMs: 20,
  markMs: 6,
  putMs: 150,
  signMs: 30,
  entryMs: 0.07,
  tilesOfASegmentMs: 100,
  wakeMs: 5000,
  runMs: 110_000,
  callsOfASession: 100,
  manifestMs: 350,
  manifestsAtOnce: 8,
};

export interface Load {
  readonly callsPerSecond: number;
  readonly seconds: number;
}

export interface Outcome {
  /** Share of the calls that were refused because the index took no more. */
  readonly refused: number;
  /** From written to committed in the locked bucket, and to signed. */
  readonly sealedMs: Percentiles;
  readonly signedMs: Percentiles;
  /** Entries waiting at the end. */
  readonly backlog: number;
  /** Whether the backlog was still growing. */
  readonly growing: boolean;
  /** Share of the time that each was busy, or of what it can take. */
  readonly busy: { readonly shard: number; readonly sealer: number; readonly marks: number };
  readonly segmentsPerSecond: number;
  readonly checkpointsPerSecond: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How long the sealer works on a segment, by step. */
const segmentMs = (entries: number, a: Assumptions): { readonly marks: number; readonly all: number } => {
  const reads = Math.ceil(entries / a.readAtOnce) * (1 + a.rereads) * a.readMs;
  const marks = Math.ceil(entries / a.markAtOnce) * a.markMs;
  // Bodies, then the segment: the order is what makes a crash harmless.
  const puts = 2 * a.putMs;
  return { marks, all: a.queryMs + reads + entries * a.entryMs + puts + marks };
};

/** Calls a second that one log takes for good: what one sealer seals, and what the index lets in beside the marks. */
export const capacityOf = (a: Assumptions = ASSUMPTIONS): { readonly sealer: number; readonly index: number } => {
  const sealing = ((segmentMs(a.segmentEntries, a).all + a.tilesOfASegmentMs) * a.entriesOfACall) / a.segmentEntries;
  const manifests = a.manifestMs / a.manifestsAtOnce / a.callsOfASession;
  return {
    sealer: 1000 / (sealing + manifests),
    index: (a.shardUnits * a.shards) / a.unitsOfAnEntry / a.entriesOfACall,
  };
};

const BIN_MS = 10;

interface Waiting {
  readonly at: number;
  entries: number;
}

/** Weighted values, for percentiles. */
class Sample {
  readonly #values: { readonly value: number; readonly weight: number }[] = [];

  add(value: number, weight: number): void {
    if (weight > 0) this.#values.push({ value, weight });
  }

  percentiles(): Percentiles {
    const sorted = this.#values.toSorted((a, b) => a.value - b.value);
    const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
    const at = (share: number): number => {
      let passed = 0;
      for (const { value, weight } of sorted) {
        passed += weight;
        if (passed >= total * share) return value;
      }
      return Number.NaN;
    };
    return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1)?.value ?? Number.NaN };
  }
}

/** What comes in, and what the index lets in: a shard that is full throttles the table, and the call is refused. */
class Intake {
  readonly waiting: Waiting[] = [];
  readonly #load: Load;
  readonly #a: Assumptions;
  #arrivedUntil = 0;
  /** What the shards can take at once: unused capacity of the last second. Below zero when marking took more. */
  #units = 0;
  #offered = 0;
  #refused = 0;
  #unitsUsed = 0;
  backlog = 0;

  constructor(load: Load, a: Assumptions) {
    this.#load = load;
    this.#a = a;
  }

  /** Lets arrive what arrives until then. */
  until(time: number): void {
    const end = this.#load.seconds * 1000;
    for (; this.#arrivedUntil < Math.min(time, end); this.#arrivedUntil += BIN_MS) {
      const offered = (this.#load.callsPerSecond * this.#a.entriesOfACall * BIN_MS) / 1000;
      const aSecond = this.#a.shardUnits * this.#a.shards;
      this.#units = Math.min(aSecond, this.#units + (aSecond * BIN_MS) / 1000);
      const entries = Math.min(offered, Math.max(0, this.#units));
      this.#units -= entries;
      this.#offered += offered;
      this.#refused += offered - entries;
      this.#unitsUsed += entries;
      this.backlog += entries;
      if (entries > 0) this.waiting.push({ at: this.#arrivedUntil, entries });
    }
  }

  /** The oldest entries, at most so many. */
  take(most: number): readonly Waiting[] {
    const taken: Waiting[] = [];
    let left = Math.min(most, this.backlog);
    this.backlog -= left;
    while (left > 1e-9) {
      const first = this.waiting[0];
      if (first === undefined) break;
      const entries = Math.min(left, first.entries);
      taken.push({ at: first.at, entries });
      first.entries -= entries;
      left -= entries;
      if (first.entries <= 1e-9) this.waiting.shift();
    }
    return taken;
  }

  /** Marking takes its entries out of the index, at the cost of inserts. */
  marked(entries: number): void {
    const units = entries * (this.#a.unitsOfAnEntry - 1);
    this.#units -= units;
    this.#unitsUsed += units;
  }

  get refused(): number {
    return this.#offered === 0 ? 0 : this.#refused / this.#offered;
  }

  get shardBusy(): number {
    return this.#unitsUsed / (this.#a.shardUnits * this.#a.shards * this.#load.seconds);
  }
}

/** One sealer: what it did, and how long entries waited for it. */
class Sealer {
  readonly #intake: Intake;
  readonly #a: Assumptions;
  readonly sealed = new Sample();
  readonly signed = new Sample();
  readonly busy = { sealer: 0, marks: 0 };
  segments = 0;
  checkpoints = 0;
  now = 0;

  constructor(intake: Intake, a: Assumptions) {
    this.#intake = intake;
    this.#a = a;
  }

  /** Seals until nothing is left or time is up, signs, writes tiles. */
  run(): void {
    const began = this.now;
    const unsigned: Waiting[] = [];
    let segments = 0;
    for (let full = true; full && this.now < began + this.#a.runMs; ) {
      const batch = this.#intake.take(this.#a.segmentEntries);
      full = entriesOf(batch) > this.#a.segmentEntries - 1;
      if (batch.length === 0) break;
      this.#segment(batch);
      unsigned.push(...batch);
      segments += 1;
    }
    if (segments > 0) this.#sign(unsigned, segments);
    this.segments += segments;
    this.busy.sealer += this.now - began;
  }

  #segment(batch: readonly Waiting[]): void {
    const { marks, all } = segmentMs(entriesOf(batch), this.#a);
    // Committed before its items are marked.
    for (const { at, entries } of batch) this.sealed.add(this.now + all - marks - at, entries);
    this.now += all;
    this.busy.marks += marks;
    this.#intake.marked(entriesOf(batch));
    this.#intake.until(this.now);
  }

  #sign(unsigned: readonly Waiting[], segments: number): void {
    this.now += this.#a.signMs + this.#a.putMs;
    this.checkpoints += 1;
    for (const { at, entries } of unsigned) this.signed.add(this.now - at, entries);
    this.now += segments * this.#a.tilesOfASegmentMs;
    this.#intake.until(this.now);
  }

  /** The stream wakes it when there is something; one that is behind is woken at once. */
  sleep(): void {
    if (this.#intake.backlog < this.#a.segmentEntries) this.now += this.#a.wakeMs;
    this.#intake.until(this.now);
  }
}

const entriesOf = (batch: readonly Waiting[]): number => batch.reduce((sum, { entries }) => sum + entries, 0);

export const simulate = (load: Load, a: Assumptions = ASSUMPTIONS): Outcome => {
  const intake = new Intake(load, a);
  const sealer = new Sealer(intake, a);
  const end = load.seconds * 1000;
  let halfway: number | undefined;
  while (sealer.now < end) {
    sealer.sleep();
    sealer.run();
    if (sealer.now >= end / 2) halfway ??= intake.backlog;
  }
  const share = (ms: number): number => Math.min(1, ms / sealer.now);
  return {
    refused: intake.refused,
    sealedMs: sealer.sealed.percentiles(),
    signedMs: sealer.signed.percentiles(),
    backlog: Math.round(intake.backlog),
    growing: intake.backlog > (halfway ?? 0) * 1.2 + 10 * a.segmentEntries,
    busy: { shard: intake.shardBusy, sealer: share(sealer.busy.sealer), marks: share(sealer.busy.marks) },
    segmentsPerSecond: (sealer.segments / sealer.now) * 1000,
    checkpointsPerSecond: (sealer.checkpoints / sealer.now) * 1000,
  };
};

/** Logs (origins) among which a load must be split so that none falls behind. */
export const logsFor = (callsPerSecond: number, a: Assumptions = ASSUMPTIONS): number => {
  const { sealer, index } = capacityOf(a);
  // Four fifths: a log at its limit has no room to work off what a slow hour left.
  return Math.ceil(callsPerSecond / (0.8 * Math.min(sealer, index)));
};
