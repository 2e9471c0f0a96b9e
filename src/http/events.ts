/**
 * Entries as they happen, by Server-Sent Events. Each entry of the log is an event whose id is the entry's place. A
 * browser that lost its connection reconnects with the last id that it has (`Last-Event-ID`).
 *
 * The hub encodes each entry once, however many watch, and not at all if nobody does. It keeps the newest events in
 * memory for watchers that reconnect; one that was away for longer reads what it missed from the cluster first. A
 * watcher that does not read is dropped once a bound of bytes waits for it: it reconnects, and has missed nothing.
 *
 * An event has the length of a document instead of the document, which may have 48 KiB, for each watcher.
 * `GET /api/changes` has the document.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Absence } from "../alerts/arrivals.ts";
import { type ChangeSubject, changeSubject } from "../alerts/change_filter.ts";
import type { Entry } from "../library/client.ts";
import type { Caller } from "./access.ts";
import { formatPlace } from "./log_name.ts";
import { HttpProblem } from "./problems.ts";
import { type HttpResponse, send } from "./responses.ts";

/** Watchers of a gateway by Server-Sent Events. */
export const eventWatchersMax = 1_000;

/**
 * Bytes that one watcher may leave unread. Then it is disconnected; when it reconnects, it resumes where it stopped.
 */
export const eventUnreadBytesMax = 1024 * 1024;

/**
 * Bytes that a watcher is sent ahead of its reading while it catches up. Those events are encoded for it alone: without
 * this bound, a thousand watchers that do not read would take a gigabyte.
 */
const eventAheadBytesMax = 64 * 1024;

/** Bytes of the newest events, kept for watchers that reconnect. */
export const eventKeptBytesMax = 8 * 1024 * 1024;

/**
 * Milliseconds for which events are gathered while there are many. Nobody sees that, and each watcher costs a system
 * call.
 */
const eventGatherMs = 10;

/** Milliseconds that a timer can wait at most. */
const timerMsMax = 2 ** 31 - 1;

/** Watchers for each millisecond of gathering: all together cost at most 5,000 system calls a second. */
const watchersPerMs = 5;

/** Entries as they came. The hub keeps many, and bytes cost the garbage collector far less than objects. */
export interface PackedEntries {
  /** Bytes that they take, about. */
  readonly size: number;
  /** Reads them. */
  unpack(): readonly Entry[];
}

/** The events of some entries. */
interface EncodedEvents {
  readonly bytes: Uint8Array;
  /** Where each event begins, and where the last one ends. */
  readonly starts: readonly number[];
  /** What each is about. */
  readonly subjects: readonly EventSubject[];
}

/** What an event is about: the index of its entry, the site by its name then and its id, the source and the product. */
export type EventSubject = Pick<Entry, "index" | "site" | "siteId"> & ChangeSubject;

/** What an entry is about. */
export function eventSubject(entry: Entry): EventSubject {
  const { index, site, siteId } = entry;
  return { index, site, siteId, ...changeSubject(entry) };
}

/** Which events a watcher wants. */
export interface WantedEvents {
  /** Whether it wants one; asked once, in order. */
  readonly wants: (event: EventSubject) => boolean;
  /** Whether arrivals are those among what a source says of a product, and not those at sites. */
  readonly isOfSaid: boolean;
}

/** What the hub reads beside the entries that it is given. */
export interface EventSources {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The name of the log. */
  readonly log: () => string;
  /** What there was before an entry that brought an arrival, at its site or as its source says; undefined: none. */
  readonly arrivalAt: (index: number, isOfSaid: boolean) => Absence | undefined;
  /** Reads the entries after an index from the cluster, page by page, up to the present. */
  readonly readMissed: (after: number) => AsyncIterable<readonly Entry[]>;
}

/** Entries that came together, of one log and without gaps. */
class EventBatch {
  /** The index of the first one. */
  readonly first: number;
  /** How many there are. */
  readonly count: number;
  /** Bytes that they take, about. */
  readonly size: number;
  readonly #sources: EventSources;
  readonly #packed: readonly PackedEntries[];
  /** With the arrivals at sites, and with those among what sources say. */
  readonly #encoded: (EncodedEvents | undefined)[] = [];

  constructor(sources: EventSources, entries: readonly Entry[], packed: readonly PackedEntries[]) {
    this.first = entries[0].index;
    this.count = entries.length;
    this.size = Math.sumPrecise(packed.map(({ size }) => size));
    this.#sources = sources;
    this.#packed = packed;
  }

