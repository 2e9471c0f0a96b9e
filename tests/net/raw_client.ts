/**
 * A client that speaks the wire protocol itself, and so may do what no correct client does.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { writeFrame } from "../../src/framing.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import { wireVersion } from "../../src/limits.ts";
import { AdmissionError, isConnectionError, Link } from "../../src/net/link.ts";
import { LinkOpener, openerBounds, openingWith, type TokenAt } from "../../src/net/opening.ts";
import { replicaOpening } from "../../src/net/server/admission.ts";
import { type AnyMessage, encodeAny } from "../../src/net/wire.ts";
import { leastPromise } from "../../src/protocol/wire/promise.ts";
import type { ClientMessage, LinkPurpose, Message, MessageOf } from "../../src/protocol/wire/messages.ts";
import { tokenAt } from "./admitted.ts";
import { Mailbox } from "./mailbox.ts";

/** A secret of a session: as many hexadecimal digits as it takes. */
export function newSecret(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toHex();
}

/** The commands of a request. */
export function batchOf(...commands: readonly Command[]): Uint8Array {
  const batch = new ByteWriter();
  const writer = new ByteWriter();
  for (const command of commands) {
    writer.clear();
    writeCommand(writer, command);
    batch.blob(writer.view());
  }
  return batch.copy();
}

/** The fields of a request or a null request that a test cares about. */
interface Fields {
  readonly v?: number;
  readonly seq?: number;
  readonly ts?: number;
  /** The promise; absent: no more than its own timestamp. */
  readonly upto?: number;
  readonly done?: number;
  readonly end?: boolean;
  readonly suspend?: boolean;
  readonly commands?: Uint8Array;
}

/** What a link is for, by its first message; anything else is said in a session. */
const purposes: Partial<Record<AnyMessage["kind"], LinkPurpose>> = {
  COPY: "copy",
  WATCH: "watch",
  STATUS: "status",
  PEER: "replica",
};

/** What a client shows. */
export interface RawShown {
  /** Gives the token to show; absent: that of all tests. */
  readonly tokenAt?: TokenAt;
  /** What replicas show to each other, for a link that begins with PEER. */
  readonly key?: string;
}

/** A link to one replica. It shows who it is before its first message. */
export class RawClient {
  readonly secret: string;
  /** Resolves when the link has ended. */
  readonly closed = Promise.withResolvers<void>();
  readonly received = new Mailbox<AnyMessage>();
  readonly #connection: Deno.TcpConn;
  readonly #link: Link;
  readonly #shown: RawShown;
  #opener: LinkOpener | undefined;
  /** The messages to send once it is let in; undefined: it is. */
  #early: AnyMessage[] | undefined = [];
  #v = 1;
  /** How many times as far as others it has to promise, by the last READY. */
  #pace = 1;

