/**
 * A client session with nodes over TCP: what `session.ts` is with replicas.
 *
 * A session keeps a link to one node, and drives the {@link NodeCaller}. Commands that a program submits in one turn of
 * the event loop travel in one request.
 *
 * @module
 */

import { itemsOf } from "../../batch.ts";
import { isSameCluster } from "../../cluster_id.ts";
import { BacklogFullError } from "../../engine/client/backlog.ts";
import { NodeCaller } from "../../engine/client/caller.ts";
import type { CallerEffect, CallerEvent } from "../../engine/client/caller_events.ts";
import type { NodeMessageOf } from "../../engine/wire/node_messages.ts";
import type { InspectedTransmitter } from "../../inspection.ts";
import { viewWaitMs } from "../../limits.ts";
import type { AccessRole } from "../../roles.ts";
import { clientIdOf } from "../client_id.ts";
import { openingWith, type OpenLink } from "../opening.ts";
import { type CallOptions, checkTimeout, type CommandOutput, NotExecutedError, OutcomeUnknownError } from "./calls.ts";
import { whyForbidden } from "./needed_role.ts";
import { NodeLink } from "./node_link.ts";
import { ConnectError, type Notice, type SessionOptions, viewNoticeMs } from "./session.ts";
import { letSleep, wakeUp } from "./wake_up.ts";
import { type Entries, watchEntries } from "./watch.ts";

// How long `close` waits for a node to end the session; without that, the session expires.
const closeWithinMs = 500;

// A bound on notices of strangers: one may use another name at each attempt.
const strangersMax = 64;

/** What hears of the outcome of a command. */
interface CallTicket {
  readonly resolve: (output: CommandOutput) => void;
  readonly reject: (error: Error) => void;
  /** Why somebody has aborted it. */
  cause?: ErrorOptions;
}

/** A session with the nodes of a cluster. */
export class NodeSession {
  /** An engine gives the order. */
  readonly kind = "nodes";
  readonly #options: SessionOptions;
  readonly #named: readonly string[];
  readonly #core: NodeCaller<CallTicket>;
  readonly #strangers = new Set<string>();
  readonly #closing = new Set<Promise<void>>();
  #cluster: string | undefined;
  #members: readonly { readonly address: string }[] = [];
  /** What the token allowed when a node let the session in last; undefined: none has yet. */
  #admitted: OpenLink | undefined;
  #link: NodeLink | undefined;
  /** The node that has let the session in last; undefined: none has, or none was reachable since. */
  #address: string | undefined;
  #turnIsDue = false;
  readonly #sleeper = { wakeAt: () => this.#core.wakeAt(), wake: () => this.#turn() };
  #isClosed = false;
  /** Opens no more links. */
  #isOver = false;
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  private constructor(addresses: readonly string[], options: SessionOptions) {
    this.#named = addresses;
    this.#options = options;
    const newSession = () => {
      const secret = crypto.getRandomValues(new Uint8Array(32)).toHex();
      return { secret, client: clientIdOf(secret) };
    };
    this.#core = new NodeCaller<CallTicket>({ addresses, newSession, waitMs: options.viewWaitMs });
  }

