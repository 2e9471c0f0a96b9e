/**
 * A replica, from view to view (rules V1 to V11); inside a view see `view.ts`.
 *
 * Whatever fails ends the view by the flush, see `flush.ts`: all members drain what all have received, and begin the
 * next view the same.
 *
 * How to drive it: feed any number of events to {@link Replica.step}, then take {@link Replica.ready} once, and perform
 * its parts in their order, before the next `step`. It has no clock, socket, timer, disk or randomness of its own, so
 * the same code runs in a replica process and in the simulator.
 *
 * A replica says only what is on its disk, if it has one: the effects of a {@link Ready} assert nothing more than the
 * disk holds once the writes are done.
 *
 * @module
 */

import type { SegmentRef } from "../../history.ts";
import { replicaTickMs } from "../../limits.ts";
import type { Member, ReplicaId } from "../../uid.ts";
import { Agreement } from "./agreement.ts";
import { Audit } from "./audit.ts";
import type { Executed, Executor } from "./executor.ts";
import { Donor } from "./donor.ts";
import { Flush } from "./flush.ts";
import { sessionsHeld } from "./flush_report.ts";
import { inspectOrder } from "./inspect_order.ts";
import type { InspectedReplica, InspectionBounds } from "../../inspection.ts";
import type { MeshMessage } from "../wire/messages.ts";
import type { Blame, Decision } from "../wire/records.ts";
import { HealingSources } from "./healing_sources.ts";
import { Newcomer } from "./newcomer.ts";
import { Order } from "./order.ts";
import { type Found, foundOf, type Standing } from "./recovery.ts";
import type { ClientEvent, DiskWrite, Ready, ReplicaEffect, ReplicaEvent, ReplicaOptions } from "./replica_events.ts";
import type { FlushReport, ReplicaHost } from "./replica_host.ts";
import { Summer } from "./sum.ts";
import { View } from "./view.ts";
import { WriteAhead } from "./write_ahead.ts";
import type { LinkId } from "../wire/link_id.ts";
import type { ReplicaStatus } from "../wire/replica_status.ts";
import { statusOf } from "./status_of.ts";
import { invariant } from "../../invariant.ts";

/** One replica of the state machine. */
export class Replica {
  readonly #id: ReplicaId;
  readonly #order: Order;
  readonly #host: ReplicaHost;
  readonly #view: View;
  readonly #summer: Summer;
  // Events of clients that came before this replica was a member.
  #early: ClientEvent[] = [];
  readonly #failed = new Set<ReplicaId>();
  #flush: Flush;
  #audit: Audit | undefined;
  // What the present view was installed by; undefined in view 1.
  #decision: Decision | undefined;
  // V9: this replica as the donor of newcomers, and as a newcomer itself.
  readonly #donor: Donor;
  #newcomer: Newcomer | undefined;
  readonly #sources: HealingSources;
  readonly #agreement: Agreement;
  // It was read from the disk in this view, and does not know any more where the view began.
  #isRecovered = false;
  readonly #disk: WriteAhead | undefined;
  #halted = false;
  #effects: ReplicaEffect[] = [];
  #executed: Executed[] = [];
  #restoredAt: number | undefined;
  // Segments whose files are on the disk, and that it does not name yet.
  #sealed: SegmentRef[] = [];

