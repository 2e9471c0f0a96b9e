/**
 * Reads: each waits for a barrier that begins after it came, and then for the records up to that (rule E8).
 *
 * A barrier is a question to the engine: which is the last record that anybody can have had an answer to? One barrier
 * serves all reads that wait for it, so a thousand reads cost the engine no more than one.
 *
 * @module
 */

/** A read that waits. */
export interface NodeRead<T> {
  readonly ticket: T;
  /** A batch of commands that change nothing. */
  readonly commands: Uint8Array;
  /** By the node's running time; `Infinity`: it waits for as long as it takes. */
  readonly deadlineMs: number;
}

/** A read, and until when it waits to hear how far the order has come. */
type AskedRead<T> = NodeRead<T> & { readonly quorumByMs: number };

/** Milliseconds after which a barrier is asked for again that has failed. */
const againMs = 100;

/** Milliseconds after which a node asks how far the order has come, if no read has. */
export const probeMs = 1_000;

/**
 * Milliseconds after which a read is refused that no barrier has told how far the order has come: the node is cut off,
 * or there is no majority, and its client can ask another node.
 */
export const quorumMs = 3_500;

/** The reads of a node, and its barriers. */
export class NodeReads<T> {
  // Those that have come since the present barrier began.
  #fresh: AskedRead<T>[] = [];
  // Those that the present barrier is for.
  #asked: AskedRead<T>[] = [];
  // Those whose barrier is known, by the record that they need.
  #due: { readonly n: number; readonly reads: readonly NodeRead<T>[] }[] = [];
  // Those that may be answered at once; from the number `served` on, nobody has taken them.
  #ready: NodeRead<T>[] = [];
  #served = 0;
  #barrier = 0;
  #isUnderWay = false;
  #nextMs = 0;
  /** How far the order has come, as far as this node has been told. */
  owed = 0;
  // How far the node had come when the present barrier began.
  #appliedBefore = 0;

  /** A read has come. */
  add(read: NodeRead<T>, nowMs: number): void {
    const quorumByMs = read.deadlineMs === Infinity ? Infinity : nowMs + quorumMs;
    this.#fresh.push({ ...read, quorumByMs });
  }

  /** The number of a barrier that is to begin now, if one is. */
  next(nowMs: number, applied: number): number | undefined {
    if (this.#isUnderWay || nowMs < this.#nextMs && (this.#fresh.length === 0 || this.#hasFailed)) return undefined;
    this.#isUnderWay = true;
    this.#asked = this.#fresh;
    this.#fresh = [];
    this.#appliedBefore = applied;
    return ++this.#barrier;
  }

  #hasFailed = false;

  /**
   * A barrier has told the last record.
   *
   * @returns whether the engine has lost records: the node had more of them before it asked (rule E9).
   */
  done(barrier: number, n: number, nowMs: number): boolean {
    if (!this.#isUnderWay || barrier !== this.#barrier) return false;
    this.#isUnderWay = false;
    this.#hasFailed = false;
    this.#nextMs = nowMs + probeMs;
    this.owed = Math.max(this.owed, n);
    if (this.#asked.length > 0) this.#due.push({ n, reads: this.#asked });
    this.#asked = [];
    return n < this.#appliedBefore;
  }

  /** Nobody has answered a barrier: its reads wait for the next one. */
  failed(barrier: number, nowMs: number): void {
    if (!this.#isUnderWay || barrier !== this.#barrier) return;
    this.#isUnderWay = false;
    this.#hasFailed = true;
    this.#nextMs = nowMs + againMs;
    this.#fresh = [...this.#asked, ...this.#fresh];
    this.#asked = [];
  }

  /** Whether a read may be answered from the state after record `applied`. */
  isReady(applied: number): boolean {
    return this.#served < this.#ready.length || this.#due.some(({ n }) => n <= applied);
  }

  /** Takes out a read that may be answered from the state after record `applied`; undefined: there is none. */
  take(applied: number): NodeRead<T> | undefined {
    if (this.#due.length > 0) {
      const ready = this.#due.filter(({ n }) => n <= applied);
      if (ready.length > 0) this.#due = this.#due.filter(({ n }) => n > applied);
      this.#ready = ready.reduce((all, { reads }) => all.concat(reads), this.#ready);
    }
    if (this.#served < this.#ready.length) return this.#ready[this.#served++];
    if (this.#served > 0) [this.#ready, this.#served] = [[], 0];
    return undefined;
  }

  /** Takes out the reads whose deadline has passed, and those that have not heard of a majority for long (E8). */
  late(nowMs: number): NodeRead<T>[] {
    const late: NodeRead<T>[] = [];
    const stays = (read: NodeRead<T>) => read.deadlineMs > nowMs || (late.push(read), false);
    const waits = (read: AskedRead<T>) => read.quorumByMs > nowMs ? stays(read) : (late.push(read), false);
    this.#fresh = this.#fresh.filter(waits);
    this.#asked = this.#asked.filter(waits);
    this.#ready = this.#ready.slice(this.#served).filter(stays);
    this.#served = 0;
    this.#due = this.#due.map(({ n, reads }) => ({ n, reads: reads.filter(stays) }))
      .filter(({ reads }) => reads.length > 0);
    return late;
  }
}
