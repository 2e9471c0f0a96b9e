/**
 * What clients have under way at a node: requests and reads that came and have no outcome yet.
 *
 * A session that has much under way is not read until some of it has an outcome: what it sends waits at the sender. All
 * sessions together have a bound, too. Near it, those that have much under way are refused, and above it all are.
 *
 * @module
 */

/** How much may be under way. */
export interface LoadBounds {
  /** Requests and reads of one session, and bytes of their commands: with that much, its link is not read. */
  readonly sessionCount: number;
  readonly sessionBytes: number;
  /** The same of all sessions: more is refused. */
  readonly allCount: number;
  readonly allBytes: number;
}

/** The bounds of a node. */
export const usualBounds: LoadBounds = {
  sessionCount: 512,
  sessionBytes: 8 * 1024 * 1024,
  allCount: 20_000,
  allBytes: 64 * 1024 * 1024,
};

/** From this share of what all may have on, only those are served that have little. */
const crowdedShare = 0.75;

/** The share of what a session may have that is little. */
const littleShare = 1 / 16;

/** The share of what a session may have below which its link is read again. */
const againShare = 0.5;

/** What one session has under way. */
export interface SessionLoad {
  count: number;
  bytes: number;
}

/** What all sessions have under way. */
export class NodeLoad {
  readonly #bounds: LoadBounds;
  #count = 0;
  #bytes = 0;

  /** Nothing is under way. */
  constructor(bounds: LoadBounds = usualBounds) {
    this.#bounds = bounds;
  }

  /** How much is under way. */
  get load(): Readonly<SessionLoad> {
    return { count: this.#count, bytes: this.#bytes };
  }

  /** Takes a request or a read of a session in, with that many bytes; false: there is no room for it. */
  begin(session: SessionLoad, bytes: number): boolean {
    const { sessionCount, sessionBytes, allCount, allBytes } = this.#bounds;
    const [count, sum] = [this.#count + 1, this.#bytes + bytes];
    if (count > allCount || sum > allBytes) return false;
    const isCrowded = count > crowdedShare * allCount || sum > crowdedShare * allBytes;
    const hasLittle = session.count < littleShare * sessionCount && session.bytes < littleShare * sessionBytes;
    if (isCrowded && !hasLittle) return false;
    [this.#count, this.#bytes] = [count, sum];
    session.count++;
    session.bytes += bytes;
    return true;
  }

  /** One has its outcome. */
  end(session: SessionLoad, bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    session.count--;
    session.bytes -= bytes;
  }

  /** Whether the link of a session is to be read no more. */
  isFull({ count, bytes }: SessionLoad): boolean {
    const { sessionCount, sessionBytes } = this.#bounds;
    return count >= sessionCount || bytes >= sessionBytes;
  }

  /** Whether it is to be read again. */
  hasRoom({ count, bytes }: SessionLoad): boolean {
    const { sessionCount, sessionBytes } = this.#bounds;
    return count <= againShare * sessionCount && bytes <= againShare * sessionBytes;
  }
}
