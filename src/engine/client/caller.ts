/**
 * The client's side of a session with nodes (rules C1 to C12 of docs/design/engine.md).
 *
 * A caller has a link to one node at a time. When that is lost, has stopped, or does not answer, the caller continues
 * at another one. It sends again, with the same seq, what it knows no outcome of: nodes execute it at most once (E3).
 *
 * How to drive it: tell the time (`tick`) first in each turn, feed any number of events and commands, then take
 * {@link NodeCaller.ready} once and perform its effects in order. {@link NodeCaller.wakeAt} says when the next turn is
 * due.
 *
 * @module
 */

import { countItems } from "../../batch.ts";
import { invariant } from "../../invariant.ts";
import { viewWaitMs, wireVersion } from "../../limits.ts";
import type { LinkId } from "../../protocol/wire/link_id.ts";
import type { NodeMessageOf } from "../wire/node_messages.ts";
import { Backlog, type Item } from "./backlog.ts";
import type { CallerEffect, CallerEvent, CallerOptions, HeardMessage, InspectedCaller } from "./caller_events.ts";
import { CallerReads } from "./caller_reads.ts";
import { NodeChoice } from "./node_choice.ts";
import { Outcomes } from "./outcomes.ts";
import { afterReadRefusal, afterRefusal } from "./refusals.ts";
import { type CallerRequest, SessionRequests } from "./session_requests.ts";

/** Milliseconds that a caller waits for a command, if nobody says how long. */
export const callWaitMs = 15_000;

/** Milliseconds within which a node must let a session in; then another one is tried. */
export const reachWithinMs = 4_000;

/** Milliseconds within which a node must say something of a request or a read; then the caller turns to another one. */
export const answerWithinMs = 5_000;

/** Milliseconds until a caller sends again what a node has declined for now. */
export const againMs = 100;

/** What somebody is told who has waited long enough. */
const lateReasons = {
  unknown: "no node has said in time whether it was executed",
  notExecuted: "no node has executed it in time",
  notRead: "no node has answered in time",
};

/** What a caller is with. */
interface CallerLink {
  readonly id: LinkId;
  readonly address: string;
  readonly sinceMs: number;
  /** It is a node, and has let the session in. */
  isGreeted: boolean;
}