  /**
   * Opens a session.
   *
   * @param addresses `host:port` of any nodes of the cluster; it learns the others.
   * @throws {ConnectError} at once if every address refuses, after `viewWaitMs` if no node lets it in, and when
   * `signal` is aborted.
   */
  static async connect(addresses: readonly string[], options: SessionOptions): Promise<NodeSession> {
    const session = new NodeSession(addresses, options);
    const { signal, viewWaitMs: waitMs = viewWaitMs } = options;
    const onAbort = () => {
      session.#connected.reject(new ConnectError("Opening a session was aborted", { cause: signal?.reason }));
    };
    const notice = setTimeout(() => session.#noteWaiting(), options.viewNoticeMs ?? viewNoticeMs);
    const giveUp = setTimeout(() => {
      const what = `no node has let it in within ${waitMs} ms: ${session.#core.tried || session.#core.address}`;
      session.#connected.reject(new ConnectError(`Cannot open a session: ${what}`));
    }, waitMs);
    signal?.addEventListener("abort", onAbort);
    try {
      if (signal?.aborted) onAbort();
      else session.#turn();
      await session.#connected.promise;
      return session;
    } catch (error) {
      session.#abort();
      throw error;
    } finally {
      clearTimeout(notice);
      clearTimeout(giveUp);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** The cluster's id, 32 hexadecimal digits. */
  get cluster(): string {
    return this.#cluster!;
  }

  /** Nodes have no views: 0. */
  get view(): number {
    return 0;
  }

  /** The nodes, as the one that the session is with knows them. */
  get members(): readonly { readonly address: string }[] {
    return this.#members;
  }

  /** What its token allows, as the last node that has let it in has said. */
  get role(): AccessRole {
    return this.#admitted!.role;
  }

  /** The name of its token. */
  get tokenName(): string {
    return this.#admitted!.name;
  }

  /** The time now by the clock of the last node that has let it in, in ms since 1970. */
  replicaNowMs(): number {
    return this.#admitted!.replicaNowMs();
  }

  /** Tells what the session waits for, and which node it is with. */
  inspect(): InspectedTransmitter {
    const { client, node, seq, done, waitsFor } = this.#core.inspect();
    const mode = this.#isClosed ? "over" : node === undefined ? "joining" : waitsFor === undefined ? "idle" : "active";
    const awaited = waitsFor === "node" ? undefined : waitsFor;
    return { client, mode, clock: 0, v: 0, sent: seq, done, waitsFor: awaited, from: [], node };
  }

  /**
   * Submits a command, and copies its bytes before it returns.
   *
   * @param outputBytesMax the most bytes that its output can have.
   * @param options how long to wait for it; absent: 15 s.
   * @returns its output, once the command is executed.
   * @throws {OutcomeUnknownError} if it was sent, and no node has said in time whether it was executed: indefinite.
   * @throws {NotExecutedError} if it was not executed and never will be: definite.
   */
  submit(command: Uint8Array, outputBytesMax: number, options: CallOptions = {}): Promise<CommandOutput> {
    return this.#call(command, outputBytesMax, options, false);
  }

  /**
   * The same for a command that changes nothing. It sees everything that anybody has seen by now, and what was
   * submitted before it.
   *
   * @throws {NotExecutedError} if no node answers it in time.
   */
  read(command: Uint8Array, outputBytesMax: number, options: CallOptions = {}): Promise<CommandOutput> {
    return this.#call(command, outputBytesMax, options, true);
  }

  /**
   * The entries after an index, those that exist and then each new one, from any node, until the signal is aborted.
   *
   * @throws {WatchError} if no node answers for 15 s.
   */
  entries(after: number, signal?: AbortSignal): AsyncGenerator<Entries, void> {
    const addresses = () => this.#members.map(({ address }) => address);
    const { tokenAt, authorities } = this.#options;
    return watchEntries({ tokenAt, authorities, cluster: this.cluster, after, addresses, signal });
  }

  async #call(
    command: Uint8Array,
    outputBytesMax: number,
    { signal, timeoutMs }: CallOptions,
    isRead: boolean,
  ): Promise<CommandOutput> {
    checkTimeout(timeoutMs);
    const why = this.#whyNot(command, isRead, signal);
    if (why !== undefined) throw why;
    const { promise, resolve, reject } = Promise.withResolvers<CommandOutput>();
    const ticket: CallTicket = { resolve, reject };
    this.#tick();
    try {
      if (isRead) this.#core.read(command, outputBytesMax, ticket, timeoutMs);
      else this.#core.submit(command, outputBytesMax, ticket, timeoutMs);
    } catch (error) {
      throw error instanceof BacklogFullError ? new NotExecutedError(error.message) : error;
    }
    this.#schedule();
    if (signal === undefined) return promise;
    const onAbort = () => {
      ticket.cause = { cause: signal.reason };
      this.#core.giveUp(ticket, "the command was aborted");
      this.#schedule();
    };
    signal.addEventListener("abort", onAbort);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Why a command is not taken; undefined: it is. */
  #whyNot(command: Uint8Array, isRead: boolean, signal: AbortSignal | undefined): NotExecutedError | undefined {
    if (this.#isClosed) return new NotExecutedError("Cannot submit a command: the session is closed");
    if (signal?.aborted) {
      return new NotExecutedError("the command was aborted before it was sent", { cause: signal.reason });
    }
    if (this.#core.isUnreachable) return new NotExecutedError(`No node answers: ${this.#core.tried}`);
    const why = isRead ? undefined : whyForbidden(this.#admitted!, this.#options.neededRole, command);
    return why === undefined ? undefined : new NotExecutedError(why);
  }

  /** Ends the session once every command has its outcome, and closes its link; takes half a second at most. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#core.end();
      this.#turn();
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, closeWithinMs);
      if (this.#core.isUnreachable) this.#ended.resolve();
      await Promise.race([this.#ended.promise, late.promise]);
      this.#isOver = true;
      this.#core.abandon("the session was closed before an answer came");
      for (const effect of this.#core.ready()) this.#perform(effect);
      await Promise.race([Promise.all(this.#closing), late.promise]);
      clearTimeout(timer);
      this.#abort();
    }
    await this.#closed.promise;
  }

  // ---- Turns ----

  #tick(): void {
    // The core counts from the last tick, which may be long ago.
    if (!this.#turnIsDue) this.#core.step({ kind: "tick", nowMs: performance.now() });
  }

  #step(event: CallerEvent): void {
    this.#tick();
    this.#core.step(event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnIsDue || this.#isOver) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    if (this.#isOver) return;
    this.#core.step({ kind: "tick", nowMs: performance.now() });
    for (const effect of this.#core.ready()) this.#perform(effect);
    if (this.#cluster === undefined && this.#core.haveAllFailed) {
      this.#connected.reject(new ConnectError(`No node answers: ${this.#core.tried}`));
    }
    wakeUp(this.#sleeper);
  }

  #perform(effect: CallerEffect<CallTicket>): void {
    switch (effect.kind) {
      case "dial":
        return this.#dial(effect.link, effect.address);
      case "send":
        return this.#link?.send(effect.message);
      case "close":
        return this.#closeLink();
      case "outputs":
      case "values": {
        let at = 0;
        for (const output of itemsOf(effect.outputs)) {
          const index = effect.kind === "values" ? effect.index : effect.index + at;
          effect.tickets[at++]?.resolve({ output, index });
        }
        return;
      }
      case "unknown":
        for (const { reject, cause } of effect.tickets) reject(new OutcomeUnknownError(effect.reason, cause));
        return;
      case "notExecuted":
        for (const { reject, cause } of effect.tickets) reject(new NotExecutedError(effect.reason, cause));
        return;
      case "reached":
        return this.#onReached(effect.address, effect.node);
      case "left":
        return this.#say(
          "failed",
          `The node at ${effect.address} ${effect.reason}; another one is tried`,
          effect.address,
        );
      case "stranger":
        return this.#onStranger(effect.address, effect.cluster);
      case "unreachable":
        this.#connected.reject(new ConnectError(`No node answers: ${effect.tried}`));
        if (this.#cluster !== undefined) this.#say("unreachable", `No node answers any more: ${effect.tried}`);
        this.#address = undefined;
        return this.#ended.resolve();
      case "expired":
        return this.#say("expired", "The session had expired: a new one was opened");
      case "forbidden":
        return this.#connected.reject(new ConnectError(`A node refuses the session: ${effect.reason}`));
      case "ended":
        return this.#ended.resolve();
      default:
        effect satisfies never;
    }
  }

  // ---- The link ----

  #dial(id: number, address: string): void {
    if (this.#isOver) return;
    this.#link = new NodeLink(address, openingWith("session", this.#options), {
      onOpened: (open) => {
        this.#admitted = open;
        this.#step({ kind: "opened", link: id });
      },
      onMessage: (message) => this.#step({ kind: "received", link: id, message }),
      onClosed: (reason) => this.#step({ kind: "closed", link: id, reason }),
    });
  }

  #closeLink(): void {
    const closing = this.#link?.close();
    this.#link = undefined;
    if (closing === undefined) return;
    this.#closing.add(closing);
    closing.then(() => this.#closing.delete(closing));
  }

  // ---- What a person is told ----

  #onReached(address: string, { cluster, nodes }: NodeMessageOf<"NODE">): void {
    if (this.#cluster !== undefined && cluster !== this.#cluster) {
      this.#say("restarted", isSameCluster(cluster, this.#cluster) ? continued : replaced);
    } else if (this.#cluster !== undefined && address !== this.#address) {
      this.#say("joined", `The client is with the node at ${address} now`, address);
    }
    this.#cluster = cluster;
    this.#address = address;
    // A node that sees no majority of the engine hears of no other node.
    const known = [...nodes.map(({ address }) => address), address, ...this.#named];
    this.#members = [...new Set(known)].map((address) => ({ address }));
    this.#connected.resolve();
  }

  #onStranger(address: string, cluster: string): void {
    const stranger = `${address} ${cluster}`;
    if (this.#strangers.has(stranger) || this.#strangers.size >= strangersMax) return;
    this.#strangers.add(stranger);
    const what = `The node at ${address} is of another cluster, ${cluster.slice(0, 8)}, and is not used`;
    this.#say("stranger", `${what}: this client is with ${this.#core.cluster?.slice(0, 8)}`, address);
  }

  #say(kind: Notice["kind"], message: string, address?: string): void {
    this.#options.onNotice?.({ kind, message, address });
  }

  #noteWaiting(): void {
    this.#say("waiting", `No node has let the client in yet, at present ${this.#core.address}; waiting`);
  }

  /** Ends everything at once. */
  #abort(): void {
    this.#isClosed = true;
    this.#isOver = true;
    letSleep(this.#sleeper);
    this.#link?.abort();
    this.#link = undefined;
    this.#closed.resolve();
  }
}

/** The notice for the same cluster with a part of its past given up. */
const continued = "The cluster continues from an earlier state, and lacks what was executed after that. " +
  "Look before you repeat anything";

/** The notice for another cluster. */
const replaced = "Another cluster has replaced the one before: it began empty or from a backup, and lacks what was " +
  "answered since. Look before you repeat anything";
