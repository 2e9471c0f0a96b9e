/**
 * A link: a TCP connection, with TLS beyond this machine, that carries framed messages.
 *
 * A link sends in one write what it was given in one turn of the event loop, in the order that `writes.ts` gives to all
 * links. While that write is under way, it gathers the next one: the batch grows with the load, without a timer. It
 * hands over what it read frame by frame in one turn, so that the receiver can gather too, as far as its share of the
 * turn goes; see `turns.ts`.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../bytes.ts";
import { FrameReader, FramingError, keptBufferBytes, writeFrame } from "../framing.ts";
import { allUnsentBytesMax, frameBytesMax, meshFrameBytesMax, unfinishedBytesMax, unsentBytesMax } from "../limits.ts";
import { decode } from "../protocol/wire/codec.ts";
import type { Message } from "../protocol/wire/messages.ts";
import { ByteBudget } from "./byte_budget.ts";
import { within } from "../runtime/within.ts";
import { turns, type TurnShare } from "./turns.ts";
import { type AnyMessage, type decodeAny, encodeAny } from "./wire.ts";
import { writes } from "./writes.ts";

// How long a link that closes with a reason waits for the other end to read it.
const farewellMs = 1_000;

/** Reads the messages of a link. */
export type Decode = typeof decodeAny;

/** The user of a link; `M`: the messages that its link reads. */
export interface LinkHandler<M extends AnyMessage = Message> {
  /** A message came. */
  onMessage(link: Link, message: M): void;
  /** The link ended, after its last message; called once. `reason` says what was wrong, if anything was. */
  onClosed(link: Link, reason?: string): void;
}

/** What the links of one owner hold in sum; when it is too much, some lose their connections. */
export class LinkBudgets {
  /** Bytes of memory that frames take which the links have not handed over yet, whole or not. */
  readonly unfinished: ByteBudget<Link>;
  /** Bytes that wait to be sent. */
  readonly unsent: ByteBudget<Link>;
  #wastedBytes = 0;

  /** Nothing is held yet. */
  constructor(unfinishedMax: number = unfinishedBytesMax, unsentMax: number = allUnsentBytesMax) {
    this.unfinished = new ByteBudget(unfinishedMax, keptBufferBytes, (link, bytes) => {
      this.#wastedBytes += bytes;
      link.drop("others need the room of what it has sent, which is not whole or waits for its turn");
    });
    this.unsent = new ByteBudget(unsentMax, keptBufferBytes, (link) => {
      link.drop("others need the room of what waits for it, which it does not read");
    });
  }

  /** Bytes that links had sent for nothing when they lost their connections, since the last call. */
  takeWasted(): number {
    const bytes = this.#wastedBytes;
    this.#wastedBytes = 0;
    return bytes;
  }
}

/** Bytes of a frame before the opener of a link is admitted: it names somebody, and proves it. */
export const firstFrameBytesMax = 1024;

/** How little is taken from the other end of a link while nobody knows who it is. */
export interface LinkBounds {
  /** What it shares with others; absent: it is trusted with memory. */
  readonly budgets?: LinkBudgets;
  /** The most bytes of a frame before {@link Link.welcome}. */
  readonly firstFrameBytesMax: number;
  /** Reads the messages before {@link Link.welcome}; absent: as after it. */
  readonly decode?: Decode;
}

/** What a link is made of: TCP, with TLS beyond this machine. */
export type LinkConnection = Deno.TcpConn | Deno.TlsConn;

/** A framed connection. */
export class Link {
  readonly #connection: LinkConnection;
  readonly #handler: LinkHandler<AnyMessage>;
  readonly #destination: string | undefined;
  readonly #begin = () => void this.#write();
  readonly #reader = new FrameReader(frameBytesMax);
  readonly #share: TurnShare = { turn: 0, bytes: 0 };
  #budgets: LinkBudgets | undefined;
  #decode: Decode = decode;
  #hasPrecedence = false;
  // One is filled while the other is written.
  #filling = new ByteWriter(256);
  #writing = new ByteWriter(256);
  #isWriting = false;
  #state: "open" | "farewell" | "closed" = "open";
  #pausedUntil: PromiseWithResolvers<void> | undefined;
  #farewellTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #gone = Promise.withResolvers<void>();

