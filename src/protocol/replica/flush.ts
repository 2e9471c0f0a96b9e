/**
 * The flush: how a view ends (rules V1 to V6).
 *
 * Every disturbance, such as the crash of a replica or the loss of an active client, ends the view in the same way
 * (virtual synchrony: Birman and Joseph, *Exploiting Virtual Synchrony*). The lowest member that has not failed is the
 * coordinator. It freezes all members (PREPARE), learns what each has received (REPORT), has one decision accepted by
 * all of them (ACCEPT), and only then installs it. A coordinator that comes after it asks all who live, and so finds
 * and adopts what its predecessor may have decided: one value per view (invariant I2).
 *
 * This is the policy *fail-stop*: who is said to have failed is dead, and all others must answer. With a policy that
 * may be wrong about it, both waits below ask for a majority as well.
 *
 * The class holds one view's flush and is pure: it calls its host at once, and the host collects the effects.
 *
 * @module
 */

import { newcomerWaitMs } from "../../limits.ts";
import type { ClientId, Member, ReplicaId, Timestamp } from "../../uid.ts";
import type { FlushWait } from "../../inspection.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import { type Accepted, type Ballot, compareBallots, type Decision, type SessionSeq } from "../wire/records.ts";
import { invariant } from "../../invariant.ts";

/** What a frozen replica says of its channels. */
export interface FlushReport {
  /** The largest timestamp of a request received. */
  readonly clock: Timestamp;
  /** The last request received of each session that sent any in this view. */
  readonly received: readonly SessionSeq[];
  /** The sessions that may expire. */
  readonly vanished: readonly ClientId[];
}

/** The replica that a flush belongs to. */
export interface FlushHost {
  /** Sends to another member. */
  send(to: ReplicaId, message: MeshMessage): void;
  /** The report of what it has received; called only while the flush is frozen. */
  report(): FlushReport;
  /** No smaller ballot counts any more: to be on the disk before the report. */
  promised(ballot: Ballot): void;
  /** To be on the disk before that is said. */
  accepted(accepted: Accepted): void;
  /** The newcomers that have almost caught up. */
  newcomers(): readonly Member[];
  /** Makes a newcomer a clone of this replica, which is frozen. */
  sendState(to: ReplicaId, ballot: Ballot): void;
  /** The newcomer did not answer in time. */
  leaveOut(newcomer: ReplicaId): void;
  /** Ends the view. */
  install(decision: Decision): void;
}

/** A coordinator's round. */
interface Round {
  readonly ballot: Ballot;
  readonly reports: Map<ReplicaId, MessageOf<"REPORT">>;
  /** The newcomers that were sent the state; set once the reports are complete. */
  newcomers?: readonly Member[];
  readonly clones: Set<ReplicaId>;
  /** Running time in ms that newcomers have kept it waiting. */
  waitedMs: number;
  /** Set once the newcomers have answered, too. */
  decision?: Decision;
  readonly acceptedBy: Set<ReplicaId>;
}

/** The flush that ends one view at one replica. */
export class Flush {
  readonly #self: ReplicaId;
  readonly #v: number;
  readonly #members: readonly Member[];
  // Owned by the replica, which keeps it over the views.
  readonly #failed: ReadonlySet<ReplicaId>;
  readonly #host: FlushHost;
  #alarm = false;
  #frozen = false;
  #promised: Ballot = { n: 0, id: 0 };
  #accepted: Accepted | undefined;
  #round: Round | undefined;
  #ended = false;

  /** The flush that will end view `v` with these members. */
  constructor(
    self: ReplicaId,
    v: number,
    members: readonly Member[],
    failed: ReadonlySet<ReplicaId>,
    host: FlushHost,
  ) {
    this.#self = self;
    this.#v = v;
    this.#members = members;
    this.#failed = failed;
    this.#host = host;
  }