  /**
   * The events, encoded once somebody wants them.
   *
   * @param isOfSaid as in {@link WantedEvents}.
   * @param entries these entries, if they are at hand.
   */
  events(isOfSaid: boolean, entries?: readonly Entry[]): EncodedEvents {
    return this.#encoded[Number(isOfSaid)] ??= this.#encode(
      isOfSaid,
      entries ?? this.#packed.flatMap((packed) => packed.unpack()),
    );
  }

  #encode(isOfSaid: boolean, entries: readonly Entry[]): EncodedEvents {
    let size = 0;
    const { log, arrivalAt } = this.#sources;
    const pieces = entries.map((entry) => encoder.encode(eventOf(log(), entry, arrivalAt(entry.index, isOfSaid))));
    const starts = [0, ...pieces.map((piece) => size += piece.length)];
    return {
      bytes: Buffer.concat(pieces),
      starts,
      subjects: entries.map(eventSubject),
    };
  }
}

/** A client that watches. */
interface Watcher {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Which events it wants; undefined: all. */
  readonly wanted: WantedEvents | undefined;
  readonly caller: Caller | undefined;
  /** Is called when it watches no longer. */
  readonly onEnd: () => void;
  /** The index of the last entry that was looked at for it. */
  position: number;
  /** Whether it gets entries as they come; else it reads first what it missed. */
  isLive: boolean;
  /** The wait until its token expires. */
  expiry?: ReturnType<typeof setTimeout>;
}

/** Somebody who watches. */
export interface CountedWatcher {
  readonly caller: Caller;
  /** Counts it; gives what to call when it watches no longer. @throws {HttpProblem} if it may not. */
  readonly begin: (caller: Caller) => () => void;
}

/** A watcher was dropped because it does not read, which nobody can mend here. */
export class UnreadError extends Error {
  /** The name of the class. */
  override name = "UnreadError";
}

const encoder = new TextEncoder();
const beat = encoder.encode(":\n\n");

/** All watchers. */
export class EventHub {
  /** Bytes that were given to watchers. */
  sentBytes = 0;
  /** How many watchers were dropped because they did not read. */
  dropped = 0;
  readonly #sources: EventSources;
  readonly #watchers = new Set<Watcher>();
  /** The newest events, without gaps. */
  #kept: EventBatch[] = [];
  #keptBytes = 0;
  /** Entries that have come since the last ones went out. */
  #gathered: { readonly entries: readonly Entry[]; readonly packed: PackedEntries }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #position = 0;

  /** Begins without watchers. */
  constructor(sources: EventSources) {
    this.#sources = sources;
  }

  /** How many watchers there are. */
  get size(): number {
    return this.#watchers.size;
  }

