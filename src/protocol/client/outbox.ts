/**
 * What a client has submitted and not been answered: commands become requests here, and wait for their outputs.
 *
 * All commands that are submitted before the window lets the next request go travel in one request: the batch adapts to
 * the load with no timer.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { batchBytesMax, commandsPerRequestMax, waitingRequestsMax } from "../../limits.ts";
import { invariant } from "../../invariant.ts";

/** Too many commands wait: this one was not taken, and will never be executed. */
export class OutboxFullError extends Error {
  override name = "OutboxFullError";
}

/** A request of the session, until its output has come. */
export interface OutboxRequest<T> {
  readonly seq: number;
  /** It ends the session. */
  readonly end: boolean;
  /** A batch. */
  readonly commands: Uint8Array;
  /** One per command, in order. */
  readonly tickets: readonly T[];
  /** The most bytes that its outputs can have. */
  readonly outputBytesMax: number;
}

// A length in front of an item takes at most this many bytes.
const itemHeaderBytes = 4;

/** The requests with seq in (`done`, `seq`], and the commands that are in no request yet. */
export class Outbox<T> {
  /** The client has all outputs up to this seq. */
  done = 0;
  /** The last seq given out. */
  seq = 0;
  #requests: OutboxRequest<T>[] = [];
  #answered = new Set<number>();
  readonly #open = new ByteWriter(1024);
  #openTickets: T[] = [];
  #openOutputBytes = 0;
  #full: Omit<OutboxRequest<T>, "seq">[] = [];

  /** Whether everything that was submitted is answered. */
  get isEmpty(): boolean {
    return this.#requests.length === 0 && !this.hasCommands;
  }

  /** The seq of the last request that will hold any of the commands submitted until now. */
  get lastSeq(): number {
    return this.seq + this.#full.length + (this.#openTickets.length > 0 ? 1 : 0);
  }

  /** Whether commands wait that are in no request. */
  get hasCommands(): boolean {
    return this.#openTickets.length > 0 || this.#full.length > 0;
  }

  /**
   * Takes a command in; its bytes are copied.
   *
   * @throws {RangeError} if it or its output would not fit a request.
   * @throws {OutboxFullError} if too many wait.
   */
  submit(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    const bytes = command.length + itemHeaderBytes;
    const outputBytes = outputBytesMax + itemHeaderBytes;
    if (bytes > batchBytesMax || outputBytes > batchBytesMax) {
      throw new RangeError(`Cannot submit a command of ${command.length} bytes: its request would pass a frame`);
    }
    if (
      this.#open.length + bytes > batchBytesMax || this.#openOutputBytes + outputBytes > batchBytesMax ||
      this.#openTickets.length === commandsPerRequestMax
    ) {
      if (this.#full.length === waitingRequestsMax) {
        throw new OutboxFullError(
          `Cannot submit a command: ${waitingRequestsMax} full requests wait; wait for some answers first`,
        );
      }
      this.#full.push(this.#takeOpen());
    }
    this.#open.blob(command);
    this.#openOutputBytes += outputBytes;
    this.#openTickets.push(ticket);
  }

  #takeOpen(): Omit<OutboxRequest<T>, "seq"> {
    const batch = {
      end: false,
      commands: this.#open.copy(),
      tickets: this.#openTickets,
      outputBytesMax: this.#openOutputBytes,
    };
    this.#open.clear();
    this.#openTickets = [];
    this.#openOutputBytes = 0;
    return batch;
  }

  /** Makes the next request of the commands that wait; call it only where there are some. */
  nextRequest(): OutboxRequest<T> {
    return this.#add(this.#full.shift() ?? this.#takeOpen());
  }

  /** Makes the request that ends the session. */
  endRequest(): OutboxRequest<T> {
    return this.#add({ end: true, commands: new Uint8Array(0), tickets: [], outputBytesMax: 0 });
  }

  #add(batch: Omit<OutboxRequest<T>, "seq">): OutboxRequest<T> {
    const request = { seq: ++this.seq, ...batch };
    this.#requests.push(request);
    return request;
  }

  /** The tickets of the commands that are in no request: none of them will be. */
  refuse(): T[] {
    const tickets = [...this.#full.flatMap(({ tickets }) => tickets), ...this.#openTickets];
    this.#full = [];
    this.#takeOpen();
    return tickets;
  }

  /** The request with this seq, if it is not answered. */
  get(seq: number): OutboxRequest<T> | undefined {
    if (this.#answered.has(seq)) return undefined;
    return this.#requests[seq - this.done - 1];
  }

  /** The output of the request has come: lets it go. */
  answer(seq: number): void {
    invariant(seq > this.done && seq <= this.seq, "a request is answered once, after it was made");
    this.#answered.add(seq);
    let count = 0;
    while (this.#answered.delete(this.done + 1)) {
      this.done++;
      count++;
    }
    if (count > 0) this.#requests.splice(0, count);
  }

  /** The tickets of requests up to `seq` that are not answered, and all others: nothing is left. */
  abandon(seq: number): { upTo: T[]; above: T[] } {
    const upTo: T[] = [];
    const above: T[] = [];
    for (const request of this.#requests) {
      if (!this.#answered.has(request.seq)) (request.seq <= seq ? upTo : above).push(...request.tickets);
    }
    for (const { tickets } of this.#full) above.push(...tickets);
    above.push(...this.#openTickets);
    this.#requests = [];
    this.#full = [];
    this.#takeOpen();
    this.#answered.clear();
    this.done = this.seq;
    return { upTo, above };
  }
}