  /**
   * Takes over a connection and begins to read.
   *
   * @param bounds absent: the other end is trusted with memory.
   * @param destination the address that was dialled; absent: the other end has dialled.
   */
  constructor(connection: LinkConnection, handler: LinkHandler, bounds?: LinkBounds, destination?: string) {
    this.#connection = connection;
    this.#handler = handler;
    this.#destination = destination;
    this.#budgets = bounds?.budgets;
    if (bounds !== undefined) this.#reader.frameBytesMax = bounds.firstFrameBytesMax;
    if (bounds?.decode !== undefined) this.#decode = bounds.decode;
    // Without it, a small frame after another one waits up to 44 ms for a delayed acknowledgement.
    // With TLS, the runtime sees to that itself.
    if ("setNoDelay" in connection) connection.setNoDelay(true);
    turns.opened();
    this.#read();
  }

  /**
   * The other end has shown who it is: it may send all messages, in frames of the usual size.
   *
   * @param read reads them; absent: those of replicas.
   */
  welcome(read: Decode = decode): void {
    this.#reader.frameBytesMax = frameBytesMax;
    this.#decode = read;
  }

  /** The other end is a replica of this cluster: it may send larger frames, and does not wait behind others. */
  trust(): void {
    this.#reader.frameBytesMax = meshFrameBytesMax;
    this.#hasPrecedence = true;
    this.#release();
  }

  /** Bytes that were sent and, as far as this end knows, have not reached the host of the other end. */
  get unsentBytes(): number {
    return this.#filling.length + this.#writing.length;
  }

