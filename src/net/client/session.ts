/**
 * A client session over TCP: the asynchronous client API.
 *
 * A session keeps a link to every member of the view, replaces lost links, and drives the {@link Transmitter}. Commands
 * that a program submits in one turn of the event loop travel in one request.
 *
 * @module
 */

import { viewWaitMs, windowRequests } from "../../limits.ts";
import { itemsOf } from "../../batch.ts";
import type { InspectedTransmitter } from "../../inspection.ts";
import { OutboxFullError } from "../../protocol/client/outbox.ts";
import { Transmitter } from "../../protocol/client/transmitter.ts";
import type { TransmitterEffect, TransmitterEvent } from "../../protocol/client/transmitter_events.ts";
import { isSameCluster } from "../../cluster_id.ts";
import type { Member } from "../../uid.ts";
import { clientIdOf } from "../client_id.ts";
import { type CallOptions, type CommandOutput, NotExecutedError, OutcomeUnknownError } from "./calls.ts";
import type { RoundTrip } from "../../protocol/client/round_trip.ts";
import { HeldCommands, type Ticket } from "./held_commands.ts";
import { roundTrips } from "./round_trips.ts";
import type { AccessRole } from "../../roles.ts";
import { openingWith, type OpenLink, type Reach } from "../opening.ts";
import { SessionLinks } from "./session_links.ts";
import { whyForbidden } from "./needed_role.ts";
import { letSleep, wakeUp } from "./wake_up.ts";
import { type Entries, watchEntries } from "./watch.ts";

export type { TokenAt } from "../opening.ts";
export { type CallOptions, type CommandOutput, NotExecutedError, OutcomeUnknownError } from "./calls.ts";

/** Milliseconds without a view after which a client says so. */
export const viewNoticeMs = 1_000;

/** No replica gave the session a view; the message names every address tried. */
export class ConnectError extends Error {
  /** What kind of error it is. */
  override name = "ConnectError";
}

/** The first that gave an answer was a node: an engine gives the order there, and there are no replicas. */
export class NodesError extends ConnectError {
  override name = "NodesError";
}

/** News for a person; `message` is a sentence without a period. */
export interface Notice {
  /**
   * `waiting`: links are open, and no view came yet. `joined`: a new or restarted replica is a member now. `failed`: a
   * member failed. `unreachable`: no replica answers. `restarted`: the cluster began again: empty, from a backup, or
   * from one replica with `--force-from`; it may lack earlier commands. `stranger`: a replica of another cluster
   * listens at a named address. `expired`: the replicas had forgotten the session, and a new one was opened.
   *
   * With nodes, `failed` says that the session has left its node, and why, and `joined` that it is with another one.
   */
  readonly kind: "waiting" | "joined" | "failed" | "unreachable" | "restarted" | "stranger" | "expired";
  /** The sentence. */
  readonly message: string;
  /** `host:port` of the replica that it is about, if it is about one. */
  readonly address?: string;
}

/** How a session is opened. */
export interface SessionOptions extends Reach {
  /** The role that a command needs; absent: the replicas alone say so. */
  readonly neededRole?: (command: Uint8Array) => AccessRole;
  /** Is called at once with each notice. */
  readonly onNotice?: (notice: Notice) => void;
  /** Milliseconds without a view before the notice `waiting`; 1,000 if absent. */
  readonly viewNoticeMs?: number;
  /**
   * Milliseconds without a view before {@link Session.connect} gives up, and before a session that lost all its links
   * counts the cluster as unreachable; 15,000 if absent.
   */
  readonly viewWaitMs?: number;
  /** Aborting it ends {@link Session.connect}; it has no effect on a session that is open. */
  readonly signal?: AbortSignal;
}

// How long `close` waits for the replicas to forget the session; without that, the session expires.
const closeWithinMs = 500;

// A bound on notices of strangers: one may use another name at each attempt.
const strangersMax = 64;