  private constructor(connection: Deno.TcpConn, secret: string, shown: RawShown) {
    this.secret = secret;
    this.#connection = connection;
    this.#shown = shown;
    // It may be refused before it has said anything.
    this.#link = new Link(connection, {
      onMessage: (link, message) => this.#heard(link, message),
      onClosed: (link, reason) => {
        this.#opener?.onClosed(link, reason);
        this.#ended("the replica has ended the link");
      },
    }, openerBounds);
  }

  #heard(link: Link, message: Message): void {
    if (message.kind === "REFUSED" && this.#early !== undefined) this.received.push(message);
    this.#opener?.onMessage(link, message);
  }

  async #open(opener: LinkOpener): Promise<void> {
    try {
      const { link, attach } = await opener.opened;
      attach({
        // It never speaks to a node.
        onMessage: (_, message) => this.received.push(message as Message),
        onClosed: () => this.#ended("the replica has ended the link"),
      });
      for (const message of this.#early!) link.send(message);
      this.#early = undefined;
    } catch (error) {
      if (!(error instanceof AdmissionError)) throw error;
      this.#ended("the replica has ended the link");
    }
  }

  /** Connects to `127.0.0.1:port`, and says nothing yet. */
  static async connect(port: number, secret: string = newSecret(), shown: RawShown = {}): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }), secret, shown);
  }

  /** Resolves when the replica has let it in; it says first what its link is for. */
  async admitted(purpose: LinkPurpose = "session"): Promise<void> {
    await this.#greet(purpose).opened;
  }

  #greet(purpose: LinkPurpose): LinkOpener {
    if (this.#opener !== undefined) return this.#opener;
    const { key, tokenAt: shown = tokenAt } = this.#shown;
    const opening = purpose === "replica" ? replicaOpening(key!) : openingWith(purpose, { tokenAt: shown });
    this.#opener = new LinkOpener(`127.0.0.1:${this.#connection.remoteAddr.port}`, opening);
    this.#opener.begin(this.#link);
    this.#open(this.#opener);
    return this.#opener;
  }

  /** Connects as often as that, and has each link let in: some at a time, so that each is in time. */
  static async crowd(port: number, count: number, purpose: LinkPurpose): Promise<RawClient[]> {
    const all: RawClient[] = [];
    while (all.length < count) {
      const some = await Promise.all(
        Array.from({ length: Math.min(20, count - all.length) }, () => RawClient.connect(port)),
      );
      await Promise.all(some.map((client) => client.admitted(purpose)));
      all.push(...some);
    }
    return all;
  }

  /** Connects, and introduces itself; the view that it is given is the one that its messages are of. */
  static async greet(port: number, secret?: string): Promise<RawClient> {
    const client = await RawClient.connect(port, secret);
    client.hello();
    await client.view();
    return client;
  }

  /** Connects, introduces itself, and becomes active; returns the floor too. */
  static async join(port: number, secret?: string): Promise<{ client: RawClient; floor: number }> {
    const client = await RawClient.greet(port, secret);
    return { client, floor: await client.activate() };
  }

  /** Becomes active, in a later view if that comes first; returns the floor. */
  async activate(): Promise<number> {
    for (;;) {
      this.resume();
      const answer = await this.received.take("READY", (message): message is MessageOf<"READY" | "VIEW"> => {
        return message.kind === "READY" || message.kind === "VIEW";
      });
      if (answer.kind === "READY") {
        this.#pace = answer.pace;
        return answer.floor;
      }
      this.#v = answer.v;
    }
  }

  /** The view that it speaks in. */
  get v(): number {
    return this.#v;
  }

  send(message: AnyMessage): void {
    this.#greet(purposes[message.kind] ?? "session");
    if (this.#early === undefined) this.#link.send(message);
    else this.#early.push(message);
  }

  hello(fields: Partial<MessageOf<"HELLO">> = {}): void {
    this.send({ kind: "HELLO", version: wireVersion, cluster: undefined, secret: this.secret, done: 0, ...fields });
  }

  resume(fields: Fields = {}): void {
    this.#say({ kind: "RESUME", v: this.#v, ts: 0, done: 0, ...fields });
  }

  /** Sends a request; if it does not say so, it promises no more than it must. */
  request(fields: Fields): void {
    const commands = batchOf({ kind: "set", name: "Harvard University", value: 1, recordedAt: 1 });
    const { ts = 1 } = fields;
    const upto = this.#pace === 1 ? ts : ts + leastPromise(fields.commands ?? commands, this.#pace);
    this.#say({ kind: "REQUEST", v: this.#v, seq: 1, ts: 1, upto, done: 0, end: false, commands, ...fields });
  }

  clock(fields: Fields): void {
    this.#say(this.clockOf(fields));
  }

  read(fields: Partial<MessageOf<"READ">> = {}): void {
    const commands = batchOf({ kind: "view", name: "Harvard University" });
    this.#say({ kind: "READ", v: this.#v, rid: 1, after: 0, commands, ...fields });
  }

  /** A null request, which is not sent. */
  clockOf(fields: Fields): MessageOf<"CLOCK"> {
    return { kind: "CLOCK", v: this.#v, ts: 1, done: 0, suspend: false, ...fields };
  }

  /** Sends bytes as they are, past what waits. Returns false if the replica has ended the link. */
  async write(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
      return true;
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      return false;
    }
  }

  /**
   * Sends a message again and again, as fast as the replica takes it, until the signal is aborted, the link ends, or
   * `bytesMax` bytes were sent.
   *
   * @returns how many bytes were sent.
   */
  async flood(message: AnyMessage, bytesMax: number, signal: AbortSignal): Promise<number> {
    const frames = new ByteWriter();
    while (frames.length < 1024 * 1024) writeFrame(frames, encodeAny, message);
    let sent = 0;
    while (!signal.aborted && sent < bytesMax && await this.write(frames.view())) {
      sent += frames.length;
      // A write that is taken at once needs no turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return sent;
  }

  #say(message: ClientMessage): void {
    this.send(message);
  }

  /** The next message of this kind. */
  next<K extends AnyMessage["kind"]>(kind: K): Promise<Extract<AnyMessage, { kind: K }>> {
    return this.received.take(kind, (message): message is Extract<AnyMessage, { kind: K }> => message.kind === kind);
  }

  /** The next view; what is said from now on is said in it. */
  async view(): Promise<MessageOf<"VIEW">> {
    const view = await this.next("VIEW");
    this.#v = view.v;
    return view;
  }

  /** Why the replica ends the link, once it has. */
  async refusal(): Promise<string> {
    const { reason } = await this.next("REFUSED");
    await this.closed.promise;
    return reason;
  }

  /** Stops reading. */
  stall(): void {
    this.#link.pause();
  }

  /** Reads again. */
  unstall(): void {
    this.#link.resume();
  }

  /** Ends the link as the death of a process does: what was not sent is lost. */
  die(): void {
    this.#link.abort();
    this.#ended("the client has ended the link");
  }

  /** Ends the link when all is sent. */
  async leave(): Promise<void> {
    await this.#link.close();
    this.#ended("the client has ended the link");
  }

  #ended(why: string): void {
    this.received.end(why);
    this.closed.resolve();
  }
}