  /** Whether the replica is frozen: from its first promise to the next view. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** What this replica, as the coordinator of a round, still waits for. */
  get waitsFor(): FlushWait | undefined {
    const round = this.#round;
    if (round === undefined) return undefined;
    const missing = (members: readonly Member[], heard: { has(id: ReplicaId): boolean }) =>
      members.map(({ id }) => id).filter((id) => !this.#failed.has(id) && !heard.has(id));
    if (round.decision !== undefined) return { stage: "accepted", from: missing(this.#members, round.acceptedBy) };
    if (round.newcomers !== undefined) return { stage: "clones", from: missing(round.newcomers, round.clones) };
    return { stage: "reports", from: missing(this.#members, round.reports) };
  }

  /** V1: the view must end. Raised by this replica (R6) or heard from another. */
  alarm(): void {
    this.#alarm = true;
    this.evaluate();
  }

  /** Continues where the disk says that it was: the view must end, because its channels are gone. */
  resume(promised: Ballot, accepted: Accepted | undefined): void {
    this.#promised = promised;
    this.#accepted = accepted;
    this.#frozen = true;
    this.evaluate();
  }

  /** V1, and the waits of V3 and V5; called whenever what they depend on has changed. */
  evaluate(): void {
    if (this.#ended) return;
    const living = this.#members.filter((member) => !this.#failed.has(member.id));
    const coordinator = living[0]?.id;
    if (coordinator !== this.#self) return;
    const reason = this.#alarm || this.#frozen || living.length < this.#members.length ||
      this.#host.newcomers().some(({ id }) => !this.#failed.has(id));
    if (reason && this.#round === undefined) this.#prepare(living);
    else this.#proceed();
  }

  /** Time has passed: a newcomer that is slow is left out. */
  tick(elapsedMs: number): void {
    const round = this.#round;
    if (round?.newcomers === undefined || round.decision !== undefined) return;
    round.waitedMs += elapsedMs;
    if (round.waitedMs > newcomerWaitMs) this.evaluate();
  }

  /** A message from another replica, about this view. */
  received(from: ReplicaId, message: MeshMessage): void {
    if (this.#ended) return;
    switch (message.kind) {
      case "ALARM":
        if (message.v === this.#v) this.alarm();
        break;
      case "PREPARE":
        if (message.v === this.#v) this.#onPrepare(from, message.ballot);
        break;
      case "REPORT":
        if (message.v === this.#v) this.#onReport(from, message);
        break;
      case "NACK":
        if (message.v === this.#v) this.#onNack(message);
        break;
      case "ACCEPT":
        if (message.v === this.#v) this.#onAccept(from, message.ballot, message.decision);
        break;
      case "ACCEPTED":
        if (message.v === this.#v) this.#onAccepted(from, message.ballot);
        break;
      case "STATE_OK":
        if (message.v === this.#v && this.#isOfRound(message.ballot)) {
          this.#round!.clones.add(from);
          this.evaluate();
        }
        break;
      case "INSTALL":
        if (message.decision.v === this.#v + 1) this.#install(message.decision);
        break;
    }
  }

  #prepare(living: readonly Member[]): void {
    const ballot = { n: this.#promised.n + 1, id: this.#self };
    this.#round = { ballot, reports: new Map(), clones: new Set(), waitedMs: 0, acceptedBy: new Set() };
    for (const { id } of living) this.#send(id, { kind: "PREPARE", v: this.#v, ballot });
  }

  /** V2. */
  #onPrepare(from: ReplicaId, ballot: Ballot): void {
    if (compareBallots(ballot, this.#promised) < 0) return this.#nack(from, ballot);
    this.#promised = ballot;
    this.#host.promised(ballot);
    // No client's frame is taken any more until the next view, so that what the report says is final (I3).
    this.#frozen = true;
    this.#send(from, { kind: "REPORT", v: this.#v, ballot, ...this.#host.report(), accepted: this.#accepted });
  }

  /** V3. */
  #onReport(from: ReplicaId, report: MessageOf<"REPORT">): void {
    if (!this.#isOfRound(report.ballot)) return;
    this.#round!.reports.set(from, report);
    this.evaluate();
  }

  /** The coordinator's ballot was too low, as a dead coordinator's was higher: a new round at once. */
  #onNack(nack: MessageOf<"NACK">): void {
    if (!this.#isOfRound(nack.ballot)) return;
    if (compareBallots(nack.promised, this.#promised) > 0) this.#promised = nack.promised;
    this.#round = undefined;
    this.evaluate();
  }

  /** V4. */
  #onAccept(from: ReplicaId, ballot: Ballot, decision: Decision): void {
    if (compareBallots(ballot, this.#promised) < 0) return this.#nack(from, ballot);
    this.#promised = ballot;
    this.#accepted = { ballot, decision };
    this.#host.accepted(this.#accepted);
    this.#send(from, { kind: "ACCEPTED", v: this.#v, ballot });
  }

  #onAccepted(from: ReplicaId, ballot: Ballot): void {
    if (!this.#isOfRound(ballot)) return;
    this.#round!.acceptedBy.add(from);
    this.evaluate();
  }

  /** V3 and V5: takes the next step as soon as it waits for no living member. */
  #proceed(): void {
    const round = this.#round;
    if (round === undefined) return;
    if (round.decision === undefined) {
      if (!this.#heardFromAll(round.reports)) return;
      const binding = bindingOf(round.reports.values());
      if (binding === undefined && !this.#haveCloned(round)) return;
      round.decision = binding ?? this.#decide(round);
      const { ballot, decision } = round;
      for (const { id } of this.#members) {
        if (!this.#failed.has(id)) this.#send(id, { kind: "ACCEPT", v: this.#v, ballot, decision });
      }
    } else if (this.#heardFromAll(round.acceptedBy)) {
      this.#install(round.decision);
    }
  }

  #heardFromAll(heard: { has(id: ReplicaId): boolean }): boolean {
    return this.#members.every(({ id }) => this.#failed.has(id) || heard.has(id));
  }

  /** V3, V9: sends the state to those who have caught up, and says whether they need not be waited for any more. */
  #haveCloned(round: Round): boolean {
    if (round.newcomers === undefined) {
      round.newcomers = this.#host.newcomers().filter(({ id }) => !this.#failed.has(id));
      for (const { id } of round.newcomers) this.#host.sendState(id, round.ballot);
    }
    const missing = round.newcomers.filter(({ id }) => !round.clones.has(id) && !this.#failed.has(id));
    if (missing.length > 0 && round.waitedMs <= newcomerWaitMs) return false;
    for (const { id } of missing) this.#host.leaveOut(id);
    return true;
  }

  /** V3: the smallest common prefix of all channels is the cut. */
  #decide({ reports, clones, newcomers }: Round): Decision {
    const members = this.#members.filter(({ id }) => !this.#failed.has(id));
    invariant(members.every(({ id }) => reports.has(id)), "whoever decides has heard from every member that lives");
    const [first, ...others] = members.map(({ id }) => reports.get(id)!);
    const cut = new Map(first.received.map(({ client, seq }) => [client, seq]));
    const expired = new Set(first.vanished);
    for (const report of others) {
      const received = new Map(report.received.map(({ client, seq }) => [client, seq]));
      for (const [client, seq] of cut) {
        const other = received.get(client);
        // A member that names no request of the session has it at its base, which is the cut of an absent session.
        if (other === undefined) cut.delete(client);
        else if (other < seq) cut.set(client, other);
      }
      const vanished = new Set(report.vanished);
      for (const client of expired) if (!vanished.has(client)) expired.delete(client);
    }
    const joined = newcomers!.filter(({ id }) => clones.has(id) && !this.#failed.has(id));
    return {
      v: this.#v + 1,
      members: [...members, ...joined].sort((a, b) => a.id - b.id),
      clock: Math.max(first.clock, ...others.map(({ clock }) => clock)),
      cut: [...cut].map(([client, seq]) => ({ client, seq })),
      expired: [...expired],
    };
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    const promised = this.#promised;
    invariant(
      this.#ended || promised.n === 0 || this.#frozen,
      "who has promised takes no client's frame any more (I3)",
    );
    const accepted = this.#accepted;
    invariant(
      accepted === undefined || compareBallots(accepted.ballot, promised) <= 0,
      "what was accepted was not below the promise (I2)",
    );
    const round = this.#round;
    if (round === undefined) return;
    invariant(round.ballot.id === this.#self, "a coordinator has a round of its own");
    const coordinator = this.#members.find(({ id }) => !this.#failed.has(id));
    invariant(coordinator?.id === this.#self, "the coordinator is the lowest member that has not failed");
    invariant(round.acceptedBy.size === 0 || round.decision !== undefined, "a value is accepted after it was decided");
  }

  /** V6: the host forwards the decision before it acts on it. */
  #install(decision: Decision): void {
    invariant(decision.v === this.#v + 1, "a flush decides the view that follows its own");
    this.#ended = true;
    this.#round = undefined;
    this.#host.install(decision);
  }

  #nack(to: ReplicaId, ballot: Ballot): void {
    this.#send(to, { kind: "NACK", v: this.#v, ballot, promised: this.#promised });
  }

  #isOfRound(ballot: Ballot): boolean {
    return this.#round !== undefined && compareBallots(this.#round.ballot, ballot) === 0;
  }

  /** A coordinator is a member like the others, and answers itself. */
  #send(to: ReplicaId, message: MeshMessage): void {
    if (to === this.#self) this.received(to, message);
    else this.#host.send(to, message);
  }
}

/** V3: what may have been decided already binds: the accepted value of the highest ballot. */
function bindingOf(reports: Iterable<MessageOf<"REPORT">>): Decision | undefined {
  let binding: Accepted | undefined;
  for (const { accepted } of reports) {
    if (accepted !== undefined && (!binding || compareBallots(accepted.ballot, binding.ballot) > 0)) binding = accepted;
  }
  return binding?.decision;
}
