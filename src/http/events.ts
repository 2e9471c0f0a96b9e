/**
 * Changes as they happen, by Server-Sent Events: each entry of the log is an event, its place is the event's id, and a
 * browser that was cut off comes back with the last one that it has (`Last-Event-ID`).
 *
 * Each entry is encoded once, however many watch, and not at all if nobody does. The newest events are kept in memory for
 * those who come back; who was away for longer reads what it has missed from the cluster first. Who does not read is
 * dropped once a bound of bytes waits for it: it comes back, and has missed nothing.
 *
 * An event leaves the document of a `documented` entry out, and says how long it is: it may have 48 KiB, for each of all
 * who watch. `GET /api/changes` has all of it.
 *
 * @module
 */

import type { Entry } from "../client.ts";
import { eventGatherMs, eventKeptBytesMax, eventUnreadBytesMax, eventWatchersMax } from "../limits.ts";
import { send } from "./responses.ts";
import { formatPlace } from "./log_name.ts";
import { Problem } from "./problems.ts";

/** Entries that came together; how they go out is worked out once somebody wants them. */
class Batch {
  readonly entries: readonly Entry[];
  /** The index of the first one. */
  readonly first: number;
  /** The index of the last one. */
  readonly last: number;
  /** Bytes that they took on their way here: about what they take in memory. */
  readonly size: number;
  readonly #log: string;
  #encoded: { readonly bytes: Uint8Array; readonly ends: readonly number[] } | undefined;

  constructor(log: string, entries: readonly Entry[], size: number) {
    this.#log = log;
    this.entries = entries;
    this.first = entries[0].index;
    this.last = entries[entries.length - 1].index;
    this.size = size;
  }

  /** All of them as events, and where each ends. */
  get encoded(): { readonly bytes: Uint8Array; readonly ends: readonly number[] } {
    return this.#encoded ??= encodeEvents(this.#log, this.entries);
  }
}

/** Somebody who watches. */
interface Watcher {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Only entries of this site; absent: all. */
  readonly site: string | undefined;
  /** The index of the last entry that was looked at for it. */
  position: number;
  /** Whether it gets entries as they come; else it reads first what it has missed. */
  isLive: boolean;
}

/** What somebody wants to watch. */
export interface WatchRequest {
  /** The index of the last entry that it has; absent: from now on. */
  readonly after?: number;
  /** Only entries of this site. */
  readonly site?: string;
}

/** Whoever watches does not read, and was dropped: nothing that anybody could mend here. */
export class UnreadError extends Error {
  /** The name of the class. */
  override name = "UnreadError";

  /** There is nothing more to say. */
  constructor() {
    super("it does not read");
  }
}

const encoder = new TextEncoder();
const beat = encoder.encode(":\n\n");

/** All who watch. */
export class EventHub {
  readonly #log: () => string;
  readonly #readMissed: (after: number) => AsyncIterable<readonly Entry[]>;
  readonly #watchers = new Set<Watcher>();
  /** The newest events, without gaps. */
  #kept: Batch[] = [];
  #keptBytes = 0;
  /** What has come since the last ones went out. */
  #gathered: Batch[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #position = 0;
  #sentBytes = 0;
  #dropped = 0;

  /**
   * @param log what the log is called.
   * @param readMissed reads the entries after an index from the cluster, page by page, up to the present.
   */
  constructor(log: () => string, readMissed: (after: number) => AsyncIterable<readonly Entry[]>) {
    this.#log = log;
    this.#readMissed = readMissed;
  }