  /** Bytes that wait for watchers to read. */
  get unreadBytes(): number {
    let bytes = 0;
    for (const { controller } of this.#watchers) bytes += unreadIn(controller);
    return bytes;
  }

  /**
   * Takes the next entries. They go out at once, unless others have just gone.
   *
   * @param packed the same entries, as the hub keeps them.
   */
  publish(entries: readonly Entry[], packed: PackedEntries): void {
    if (entries.length === 0) return;
    this.#position = entries[entries.length - 1].index;
    this.#gathered.push({ entries, packed });
    if (this.#timer === undefined) this.#release();
  }

  /** Sends the gathered entries to the watchers as one batch. */
  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    const entries = this.#gathered.flatMap(({ entries }) => entries);
    const batch = new EventBatch(this.#sources, entries, this.#gathered.map(({ packed }) => packed));
    this.#gathered = [];
    this.#kept.push(batch);
    this.#keptBytes += batch.size;
    while (this.#keptBytes > eventKeptBytesMax && this.#kept.length > 1) this.#keptBytes -= this.#kept.shift()!.size;
    if (this.#watchers.size > 0) batch.events(false, entries);
    for (const watcher of this.#watchers) if (watcher.isLive) this.#give(watcher, batch);
    const gatherMs = Math.max(eventGatherMs, this.#watchers.size / watchersPerMs);
    this.#timer = setTimeout(() => this.#release(), gatherMs);
  }

  /**
   * Tells all watchers that the gateway is alive. One that wants only some events gets an id without an event:
   * when it reconnects, it need not look again at all that it did not want.
   */
  beat(): void {
    for (const watcher of this.#watchers) {
      this.#send(watcher, watcher.wanted === undefined ? beat : this.#idOf(watcher));
    }
  }

  #idOf({ position }: Watcher): Uint8Array {
    return encoder.encode(`id: ${formatPlace({ log: this.#sources.log(), index: position })}\n\n`);
  }

  /** Disconnects all watchers: another cluster has begun, or the gateway ends. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
    this.#position = 0;
    this.#kept = [];
    this.#keptBytes = 0;
    this.end(() => true);
  }

  /** Disconnects the watchers of some callers; they may reconnect. */
  end(isMeant: (caller: Caller) => boolean): void {
    for (const watcher of this.#watchers) {
      if (watcher.caller === undefined || isMeant(watcher.caller)) this.#close(watcher);
    }
  }

  #close(watcher: Watcher): void {
    if (this.#remove(watcher)) watcher.controller.close();
  }

  /** Disconnects it when its token expires. */
  #closeAt(watcher: Watcher, expires: number): void {
    const leftMs = expires - this.#sources.now();
    if (leftMs <= 0) return this.#close(watcher);
    watcher.expiry = setTimeout(() => this.#closeAt(watcher, expires), Math.min(leftMs, timerMsMax));
  }

  /** @returns whether it was there. */
  #remove(watcher: Watcher): boolean {
    const wasThere = this.#watchers.delete(watcher);
    clearTimeout(watcher.expiry);
    if (wasThere) watcher.onEnd();
    return wasThere;
  }

  /**
   * The response to a client that wants to watch.
   *
   * @param after the index of the last entry that it has; absent: it wants only new ones.
   * @param wanted which events it wants; absent: all.
   * @param watching who watches, and what to call when that ends; absent: nobody wants to know.
   * @throws {HttpProblem} if too many do.
   */
  watch(after?: number, wanted?: WantedEvents, watching?: CountedWatcher): HttpResponse {
    if (this.#watchers.size >= eventWatchersMax) {
      const detail = `There are ${eventWatchersMax} watchers: try again later`;
      throw new HttpProblem("busy", detail, {}, { "retry-after": "5" });
    }
    const onEnd = watching?.begin(watching.caller) ?? (() => {});
    this.#release();
    const position = after ?? this.#position;
    let watcher: Watcher;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        watcher = { controller, wanted, caller: watching?.caller, onEnd, position, isLive: false };
        this.#watchers.add(watcher);
        controller.enqueue(encoder.encode(`retry: 1000\n: after entry ${position}\n\n`));
        this.#join(watcher);
        const { expires } = watching?.caller ?? {};
        if (expires !== undefined) this.#closeAt(watcher, expires);
      },
      pull: () => watcher.isLive ? undefined : this.#catchUp(watcher),
      cancel: () => {
        this.#remove(watcher);
      },
    }, { highWaterMark: eventAheadBytesMax, size: (bytes) => bytes!.length });
    return send(200, stream, "text/event-stream", { "x-accel-buffering": "no" });
  }

  /** Lets it have entries as they come, if all that it missed is in memory. */
  #join(watcher: Watcher): void {
    const oldest = this.#kept[0]?.first ?? Infinity;
    if (watcher.position < this.#position && watcher.position + 1 < oldest) return;
    watcher.isLive = true;
    for (const batch of this.#kept) this.#give(watcher, batch);
  }

  /** Reads one page of what it missed from the cluster; the next page when it has room for more. */
  async #catchUp(watcher: Watcher): Promise<void> {
    try {
      for await (const entries of this.#sources.readMissed(watcher.position)) {
        // Whether a later entry brought an arrival, nobody knows yet. The hub is given it in a moment.
        const known = entries.filter(({ index }) => index <= this.#position);
        if (known.length === 0) break;
        this.#give(watcher, new EventBatch(this.#sources, known, [{ size: 0, unpack: () => known }]));
        break;
      }
      if (this.#watchers.has(watcher)) this.#join(watcher);
    } catch {
      // The cluster gives no entries now; the watcher reconnects.
      this.#close(watcher);
    }
  }

  /** Sends it the entries of a batch that it does not have, if the batch continues what it has. */
  #give(watcher: Watcher, batch: EventBatch): void {
    const { position, wanted } = watcher;
    const from = position + 1 - batch.first;
    if (from < 0 || from >= batch.count) return;
    watcher.position += batch.count - from;
    const { bytes, starts, subjects } = batch.events(wanted?.isOfSaid ?? false);
    if (wanted === undefined) return this.#send(watcher, bytes.subarray(starts[from]));
    for (let at = from; at < batch.count; at++) {
      if (wanted.wants(subjects[at])) this.#send(watcher, bytes.subarray(starts[at], starts[at + 1]));
    }
  }

  #send(watcher: Watcher, bytes: Uint8Array): void {
    if (!this.#watchers.has(watcher)) return;
    const { controller } = watcher;
    if (unreadIn(controller) >= eventUnreadBytesMax) {
      this.#remove(watcher);
      this.dropped++;
      controller.error(new UnreadError("it does not read"));
      return;
    }
    controller.enqueue(bytes);
    this.sentBytes += bytes.length;
  }
}

/** Bytes that a watcher has not read. */
function unreadIn({ desiredSize }: ReadableStreamDefaultController<Uint8Array>): number {
  return eventAheadBytesMax - (desiredSize ?? eventAheadBytesMax);
}

function eventOf(log: string, entry: Entry, was: Absence | undefined): string {
  const isDocument = entry.kind === "documented";
  const data = isDocument
    ? { ...entry, document: undefined, documentBytes: Buffer.byteLength(entry.document) }
    : was === undefined
    ? entry
    : { ...entry, was };
  return `id: ${formatPlace({ log, index: entry.index })}\nevent: entry\ndata: ${JSON.stringify(data)}\n\n`;
}