/** One client. */
export class NodeCaller<T> {
  readonly #options: CallerOptions;
  readonly #choice: NodeChoice;
  readonly #waitMs: number;
  readonly #backlog = new Backlog<T>();
  readonly #reads = new CallerReads<T>();
  #session: SessionRequests<T>;
  #nowMs = 0;
  #link: CallerLink | undefined;
  #links = 0;
  #cluster: string | undefined;
  #ordinal = 0;
  /** Nothing is sent before that. */
  #pauseUntilMs = 0;
  /** The first deadline of all, or an earlier time. */
  #dueMs = Infinity;
  #reachedMs: number | undefined;
  #isUnreachable = false;
  #isEnding = false;
  #isEnded = false;
  /** What went wrong last; it follows "no outcome has come within 15 s: ". */
  #trouble: string | undefined;
  readonly #outcomes = new Outcomes<T>();

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#choice = new NodeChoice(options.addresses);
    this.#waitMs = options.waitMs ?? viewWaitMs;
    this.#session = new SessionRequests(options.newSession());
  }

  // ---- What its user sees ----

  /** The cluster that the session is with; undefined: no node has said it yet. */
  get cluster(): string | undefined {
    return this.#cluster;
  }

  /** Whether no node was reached for too long. */
  get isUnreachable(): boolean {
    return this.#isUnreachable;
  }

  /** Whether no address that the caller knows can be of use soon. */
  get haveAllFailed(): boolean {
    return this.#choice.haveAllFailed;
  }

  /** Why each address has failed. */
  get tried(): string {
    return this.#choice.tried;
  }

  /** The address that it is with, or that it tries. */
  get address(): string | undefined {
    return this.#link?.address;
  }

  /** What it is doing. */
  inspect(): InspectedCaller {
    const { name: { client }, seq, done, open } = this.#session;
    const waits = open.length > 0 || !this.#backlog.isEmpty ? "output" : this.#reads.isEmpty ? undefined : "value";
    const isWith = this.#link?.isGreeted ?? false;
    return { client, node: isWith ? this.#link?.address : undefined, seq, done, waitsFor: isWith ? waits : "node" };
  }

  /**
   * Takes a command in; its bytes are copied.
   *
   * @param outputBytesMax the most bytes that its output can have.
   * @param ticket comes back with the outcome, once.
   * @param waitMs how long somebody waits for it; absent: the caller decides.
   * @throws {RangeError} if it or its output would not fit a request.
   * @throws {BacklogFullError} if too many wait.
   */
  submit(command: Uint8Array, outputBytesMax: number, ticket: T, waitMs?: number): void {
    this.#backlog.push(this.#item(command, outputBytesMax, ticket, waitMs));
    this.#ordinal++;
  }

  /** The same for a command that changes nothing. */
  read(command: Uint8Array, outputBytesMax: number, ticket: T, waitMs?: number): void {
    this.#reads.add(this.#item(command, outputBytesMax, ticket, waitMs));
  }

  #item(command: Uint8Array, outputBytesMax: number, ticket: T, waitMs: number | undefined): Item<T> {
    const deadlineMs = this.#nowMs + (waitMs ?? callWaitMs);
    const lastMs = Math.max(deadlineMs, this.#nowMs + callWaitMs);
    this.#dueMs = Math.min(this.#dueMs, deadlineMs);
    const ordinal = this.#ordinal;
    return { ticket, command: command.slice(), outputBytesMax, deadlineMs, lastMs, ordinal, isTold: false };
  }

  /** Nobody waits any more for the command with this ticket; its outcome is told at once. */
  giveUp(ticket: T, reason: string): void {
    this.#tellThose((item) => item.ticket === ticket, () => reason);
  }

  /** Ends the session once every command has its outcome; then comes the effect `ended`. */
  end(): void {
    this.#isEnding = true;
  }

  /** Nothing waits any more: all that does gets an outcome. */
  abandon(reason: string): void {
    const unexecuted = this.#giveUpSession(reason);
    this.#outcomes.notExecuted([...unexecuted, ...this.#backlog.remove(() => true), ...this.#reads.abandon()], reason);
  }

  // ---- Events ----

  /** Takes one event. */
  step(event: CallerEvent): void {
    if (event.kind === "tick") return this.#onTick(event.nowMs);
    // C9: what an earlier link still says does not count.
    const link = this.#link;
    if (link?.id !== event.link) return;
    switch (event.kind) {
      case "opened": {
        const { secret } = this.#session.name;
        const hello = { kind: "HELLO", version: wireVersion, cluster: this.#cluster, secret } as const;
        return this.#send({ ...hello, done: this.#session.done });
      }
      case "closed":
        return this.#leave(event.reason, false);
      case "received":
        return this.#onMessage(link, event.message);
      default:
        event satisfies never;
    }
  }

  /** Gives what is to be done since the last call, in order. */
  ready(): readonly CallerEffect<T>[] {
    if (this.#session.mend()) this.#replaceSession(this.#trouble ?? "its session is over");
    if (this.#link === undefined) this.#dial();
    if (this.#link?.isGreeted && this.#nowMs >= this.#pauseUntilMs) this.#sendAll();
    if (this.#isEnding && !this.#isEnded && this.#isIdle) this.#end();
    return this.#outcomes.take();
  }

  /** When the next turn is due, by the clock of the ticks; undefined: not before something happens. */
  wakeAt(): number | undefined {
    const link = this.#link;
    const times = [this.#dueMs, ...this.#session.open.map(({ lastMs }) => lastMs)];
    if (link === undefined && !this.#isEnded) times.push(this.#choice.next().notBeforeMs);
    else if (link !== undefined && !link.isGreeted) times.push(link.sinceMs + reachWithinMs);
    if (!this.#isUnreachable && !link?.isGreeted) times.push((this.#reachedMs ?? this.#nowMs) + this.#waitMs);
    times.push(this.#oldestMs + answerWithinMs);
    if (this.#nowMs < this.#pauseUntilMs) times.push(this.#pauseUntilMs);
    const first = Math.min(...times);
    return first === Infinity ? undefined : Math.max(first, this.#nowMs);
  }

  /** When the oldest thing was sent that the present link has said nothing of. */
  get #oldestMs(): number {
    const sent = this.#session.open.map(({ sentMs = Infinity }) => sentMs);
    return Math.min(...sent, this.#reads.oldestMs);
  }

  // ---- Time ----

  #onTick(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#reachedMs ??= this.#nowMs;
    if (this.#nowMs >= this.#dueMs) this.#tellLate();
    this.#endLate();
    const link = this.#link;
    if (link !== undefined && !link.isGreeted && this.#nowMs >= link.sinceMs + reachWithinMs) {
      // A node that is starting answers when it has had all records.
      this.#leave(`gave no answer within ${reachWithinMs} ms`, true, true);
    }
    // C7: a node that says nothing may be cut off.
    if (this.#nowMs >= this.#oldestMs + answerWithinMs) this.#leave(`gave no outcome within ${answerWithinMs} ms`);
    if (this.#link?.isGreeted) this.#reachedMs = this.#nowMs;
    else if (!this.#isUnreachable && this.#nowMs >= this.#reachedMs + this.#waitMs) this.#onUnreachable();
  }

  /** C10: nobody waits longer than the deadline of a command. */
  #tellLate(): void {
    const why = this.#trouble === undefined ? "" : `: ${this.#trouble}`;
    this.#tellThose(({ deadlineMs }) => deadlineMs <= this.#nowMs, (outcome) => lateReasons[outcome] + why);
    const all = [...this.#session.open.flatMap(({ items }) => items), ...this.#backlog.items, ...this.#reads.items];
    this.#dueMs = all.reduce((due, { isTold, deadlineMs }) => isTold ? due : Math.min(due, deadlineMs), Infinity);
  }

  /** Tells those who wait for some items what has become of these, as far as it is known. */
  #tellThose(isMeant: (item: Item<T>) => boolean, reason: (outcome: keyof typeof lateReasons) => string): void {
    const isTellable = (item: Item<T>) => !item.isTold && isMeant(item);
    this.#outcomes.notExecuted(this.#backlog.remove(isTellable), reason("notExecuted"));
    this.#outcomes.notExecuted(this.#reads.remove(isTellable), reason("notRead"));
    for (const request of this.#session.open) {
      const items = request.isSettled ? [] : request.items.filter(isTellable);
      if (items.length === 0) continue;
      if (this.#isUnexecuted(request)) {
        this.#outcomes.notExecuted(items, reason("notExecuted"));
        this.#session.leaveOut(request, (item) => items.includes(item));
      } else this.#outcomes.unknown(items, reason("unknown"));
    }
  }

  /** C3: whether a request was not executed, and never will be if it is not sent again. */
  #isUnexecuted({ unrefused }: CallerRequest<T>): boolean {
    return unrefused === 0;
  }

  /** C10: what nobody waits for is not sent for ever, and nothing that follows it in its session can be executed. */
  #endLate(): void {
    if (this.#session.open.some(({ lastMs }) => lastMs <= this.#nowMs)) {
      this.#replaceSession(lateReasons.unknown);
    }
  }

  #onUnreachable(): void {
    this.#isUnreachable = true;
    const tried = this.#choice.tried;
    this.abandon(`no node answers: ${tried}`);
    this.#outcomes.push({ kind: "unreachable", tried });
    // Whatever answers next may be another cluster.
    this.#cluster = undefined;
  }

  // ---- Links ----

  #dial(): void {
    if (this.#isEnded) return;
    const { address, notBeforeMs } = this.#choice.next();
    if (notBeforeMs > this.#nowMs) return;
    const link = { id: ++this.#links, address, sinceMs: this.#nowMs, isGreeted: false };
    this.#link = link;
    this.#outcomes.push({ kind: "dial", link: link.id, address });
  }

  #send(message: Extract<CallerEffect<T>, { kind: "send" }>["message"]): void {
    invariant(this.#link !== undefined, "only an open link is used");
    this.#outcomes.push({ kind: "send", link: this.#link.id, message });
  }

  /** C8: continues at another node. */
  #leave(reason: string, isThere = true, isSilent = false): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#choice.failed(link.address, reason, this.#nowMs, isSilent);
    this.#trouble = `${link.address} ${reason}`;
    if (link.isGreeted) this.#outcomes.push({ kind: "left", address: link.address, reason });
    this.#unlink(isThere);
  }

  #unlink(isThere = true): void {
    if (this.#link !== undefined && isThere) this.#outcomes.push({ kind: "close", link: this.#link.id });
    this.#link = undefined;
    this.#session.unlinked();
    this.#reads.unlinked();
  }

  // ---- Sessions ----

  /** Makes a new session; what was certainly not executed is submitted again in that. */
  #replaceSession(reason: string): void {
    this.#backlog.putBack(this.#giveUpSession(reason));
  }

  /** Makes a new session, and gives what the former one has certainly not executed. */
  #giveUpSession(reason: string): readonly Item<T>[] {
    const { unknown, unexecuted } = this.#session.giveUp();
    this.#outcomes.unknown(unknown, reason);
    // A link is of one session.
    this.#unlink();
    this.#session = new SessionRequests(this.#options.newSession());
    return unexecuted;
  }

  // ---- What is sent ----

  #sendAll(): void {
    const session = this.#session;
    while (!this.#backlog.isEmpty && session.hasRoom) session.add(this.#backlog.take());
    for (const request of session.toSend()) this.#send(session.submission(request, this.#nowMs));
    for (const ask of this.#reads.toSend(this.#firstUntold, this.#nowMs)) this.#send(ask);
  }

  /** C11: a read waits for the outcomes of what was submitted before it. */
  get #firstUntold(): number {
    for (const { items, isSettled } of this.#session.open) {
      const first = isSettled ? undefined : items.find(({ isTold }) => !isTold);
      if (first !== undefined) return first.ordinal;
    }
    return this.#backlog.items[0]?.ordinal ?? Infinity;
  }

  get #isIdle(): boolean {
    return this.#session.open.length === 0 && this.#backlog.isEmpty && this.#reads.isEmpty;
  }

  #end(): void {
    if (this.#session.seq === 0) return this.#onEnded();
    if (!this.#link?.isGreeted) return;
    this.#session.add([], true);
    for (const request of this.#session.toSend()) this.#send(this.#session.submission(request, this.#nowMs));
  }

  #onEnded(): void {
    this.#isEnded = true;
    this.#outcomes.push({ kind: "ended" });
  }

  // ---- What nodes say ----

  #onMessage(link: CallerLink, message: HeardMessage): void {
    const { kind } = message;
    if (kind === "NODE") return this.#onNode(link, message);
    if (kind === "REFUSED") return this.#onRefused(message.reason, message.cluster);
    if (!link.isGreeted) return this.#leave(`sent ${kind} before NODE`);
    switch (kind) {
      case "FORBIDDEN":
        this.abandon(`a node refuses it: ${message.reason}`);
        this.#outcomes.push({ kind: "forbidden", reason: message.reason });
        return;
      case "RESULT":
        return this.#onResult(link, message);
      case "ANSWER":
        return this.#onAnswer(link, message);
      case "DECLINED":
        return message.isRead ? this.#onReadDeclined(message) : this.#onDeclined(message);
      case "UNSURE":
        if (this.#session.underWay(message.seq) === undefined) return this.#leave(unasked(kind, message.seq));
        return this.#leave(`does not know the outcome: ${message.reason}`);
      default:
        message satisfies never;
    }
  }

  #onNode(link: CallerLink, node: NodeMessageOf<"NODE">): void {
    const { cluster, born, nodes } = node;
    if (cluster !== (this.#cluster ?? cluster)) return this.#onStranger(link.address, cluster, "is of another cluster");
    this.#cluster = cluster;
    link.isGreeted = true;
    this.#reachedMs = this.#nowMs;
    this.#isUnreachable = false;
    if (this.#session.seq === 0) this.#session.born = born;
    this.#choice.learn(nodes.map(({ address }) => address));
    this.#outcomes.push({ kind: "reached", address: link.address, node });
  }

  #onRefused(reason: string, cluster: string | undefined): void {
    const isStrange = cluster !== undefined && cluster !== (this.#cluster ?? cluster);
    if (isStrange) this.#onStranger(this.#link!.address, cluster, `refused: ${reason}`);
    else this.#leave(`refused: ${reason}`);
  }

  #onStranger(address: string, cluster: string, reason: string): void {
    this.#outcomes.push({ kind: "stranger", address, cluster });
    this.#leave(reason);
  }

  #onResult({ address }: CallerLink, { seq, index, outputs }: NodeMessageOf<"RESULT">): void {
    const request = this.#session.underWay(seq);
    if (request === undefined) return this.#leave(unasked("RESULT", seq));
    if (countItems(outputs) !== request.items.length) {
      return this.#leave(`sent outputs that do not fit the commands of request ${seq}`);
    }
    this.#onWorked(address);
    this.#session.settle(request);
    if (request.isEnd) return this.#onEnded();
    this.#outcomes.executed("outputs", request.items, outputs, index);
  }

  #onAnswer({ address }: CallerLink, { rid, index, outputs }: NodeMessageOf<"ANSWER">): void {
    const items = this.#reads.underWay(rid);
    if (items === undefined) return this.#leave(unasked("ANSWER", rid));
    if (countItems(outputs) !== items.length) return this.#leave(`sent values that do not fit read ${rid}`);
    this.#onWorked(address);
    this.#reads.settle(rid);
    this.#outcomes.executed("values", items, outputs, index);
  }

  #onWorked(address: string): void {
    this.#choice.worked(address);
    this.#trouble = undefined;
  }

  #onReadDeclined({ number, refusal, reason }: NodeMessageOf<"DECLINED">): void {
    const items = this.#reads.underWay(number);
    if (items === undefined) return this.#leave(unasked("DECLINED", number));
    this.#trouble = reason;
    const after = afterReadRefusal(refusal);
    if (after === "final") {
      this.#reads.settle(number);
      return this.#outcomes.notExecuted(items, reason);
    }
    this.#reads.again(number);
    this.#sendAgain(after, reason);
  }

  #onDeclined({ number: seq, refusal, reason }: NodeMessageOf<"DECLINED">): void {
    const request = this.#session.underWay(seq);
    if (request === undefined) return this.#leave(unasked("DECLINED", seq));
    this.#trouble = reason;
    // One says that an earlier submission was executed.
    if (refusal === "confirmed") request.sentMs = undefined;
    else this.#session.declined(request);
    if (request.isEnd) {
      this.#session.settle(request);
      return this.#onEnded();
    }
    const after = afterRefusal(refusal);
    if (after === "over") return this.#onOver();
    if (after !== "final") return this.#sendAgain(after, reason, refusal === "gap" && this.#session.hasHole);
    // An earlier submission of it may still be executed.
    if (!this.#isUnexecuted(request)) return this.#sendAgain("elsewhere", reason);
    this.#outcomes.notExecuted(request.items, reason);
    this.#session.leaveOut(request, () => true);
  }

  #onOver(): void {
    if (!this.#session.isOver) this.#outcomes.push({ kind: "expired" });
    this.#session.isOver = true;
    // A node that is far behind may not know yet that it is new.
    if (this.#session.done === 0) this.#pauseUntilMs = this.#nowMs + againMs;
  }

  /** C8: a node that cannot do it is left. C12: any other one gets time, unless it is clear why it has declined. */
  #sendAgain(where: "elsewhere" | "later", reason: string, isClear = false): void {
    if (where === "elsewhere") this.#leave(`has refused: ${reason}`);
    else if (!isClear) this.#pauseUntilMs = this.#nowMs + againMs;
  }

  /**
   * Checks the invariants, which hold between two events.
   *
   * @throws {InvariantError} if one does not hold.
   */
  invariants(): void {
    this.#session.invariants();
    const isUnderWay = this.#oldestMs < Infinity;
    invariant(!isUnderWay || this.#link?.isGreeted === true, "nothing is under way without a node");
  }
}

function unasked(kind: string, number: number): string {
  return `sent ${kind} for ${number}, which is not under way`;
}