  /** How many watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** Bytes that were given to watchers. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Watchers that were dropped since they did not read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that wait to be read. */
  get unreadBytes(): number {
    let bytes = 0;
    for (const { controller } of this.#watchers) bytes += eventUnreadBytesMax - (controller.desiredSize ?? 0);
    return bytes;
  }

  /**
   * The next entries. They go out at once, unless others have just gone.
   *
   * @param size bytes that they took on their way here.
   */
  publish(entries: readonly Entry[], size: number): void {
    if (entries.length === 0) return;
    this.#position = entries[entries.length - 1].index;
    this.#gathered.push(new Batch(this.#log(), entries, size));
    if (this.#timer === undefined) this.#release();
  }

  /** Gives what was gathered to those who watch, as one. */
  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    const size = this.#gathered.reduce((sum, { size }) => sum + size, 0);
    const batch = this.#gathered.length === 1
      ? this.#gathered[0]
      : new Batch(this.#log(), this.#gathered.flatMap(({ entries }) => entries), size);
    this.#gathered = [];
    this.#kept.push(batch);
    this.#keptBytes += size;
    while (this.#keptBytes > eventKeptBytesMax && this.#kept.length > 1) this.#keptBytes -= this.#kept.shift()!.size;
    for (const watcher of this.#watchers) if (watcher.isLive) this.#give(watcher, batch);
    this.#timer = setTimeout(() => this.#release(), eventGatherMs);
  }

  /** Tells all that the gateway lives. */
  beat(): void {
    for (const watcher of this.#watchers) this.#send(watcher, beat);
  }

  /** The cluster was started anew, or the gateway ends: all are sent away. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
    this.#position = 0;
    this.#kept = [];
    this.#keptBytes = 0;
    for (const watcher of this.#watchers) watcher.controller.close();
    this.#watchers.clear();
  }

  /**
   * Somebody watches.
   *
   * @throws {Problem} if too many do.
   */
  watch({ after = this.#position, site }: WatchRequest): Response {
    if (this.#watchers.size >= eventWatchersMax) {
      throw new Problem("busy", `There are ${eventWatchersMax} watchers: try again later`, {}, [["retry-after", "5"]]);
    }
    this.#release();
    let watcher: Watcher;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        watcher = { controller, site, position: after, isLive: false };
        this.#watchers.add(watcher);
        controller.enqueue(encoder.encode(`retry: 1000\n: after entry ${after}\n\n`));
        this.#join(watcher);
      },
      pull: () => watcher.isLive ? undefined : this.#catchUp(watcher),
      cancel: () => {
        this.#watchers.delete(watcher);
      },
    }, { highWaterMark: eventUnreadBytesMax, size: (bytes) => bytes!.length });
    return send(200, stream, "text/event-stream", [["cache-control", "no-store"], ["x-accel-buffering", "no"]]);
  }

  /** Whether all after this index is in memory. */
  #isKept(after: number): boolean {
    return after >= this.#position || (this.#kept.length > 0 && after + 1 >= this.#kept[0].first);
  }

  /** From now on it gets what comes, if all before that is in memory. */
  #join(watcher: Watcher): void {
    if (!this.#isKept(watcher.position)) return;
    watcher.isLive = true;
    for (const batch of this.#kept) this.#give(watcher, batch);
  }

  /** Reads one page of what it has missed from the cluster; the next one when it has room for more. */
  async #catchUp(watcher: Watcher): Promise<void> {
    try {
      for await (const entries of this.#readMissed(watcher.position)) {
        this.#give(watcher, new Batch(this.#log(), entries, 0));
        break;
      }
      if (this.#watchers.has(watcher)) this.#join(watcher);
    } catch {
      // Without a cluster nothing can be read; whoever watches comes back.
      if (this.#watchers.delete(watcher)) watcher.controller.close();
    }
  }

  /** Gives what it has not of a batch, if that follows what it has. */
  #give(watcher: Watcher, batch: Batch): void {
    const { position, site } = watcher;
    const { first, last, entries } = batch;
    if (position >= last || position + 1 < first) return;
    const from = position + 1 - first;
    watcher.position = last;
    if (site === undefined) {
      const { bytes, ends } = batch.encoded;
      return this.#send(watcher, from === 0 ? bytes : bytes.subarray(ends[from - 1]));
    }
    for (let at = from; at < entries.length; at++) {
      if (entries[at].site !== site) continue;
      const { bytes, ends } = batch.encoded;
      this.#send(watcher, bytes.subarray(at === 0 ? 0 : ends[at - 1], ends[at]));
    }
  }

  #send(watcher: Watcher, bytes: Uint8Array): void {
    if (!this.#watchers.has(watcher)) return;
    const { controller } = watcher;
    if ((controller.desiredSize ?? 0) <= 0) {
      this.#watchers.delete(watcher);
      this.#dropped++;
      controller.error(new UnreadError());
      return;
    }
    controller.enqueue(bytes);
    this.#sentBytes += bytes.length;
  }
}

function encodeEvents(
  log: string,
  entries: readonly Entry[],
): { readonly bytes: Uint8Array; readonly ends: readonly number[] } {
  const pieces = entries.map((entry) => encoder.encode(encodeEvent(log, entry)));
  const ends: number[] = [];
  let size = 0;
  for (const piece of pieces) ends.push(size += piece.length);
  const bytes = new Uint8Array(size);
  for (const [at, piece] of pieces.entries()) bytes.set(piece, ends[at] - piece.length);
  return { bytes, ends };
}

/** An entry as an event. */
export function encodeEvent(log: string, entry: Entry): string {
  return `id: ${formatPlace({ log, index: entry.index })}\nevent: entry\ndata: ${
    JSON.stringify(entryInEvent(entry))
  }\n\n`;
}

/** What an event says of an entry. */
export function entryInEvent(entry: Entry): Record<string, unknown> {
  if (entry.kind !== "documented") return { ...entry };
  const { document, ...rest } = entry;
  return { ...rest, documentBytes: encoder.encode(document).length };
}