/** A session with the replicas of a cluster. */
export class Session {
  /** Replicas give the order. */
  readonly kind = "replicas";
  readonly #options: SessionOptions;
  readonly #named: Set<string>;
  readonly #roundTrip: RoundTrip;
  readonly #strangers = new Set<string>();
  #members: readonly Member[] = [];
  #core: Transmitter<Ticket>;
  readonly #held = new HeldCommands();
  #cluster: string | undefined;
  /** What the token allowed when a replica let the session in last; undefined: none has yet. */
  #admitted: OpenLink | undefined;
  readonly #links: SessionLinks;
  #turnIsDue = false;
  readonly #sleeper = { wakeAt: () => this.#core.wakeAt(), wake: () => this.#turn() };
  #isClosed = false;
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  private constructor(addresses: readonly string[], options: SessionOptions) {
    this.#named = new Set(addresses);
    this.#options = options;
    this.#roundTrip = roundTrips.take(this.#named);
    this.#core = this.#newCore();
    this.#links = new SessionLinks(
      {
        wanted: () => this.#isClosed && this.#links.isUnreachable ? [] : this.#core.wanted(),
        step: (event) => this.#step(event),
        admitted: (open) => this.#admitted = open,
        forbidden: (reason) => this.#onForbidden(reason),
        metNode: () => this.#connected.reject(new NodesError("A node listens there, and not a replica")),
        unreachable: (tried) => this.#onUnreachable(tried),
      },
      openingWith("session", options),
      options.viewWaitMs ?? viewWaitMs,
    );
  }

  /**
   * Opens a session.
   *
   * @param addresses `host:port` of any replicas of the cluster; it learns the others.
   * @throws {ConnectError} at once if every address refuses, after `viewWaitMs` if some accept and none gives a view,
   * and when `signal` is aborted.
   * @throws {NodesError} at once if a node listens there.
   */
  static async connect(addresses: readonly string[], options: SessionOptions): Promise<Session> {
    const session = new Session(addresses, options);
    const noticeMs = options.viewNoticeMs ?? viewNoticeMs;
    const waitMs = options.viewWaitMs ?? viewWaitMs;
    const { signal } = options;
    const onAbort = () => {
      session.#connected.reject(new ConnectError("Opening a session was aborted", { cause: signal?.reason }));
    };
    const notice = setTimeout(() => session.#noteWaiting(), noticeMs);
    const giveUp = setTimeout(() => {
      const { addresses: accepted, dialing } = session.#links;
      const what = accepted.length > 0
        ? `${accepted.join(", ")} accepted, and gave no view`
        : `${dialing.join(", ")} gave no answer`;
      session.#connected.reject(new ConnectError(`Cannot open a session: ${what} within ${waitMs} ms`));
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

  /** The number of the view that the session is in. */
  get view(): number {
    return this.#core.v;
  }

  /** The members of that view. */
  get members(): readonly Member[] {
    return this.#core.members;
  }

  /** What its token allows, as the last replica that has let it in has said. */
  get role(): AccessRole {
    return this.#admitted!.role;
  }

  /** The name of its token. */
  get tokenName(): string {
    return this.#admitted!.name;
  }

  /** The time now by the clock of the last replica that has let it in, in ms since 1970. */
  replicaNowMs(): number {
    return this.#admitted!.replicaNowMs();
  }

  /** Tells what the session waits for, and from which replicas. */
  inspect(): InspectedTransmitter {
    return this.#core.inspect();
  }

  /**
   * Submits a command, and copies its bytes before it returns.
   *
   * @param outputBytesMax the most bytes that its output can have.
   * @param options how long to wait for it; absent: as long as the cluster needs.
   * @returns its output, once the command is executed.
   * @throws {OutcomeUnknownError} if all replicas were lost, the session was closed or the wait ended after the command
   * was sent: indefinite.
   * @throws {NotExecutedError} if it was not sent: definite.
   */
  submit(command: Uint8Array, outputBytesMax: number, options: CallOptions = {}): Promise<CommandOutput> {
    return this.#call(command, outputBytesMax, options, false);
  }

  /**
   * The same for a command that changes nothing: only one replica answers it, from a state that has all that anybody
   * has seen by now, and what was submitted before. Otherwise the call fails with {@link NotExecutedError}, or with
   * {@link OutcomeUnknownError} if the wait ends after the command was sent.
   */
  read(command: Uint8Array, outputBytesMax: number, options: CallOptions = {}): Promise<CommandOutput> {
    return this.#call(command, outputBytesMax, options, true);
  }

  /**
   * The entries after an index, those that exist and then each new one, from any member, until the signal is aborted.
   *
   * @throws {WatchError} if no replica answers for 15 s.
   */
  entries(after: number, signal?: AbortSignal): AsyncGenerator<Entries, void> {
    const addresses = () => this.#members.map(({ address }) => address);
    const { tokenAt, authorities } = this.#options;
    return watchEntries({ tokenAt, authorities, cluster: this.cluster, after, addresses, signal });
  }

  #call(command: Uint8Array, outputBytesMax: number, options: CallOptions, isRead: boolean): Promise<CommandOutput> {
    if (this.#isClosed) return Promise.reject(new NotExecutedError("Cannot submit a command: the session is closed"));
    if (this.#links.isUnreachable) {
      return Promise.reject(new NotExecutedError(`No replica answers: ${this.#links.tried}`));
    }
    const why = isRead ? undefined : whyForbidden(this.#admitted!, this.#options.neededRole, command);
    if (why !== undefined) return Promise.reject(new NotExecutedError(why));
    // A command overtakes none that was submitted before it.
    if (options.signal !== undefined || options.timeoutMs !== undefined || !this.#held.isEmpty) {
      const outcome = this.#held.add(command, outputBytesMax, options, isRead);
      this.#schedule();
      return outcome;
    }
    return new Promise((resolve, reject) => {
      try {
        this.#give(command, outputBytesMax, { resolve, reject }, isRead);
      } catch (error) {
        throw error instanceof OutboxFullError ? new NotExecutedError(error.message) : error;
      }
      this.#schedule();
    });
  }

  /** Ends the session once every command has its outcome, and closes its links; takes half a second at most. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#handOver();
      this.#held.abandon("the session was closed before the command was sent");
      this.#core.end();
      this.#turn();
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, closeWithinMs);
      if (this.#links.isUnreachable) this.#ended.resolve();
      await Promise.race([this.#ended.promise, late.promise]);
      this.#core.abandon("the session was closed before an answer came");
      for (const effect of this.#core.ready()) this.#perform(effect);
      await Promise.race([this.#links.closeAll(), late.promise]);
      clearTimeout(timer);
      this.#abort();
    }
    await this.#closed.promise;
  }

  #newCore(): Transmitter<Ticket> {
    const secret = crypto.getRandomValues(new Uint8Array(32)).toHex();
    const client = clientIdOf(secret);
    // All the replicas that were named may be dead by now, while others that joined later live.
    const addresses = new Set([...this.#named, ...this.#members.map(({ address }) => address)]);
    return new Transmitter<Ticket>({ secret, client, addresses: [...addresses], roundTrip: this.#roundTrip });
  }

  // ---- Turns ----

  #step(event: TransmitterEvent): void {
    // The core counts from the last tick, which may be long ago.
    if (!this.#turnIsDue) this.#core.step({ kind: "tick", nowMs: performance.now() });
    this.#core.step(event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    const core = this.#core;
    core.step({ kind: "tick", nowMs: performance.now() });
    if (!this.#held.isEmpty && this.#sendsAtOnce()) this.#handOver();
    for (const effect of core.ready()) this.#perform(effect);
    // A new session has replaced the one whose turn this was.
    if (core !== this.#core) return this.#schedule();
    this.#links.dialWanted();
    wakeUp(this.#sleeper);
  }

  /** Whether the transmitter sends what it is given now, or asks the replicas at once whether it may. */
  #sendsAtOnce(): boolean {
    const { mode, v, sent, done } = this.#core.inspect();
    if (v === 0 || this.#links.addresses.length === 0) return false;
    // What it would not send it refuses, and reads wait for nothing.
    if (this.#core.takesNone) return true;
    return mode === "idle" || (mode === "active" && sent - done < windowRequests);
  }

  #handOver(): void {
    this.#held.handOver((...held) => this.#give(...held));
  }

  #give(command: Uint8Array, outputBytesMax: number, ticket: Ticket, isRead: boolean): void {
    if (isRead) this.#core.read(command, outputBytesMax, ticket);
    else this.#core.submit(command, outputBytesMax, ticket);
  }

  #perform(effect: TransmitterEffect<Ticket>): void {
    switch (effect.kind) {
      case "send":
        return this.#links.send(effect.link, effect.message);
      case "closeLink":
        return this.#links.close(effect.link);
      case "outputs": {
        let at = 0;
        for (const output of itemsOf(effect.outputs)) {
          effect.tickets[at].resolve({ output, index: effect.index + at });
          at++;
        }
        return;
      }
      case "values": {
        let at = 0;
        for (const output of itemsOf(effect.outputs)) effect.tickets[at++].resolve({ output, index: effect.index });
        return;
      }
      case "unknown":
        for (const { reject } of effect.tickets) reject(new OutcomeUnknownError(effect.reason));
        return;
      case "notSent":
        for (const { reject } of effect.tickets) reject(new NotExecutedError(effect.reason));
        return;
      case "view":
        return this.#onView(effect.members);
      case "refused":
        return this.#links.refused(effect.link, effect.reason);
      case "stranger":
        return this.#onStranger(effect.address, effect.cluster);
      case "ended":
        return this.#ended.resolve();
      case "lost":
        return this.#reopen(effect.reason);
      default:
        effect satisfies never;
    }
  }

  // ---- Views ----

  #onView(members: readonly Member[]): void {
    const cluster = this.#core.cluster;
    if (this.#cluster !== undefined && cluster !== undefined && cluster !== this.#cluster) {
      this.#members = [];
      this.#say("restarted", isSameCluster(cluster, this.#cluster) ? forced : replaced);
    }
    this.#cluster = cluster;
    for (const { id, address } of this.#members) {
      if (members.some((member) => member.id === id)) continue;
      this.#say("failed", `The replica at ${address} has failed; ${remaining(members.length)}`, address);
    }
    if (this.#members.length > 0) {
      for (const { id, address } of members) {
        if (this.#members.some((member) => member.id === id)) continue;
        this.#say("joined", `The replica at ${address} has joined; ${remaining(members.length)}`, address);
      }
    }
    this.#members = members;
    this.#links.reached();
    this.#connected.resolve();
  }

  #onStranger(address: string, cluster: string): void {
    const stranger = `${address} ${cluster}`;
    if (this.#strangers.has(stranger) || this.#strangers.size >= strangersMax) return;
    this.#strangers.add(stranger);
    const what = `The replica at ${address} is of another cluster, ${cluster.slice(0, 8)}, and is not used`;
    this.#say("stranger", `${what}: this client is with ${this.#core.cluster?.slice(0, 8)}`, address);
  }

  #say(kind: Notice["kind"], message: string, address?: string): void {
    this.#options.onNotice?.({ kind, message, address });
  }

  #noteWaiting(): void {
    const { addresses: accepted, dialing } = this.#links;
    const message = accepted.length > 0
      ? `No view has come yet from ${
        accepted.join(", ")
      }: replicas may be changing theirs, a node may wait for etcd; waiting`
      : `No answer has come yet from ${dialing.join(", ")}; waiting`;
    this.#say("waiting", message);
  }

  /** The replicas ended the session, and every pending command has its outcome. A new session replaces it. */
  #reopen(reason: string): void {
    if (reason.includes("expired")) this.#say("expired", "The session had expired: a new one was opened");
    this.#links.forgetAll();
    this.#core = this.#newCore();
    if (this.#isClosed) this.#ended.resolve();
  }

  #onUnreachable(tried: string): void {
    this.#connected.reject(new ConnectError(`No replica answers: ${tried}`));
    this.#core.abandon(`all replicas were lost: ${tried}`);
    this.#held.abandon(`all replicas were lost: ${tried}`);
    for (const effect of this.#core.ready()) this.#perform(effect);
    this.#links.forgetAll();
    this.#core = this.#newCore();
    this.#schedule();
    if (this.#cluster !== undefined) this.#say("unreachable", `No replica answers any more: ${tried}`);
    if (this.#isClosed) this.#ended.resolve();
  }

  /** The session has asked for more than its token allows: nothing of what waits would come through either. */
  #onForbidden(reason: string): void {
    this.#connected.reject(new ConnectError(`A replica refuses the session: ${reason}`));
    this.#core.abandon(`a replica refuses it: ${reason}`);
    this.#held.abandon(`a replica refuses it: ${reason}`);
    for (const effect of this.#core.ready()) this.#perform(effect);
    this.#links.forgetAll();
    this.#core = this.#newCore();
    this.#schedule();
    if (this.#isClosed) this.#ended.resolve();
  }

  /** Ends everything at once. */
  #abort(): void {
    this.#isClosed = true;
    letSleep(this.#sleeper);
    roundTrips.release(this.#named);
    this.#links.abort();
    this.#closed.resolve();
  }
}

/** The notice for the same cluster with a part of its past given up. */
const forced =
  "The cluster continues from one replica alone (--force-from) and lacks what only the others had executed. " +
  "Look before you repeat anything";

/** The notice for another cluster. */
const replaced = "Another cluster has replaced the one before: it began empty or from a backup, and lacks what was " +
  "answered since. Look before you repeat anything";

function remaining(count: number): string {
  return count === 1 ? "1 replica remains" : `${count} replicas remain`;
}