  /** Sends a message at the end of this turn. If the other end does not read, the link is closed. */
  send(message: AnyMessage): void {
    if (this.#state !== "open") return;
    const writer = this.#filling;
    writeFrame(writer, encodeAny, message);
    if (this.#isWriting) {
      if (writer.length > unsentBytesMax) this.#end(`${writer.length} bytes wait and are not read`);
      else this.#budgets?.unsent.hold(this, this.unsentBytes, false);
    } else {
      this.#isWriting = true;
      writes.add(this.#begin, this.#destination);
    }
  }

  /** Hands nothing over until {@link resume}, and reads nothing: what comes waits at the sender. */
  pause(): void {
    this.#pausedUntil ??= Promise.withResolvers();
  }

  /** Reads again. */
  resume(): void {
    this.#pausedUntil?.resolve();
    this.#pausedUntil = undefined;
  }

  /**
   * Sends what waits, then closes, and ignores whatever still comes. The handler hears nothing more.
   *
   * @returns resolves when the connection is gone, after a second at most.
   */
  close(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "farewell";
      this.resume();
      this.#farewellTimer = setTimeout(() => this.abort(), farewellMs);
      if (!this.#isWriting) this.#sayFarewell();
    }
    return this.#gone.promise;
  }

  /** Closes at once, as it holds too much, and tells the handler. */
  drop(reason: string): void {
    this.#end(reason);
  }

  /** Closes at once. */
  abort(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    turns.closed();
    this.#release();
    this.resume();
    clearTimeout(this.#farewellTimer);
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
    this.#gone.resolve();
  }

  async #read(): Promise<void> {
    const reader = this.#reader;
    try {
      for (;;) {
        const count = await this.#connection.read(reader.space());
        if (count === null) return this.#end();
        reader.filled(count);
        this.#budgets?.unfinished.hold(this, reader.capacity, false);
        let isProgress = false;
        while (this.#state === "open" && reader.next()) {
          const bytes = reader.end - reader.start;
          if (!turns.take(this.#share, bytes)) await turns.next(this.#share, bytes, this.#hasPrecedence);
          if (this.#pausedUntil !== undefined) await this.#pausedUntil.promise;
          isProgress = true;
          if (this.#state === "open") this.#handler.onMessage(this, this.#decoded());
        }
        if (this.#state !== "open") return this.#passOver();
        this.#budgets?.unfinished.hold(this, reader.capacity, isProgress);
      }
    } catch (error) {
      if (error instanceof FramingError) {
        this.send({ kind: "REFUSED", reason: error.message, cluster: undefined });
        this.#fail(error.message);
      } else if (isConnectionError(error)) {
        // A reset loses the tail, and then the connection ends.
        this.#end();
      } else {
        throw error;
      }
    }
  }

  /**
   * The message of the frame that was read last.
   *
   * @throws {FramingError} if it is none: an error of the handler must not look like that.
   */
  #decoded(): AnyMessage {
    const { bytes, start, end } = this.#reader;
    try {
      return this.#decode(bytes, start, end);
    } catch (error) {
      throw error instanceof DecodeError ? new FramingError(error.message) : error;
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#filling.length > 0 && this.#state !== "closed") {
        const writing = this.#filling;
        this.#filling = this.#writing;
        this.#writing = writing;
        const bytes = writing.view();
        for (let at = 0; at < bytes.length;) {
          at += await this.#connection.write(bytes.subarray(at));
          this.#budgets?.unsent.hold(this, this.unsentBytes - at, true);
        }
        if (writing.capacity > keptBufferBytes) this.#writing = new ByteWriter(256);
        else writing.clear();
      }
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      // The reader still has to read what came before the break, and then finds the end.
      this.#filling.clear();
    }
    this.#isWriting = false;
    if (this.#state === "farewell") this.#sayFarewell();
  }

  /** The other end gets everything only if this end reads until the other closes: a close with unread bytes resets. */
  #sayFarewell(): void {
    this.#connection.closeWrite().catch(() => this.abort());
  }

  /** The connection ended: nothing more can be sent. */
  #end(reason?: string): void {
    const wasOpen = this.#state === "open";
    this.abort();
    if (wasOpen) this.#handler.onClosed(this, reason);
  }

  /** Tells the other end why its bytes cannot be trusted, and closes. */
  #fail(reason: string): void {
    const wasOpen = this.#state === "open";
    this.close();
    this.#passOver();
    if (wasOpen) this.#handler.onClosed(this, reason);
  }

  /** From now on, nothing counts that it holds; a read or a write may still be under way. */
  #release(): void {
    this.#budgets?.unfinished.hold(this, 0, false);
    this.#budgets?.unsent.hold(this, 0, false);
    this.#budgets = undefined;
  }

  /** Reads what still comes until the other end closes. */
  async #passOver(): Promise<void> {
    const space = new Uint8Array(4096);
    try {
      while (this.#state !== "closed" && await this.#connection.read(space) !== null) {
        if (!turns.take(this.#share, space.length)) await turns.next(this.#share, space.length, false);
      }
    } catch {
      // It is over either way.
    }
    this.abort();
  }
}

/** Whether the error says that a connection ended, which is not a fault of this program. */
export function isConnectionError(error: unknown): boolean {
  // The last two are of TLS: the other end speaks something else, or ended without a farewell.
  return error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.TimedOut;
}

/**
 * Opens a link to `host:port`. Rejects if nothing accepts there, or if `signal` is aborted before that.
 *
 * @param authorities certificates in PEM, beside those of the runtime, one of which has signed that of the other end;
 *   absent: there is no TLS.
 */
export async function dial(
  address: string,
  handler: LinkHandler,
  signal?: AbortSignal,
  bounds?: LinkBounds,
  authorities?: readonly string[],
): Promise<Link> {
  const { hostname, port } = splitAddress(address);
  const connection = authorities === undefined
    ? await Deno.connect({ hostname, port, signal })
    : await connectByTls(hostname, port, authorities, signal);
  return new Link(connection, handler, bounds, address);
}

async function connectByTls(
  hostname: string,
  port: number,
  authorities: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Deno.TlsConn> {
  const connecting = Deno.connectTls({ hostname, port, caCerts: [...authorities] }).then(async (connection) => {
    try {
      await connection.handshake();
      return connection;
    } catch (error) {
      connection.close();
      throw error instanceof Deno.errors.InvalidData ? new TlsError(error.message) : error;
    }
  });
  if (signal === undefined) return await connecting;
  const connection = await within(signal, connecting);
  if (connection !== undefined) return connection;
  // The runtime cannot be told to give up.
  connecting.then((late) => late.close(), () => {});
  throw signal.reason;
}

/** TLS with the other end failed; the message says what the runtime says. */
class TlsError extends Error {
  override name = "TlsError";
}

/** The other end has not opened a link; the message says why, and follows the address. */
export class AdmissionError extends Error {
  override name = "AdmissionError";
}

/** Milliseconds within which the opener of a link must have shown who it is. */
export const admissionWithinMs = 2_000;

/** What a replica says to an opener that has not. */
export const notShownInTime = `it did not show who it is within ${admissionWithinMs} ms`;

/** Why a link could not be opened; it follows the address. */
export function whyNotReached(error: unknown): string {
  if (error instanceof AdmissionError) return error.message;
  if (error instanceof Deno.errors.ConnectionRefused) return "refused the connection";
  if (error instanceof TlsError) {
    const way = "name the authority of its certificate with --tls-ca, and the host that is in it";
    return `does not prove itself by TLS (${error.message}): ${way}`;
  }
  return `cannot be reached (${error instanceof Error ? error.message : error})`;
}

/** Whether this is `host:port`. */
export function isAddress(text: string): boolean {
  const [, port] = /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+):([0-9]{1,5})$/.exec(text) ?? [];
  return Number(port) >= 1 && Number(port) <= 65_535;
}

/** The parts of `host:port`; an IPv6 host stands in brackets. */
export function splitAddress(address: string): { hostname: string; port: number } {
  const at = address.lastIndexOf(":");
  return { hostname: address.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(address.slice(at + 1)) };
}