  /** A replica in view 1 that has executed nothing, a newcomer, or one that continues where its disk says it was. */
  constructor(options: ReplicaOptions) {
    const { id, cluster, key, joining = false, recovered, durable = false, log, machine, beginning } = options;
    this.#id = id;
    this.#summer = new Summer(key);
    const order = this.#order = recovered?.order ?? new Order(machine, durable, beginning);
    order.executor.onExecuted = log ? (record) => this.#executed.push(record) : undefined;
    this.#disk = durable ? new WriteAhead(() => this.#standing, !joining, recovered) : undefined;
    this.#donor = new Donor(order, (to, message) => this.#toReplica(to, message));
    this.#host = {
      id,
      cluster,
      order,
      failed: this.#failed,
      disk: this.#disk,
      donor: this.#donor,
      summer: this.#summer,
      effect: (effect) => this.#effects.push(effect),
      send: (to, message) => this.#toReplica(to, message),
      halt: (reason) => this.#halt(reason),
      isFrozen: () => this.#flush.frozen,
      alarm: (blame) => this.#raiseAlarm(blame),
      overdrawn: () => order.sessions.overdrawn(),
      report: () => this.#report(),
      install: (decision) => this.#install(decision),
      restored: () => {
        // The commands executed before belong to a state that is gone.
        this.#executed = [];
        this.#restoredAt = order.executor.executed;
      },
    };
    this.#view = new View(this.#host);
    this.#sources = new HealingSources(this.#host);
    this.#agreement = new Agreement(this.#host);
    if (joining || recovered?.isMember === false) {
      const self = options.members.find((member) => member.id === id)!;
      const clone = joining ? undefined : recovered?.clone;
      // On the disk it stays, until a donor has begun to feed this replica: until then the member may be needed.
      order.abandon();
      this.#newcomer = new Newcomer(this.#host, self, recovered !== undefined, clone, options.sealedHistory);
    } else if (recovered === undefined) {
      order.v = 1;
      order.members = options.members.toSorted((a, b) => a.id - b.id);
    }
    this.#flush = new Flush(this.#host);
    if (this.#newcomer === undefined) this.#view.execution.reset();
    if (recovered !== undefined && this.#newcomer === undefined) {
      order.sessions.noteAllUnlinked(0);
      this.#isRecovered = true;
      this.#decision = recovered.decision;
      // It does not wait for members that are not back: the launcher has made sure that they are dead.
      for (const member of order.members) {
        if (!options.members.some((back) => back.id === member.id)) this.#failed.add(member.id);
      }
      // Another one may have died before it had this view; and when it has it, it must know that the view ends.
      if (this.#decision !== undefined) this.#flood(this.#decision);
      this.#alarmOthers();
      this.#flush.resume(recovered.promised, recovered.accepted);
    }
  }

  /** Takes one event. */
  step(event: ReplicaEvent): void {
    if (this.#halted) return;
    switch (event.kind) {
      case "hello":
      case "fromClient":
      case "linkClosed":
        if (this.#newcomer !== undefined) this.#early.push(event);
        else this.#view.step(event);
        return;
      case "peerLinked":
        return this.#newcomer?.linked(event.id);
      case "fromPeer":
        return this.#onPeer(event.from, event.message);
      case "peerFailed":
        return this.#onPeerFailed(event.id);
      case "lull":
        return this.#isServing ? this.#view.execution.lull() : undefined;
      case "tick":
        return this.#onTick(event.elapsedMs);
      case "checkpointed":
        this.#disk?.checkpointed();
        return this.#newcomer?.kept();
      case "sealed":
        this.#sealed.push(event.segment);
        return;
      case "room":
        return this.#view.room(event.isShort);
      case "lacks":
      case "refused":
      case "obtained":
        return this.#newcomer?.fetched(event);
      case "wants":
        return this.#sources.wants(event);
      default:
        event satisfies never;
    }
  }

  /** Executes what can be, and returns what is to be done since the last call. */
  ready(): Ready {
    if (!this.#halted) {
      if (this.#isServing) {
        this.#view.execution.act();
        this.#agreement.tell();
      }
      this.#donor.send(this.#flush.frozen);
    }
    const writes = this.#disk?.take() ?? [];
    if (this.#sealed.length > 0 && !this.#halted) this.#name(writes);
    const wantsLull = this.#isServing && this.#view.execution.wantsLull;
    const ready = { writes, restored: this.#restoredAt, executed: this.#executed, effects: this.#effects, wantsLull };
    this.#restoredAt = undefined;
    this.#executed = [];
    this.#effects = [];
    return ready;
  }

  /** D6: the disk names what was sealed before the machine may forget it. */
  #name(writes: DiskWrite[]): void {
    const row = this.#disk?.naming(this.#sealed);
    if (row !== undefined) writes.push(row);
    for (const segment of this.#sealed.splice(0)) {
      this.#effects.push({ kind: "named", segment });
      this.#agreement.named(segment);
    }
  }

  /** Whether it is a member that knows where its view began. */
  get #isServing(): boolean {
    return this.#newcomer === undefined && !this.#isRecovered && !this.#halted;
  }

  /** Whether nothing more is to be read from this link for now; ask again after each {@link ready}. */
  isHeld(link: LinkId): boolean {
    return this.#newcomer !== undefined || this.#view.isHeld(link);
  }

  /**
   * For how long others have waited, in ms, as it counts if the client of this link is lost now (R10); without a link,
   * as it counts if the head is stuck.
   */
  waitedMs(link?: LinkId): number {
    return this.#view.waitedMs(link);
  }

  /** What a person may want to know. */
  status(): ReplicaStatus {
    const state = {
      joining: this.isNewcomer,
      frozen: this.#flush.frozen,
      durable: this.#disk !== undefined,
    };
    return statusOf(this.#id, this.#order, state);
  }

  /** Whether it is not a member yet, also if it comes back as what it was when it went. */
  get isNewcomer(): boolean {
    return this.#newcomer !== undefined;
  }

  /** How much of the data a newcomer has, from 0 to 1 (it follows); undefined: nobody feeds it, or it is a member. */
  get restored(): number | undefined {
    return this.#newcomer?.restored;
  }

  /** What it waits for, and from whom. */
  inspect(bounds?: InspectionBounds): InspectedReplica {
    const { execution } = this.#view;
    const waits = inspectOrder(this.#order, (request) => execution.lacking(request), bounds);
    return { ...waits, flush: this.#flush.waitsFor };
  }

  /**
   * The requests executed in the views until now, for those who only read them: a prefix of the order (T1), so every
   * other member has the same, or will have. Undefined while this replica is not a member, or has not begun a view
   * since it came back: then others may know of more outputs.
   */
  get database(): Executor | undefined {
    return this.#isServing ? this.#order.executor : undefined;
  }

  /**
   * Checks the invariants, which hold between two events and after `ready`.
   *
   * @throws {InvariantError} if one does not hold.
   */
  invariants(): void {
    if (this.#halted) return;
    const { members, v } = this.#order;
    invariant(!this.#failed.has(this.#id), "nobody is told of its own death");
    if (this.#newcomer !== undefined) {
      invariant(members.length === 0, "a newcomer is a member of no view");
      return;
    }
    invariant(members.some(({ id }) => id === this.#id), "a replica is in the view that it has installed");
    const { v: decided = v, members: decidedMembers = members } = this.#decision ?? {};
    invariant(decided === v && decidedMembers.length === members.length, "the view is the one that was decided last");
    this.#flush.invariants();
    // A replica that was read from the disk does not know where the view began.
    if (!this.#isRecovered) this.#view.invariants();
  }

  /** The next turn is the last one, and notes how far this replica has executed. */
  end(): void {
    this.#disk?.end();
  }

  /** What the disk of this member says after its last turn; undefined: it is none, or has halted. */
  get found(): Found | undefined {
    return this.#halted || this.#newcomer !== undefined ? undefined : foundOf(this.#standing);
  }

  get #standing(): Standing {
    return {
      cluster: this.#host.cluster,
      id: this.#id,
      isMember: this.#newcomer === undefined,
      decision: this.#decision,
      promised: this.#flush.promised,
      accepted: this.#flush.accepted,
      order: this.#order,
    };
  }

  // ---- Time ----

  #onTick(elapsedMs: number): void {
    // However long the process was stopped, frames may still wait in its sockets, and it must not judge before them.
    const passedMs = Math.min(elapsedMs, replicaTickMs);
    this.#view.pass(passedMs);
    this.#donor.pass(passedMs);
    this.#flush.tick(passedMs);
    this.#newcomer?.tick(passedMs);
    if (this.#isServing) this.#agreement.pass();
    if (this.#flush.frozen) return;
    this.#view.enforceLease(passedMs);
    // V10: a view that has gathered many ended or vanished sessions ends, so that they can be forgotten.
    if (this.#order.sessions.wantTidying(this.#view.runningMs)) this.#raiseAlarm();
  }

  // ---- The mesh ----

  #onPeer(from: ReplicaId, message: MeshMessage): void {
    switch (message.kind) {
      case "JOIN":
        return this.#onJoin(message);
      case "FETCH":
        return this.#donor.fetch(from, message.offset);
      case "SEGMENTS":
        return this.#tellSegments(from);
      case "PART":
        this.#effects.push({ kind: "give", to: from, segment: message.segment, part: message.part });
        return;
      case "PART_IS":
        this.#sources.came(from, message);
        break;
      case "FOLLOWED":
        if (this.#donor.followed(from, message.count)) this.#flush.evaluate();
        return;
      case "RECEIVED":
      case "EXECUTED":
        if (this.#isServing) this.#view.execution.heard(from, message);
        return;
      case "ALARM":
        if (message.v === this.#order.v && message.blame !== undefined) this.#view.gate.blame(message.blame);
        break;
      case "DIGEST":
        this.#audit?.heard(from, message.position);
        return this.#examine();
      case "SEALED":
        return this.#isServing ? this.#agreement.heard(message) : undefined;
      case "DISPUTED":
        return this.#agreement.disputed(message);
      case "STATED":
        this.#agreement.stated(from, message);
        return this.#examine();
    }
    const newcomer = this.#newcomer;
    if (newcomer === undefined) this.#flush.received(from, message);
    else if (message.kind === "INSTALL") this.#promote(newcomer, message.decision);
    else newcomer.received(from, message);
  }

  #onPeerFailed(id: ReplicaId): void {
    this.#failed.add(id);
    this.#donor.forget(id);
    this.#newcomer?.failed(id);
    this.#sources.failed(id);
    this.#flush.evaluate();
    this.#feedNewcomers();
  }

  #raiseAlarm(blame?: Blame): void {
    if (blame !== undefined) this.#view.gate.blame(blame);
    this.#alarmOthers(blame);
    this.#flush.alarm();
  }

  /** Every member hears of it, as the one who coordinates may not see it. */
  #alarmOthers(blame?: Blame): void {
    this.#tell(this.#order.members, { kind: "ALARM", v: this.#order.v, blame });
  }

  #tell(members: readonly Member[], message: MeshMessage): void {
    const others = new Set(members.map(({ id }) => id));
    others.delete(this.#id);
    for (const id of others) this.#toReplica(id, message);
  }

  #toReplica(to: ReplicaId, message: MeshMessage): void {
    if (!this.#failed.has(to)) this.#effects.push({ kind: "toReplica", to, message });
  }

  #halt(reason: string): void {
    this.#halted = true;
    this.#effects.push({ kind: "halt", reason });
  }

  // ---- Newcomers ----

  /** V9: every replica remembers who wants to be let in, so that another donor can take the place of a dead one. */
  #onJoin(join: MeshMessage & { readonly kind: "JOIN" }): void {
    const { id } = join.member;
    if (this.#failed.has(id) || this.#order.members.some((member) => member.id === id)) return;
    this.#donor.remember(join);
    this.#feedNewcomers();
  }

  /** D7: what a newcomer needs before it asks to be let in; it asks again if nobody tells it. */
  #tellSegments(to: ReplicaId): void {
    const { named = [] } = this.#order.executor.machine;
    if (this.#isServing) this.#toReplica(to, { kind: "SEGMENTS_ARE", segments: named });
  }

  /** The coordinator is the donor; it begins in a view that is not about to end. */
  #feedNewcomers(): void {
    const coordinator = this.#order.members.find(({ id }) => !this.#failed.has(id));
    if (coordinator?.id !== this.#id) this.#donor.stop();
    else if (!this.#flush.frozen) this.#donor.feed();
  }

  /** V9: a newcomer becomes a member, if the decision is for it: from its clone on it does what everybody does. */
  #promote(newcomer: Newcomer, decision: Decision): void {
    if (!decision.members.some(({ id }) => id === this.#id)) return;
    const clone = newcomer.promoted(decision);
    if (clone === undefined) return this.#halt(`view ${decision.v} counts on a state that never came here`);
    this.#newcomer = undefined;
    this.#order.clone(clone);
    this.#order.sessions.noteAllUnlinked(this.#view.runningMs);
    this.#install(decision);
    for (const event of this.#early.splice(0)) this.step(event);
  }

  // ---- From view to view ----

  #report(): FlushReport {
    return {
      sessions: sessionsHeld(this.#order, this.#summer, this.#isRecovered),
      vanished: this.#order.sessions.vanished(this.#view.runningMs),
    };
  }

  /** V6: flooding: if one survivor has installed, all will, and before any frame of his of the new view. */
  #flood(decision: Decision): void {
    this.#tell([...this.#order.members, ...decision.members], { kind: "INSTALL", decision });
  }

  /** V6 to V8. */
  #install(decision: Decision): void {
    const order = this.#order;
    this.#flood(decision);
    if (!decision.members.some(({ id }) => id === this.#id)) {
      // On its disk it stays what it was: it has not drained, and never was in that view.
      return this.#halt(`view ${decision.v} was formed without this replica`);
    }
    this.#disk?.journal.note({ kind: "installed", decision });
    for (const { id } of decision.members) this.#donor.forget(id);
    this.#view.end(decision);
    order.drain(decision);
    order.begin(decision, this.#view.runningMs);
    this.#decision = decision;
    this.#isRecovered = false;
    this.#view.reset();
    this.#flush = new Flush(this.#host);
    this.#effects.push({ kind: "installed", v: order.v, members: order.members });
    this.#audit = new Audit(this.#id, order.position);
    this.#agreement.begin();
    this.#tell(order.members, { kind: "DIGEST", position: order.position });
    this.#view.greetAll();
    this.#flush.evaluate();
    this.#feedNewcomers();
  }

  /** Stops this replica if its digest is not that of the others, or if it has sealed something else (V11, V12). */
  #examine(): void {
    if (this.#audit === undefined || this.#halted) return;
    const [members, isDurable] = [this.#order.members.map(({ id }) => id), this.#disk !== undefined];
    const finding = this.#audit.finding(members);
    if (finding !== undefined) return this.#halt(this.#audit.reason(finding, this.#order.executor, isDurable));
    if (this.#audit.isComplete(members)) this.#agreement.state();
    const reason = this.#agreement.verdict(isDurable);
    if (reason !== undefined) this.#halt(reason);
  }
}
