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
import type { ClientId, Member, ReplicaId } from "../../uid.ts";
import type { FlushWait } from "../../inspection.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import {
  type Accepted,
  type Ballot,
  compareBallots,
  type Decision,
  type HeldSession,
  noBallot,
} from "../wire/records.ts";
import type { Donor } from "./donor.ts";
import type { Journal } from "./journal.ts";
import type { Order } from "./order.ts";
import type { ReplicaHost } from "./replica_host.ts";
import { invariant } from "../../invariant.ts";

/** The replica that a flush belongs to. */
export interface FlushHost extends Pick<ReplicaHost, "id" | "failed" | "send" | "report" | "overdrawn" | "install"> {
  readonly order: Pick<Order, "v" | "members">;
  readonly disk: { readonly journal: Pick<Journal, "note"> } | undefined;
  readonly donor: Pick<Donor, "caughtUp" | "sendState" | "leaveOut">;
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
  readonly #host: FlushHost;
  readonly #v: number;
  readonly #members: readonly Member[];
  /** Whether the replica is frozen: from its first promise to the next view. */
  frozen = false;
  /** No smaller ballot counts any more. */
  promised: Ballot = noBallot;
  accepted: Accepted | undefined;
  #alarm = false;
  #round: Round | undefined;
  #ended = false;

  /** The flush that will end the view which the host is in. */
  constructor(host: FlushHost) {
    this.#host = host;
    this.#v = host.order.v;
    this.#members = host.order.members;
  }

  /** What this replica, as the coordinator of a round, still waits for. */
  get waitsFor(): FlushWait | undefined {
    const round = this.#round;
    if (round === undefined) return undefined;
    const { reports, newcomers, clones, decision, acceptedBy } = round;
    if (decision !== undefined) return { stage: "accepted", from: this.#missing(this.#members, acceptedBy) };
    if (newcomers !== undefined) return { stage: "clones", from: this.#missing(newcomers, clones) };
    return { stage: "reports", from: this.#missing(this.#members, reports) };
  }

  /** Those of `members` that have not failed and were not heard. */
  #missing(members: readonly Member[], heard: { has(id: ReplicaId): boolean }): ReplicaId[] {
    return this.#living(members).map(({ id }) => id).filter((id) => !heard.has(id));
  }

  #living(members: readonly Member[]): Member[] {
    return members.filter(({ id }) => !this.#host.failed.has(id));
  }

  /** V1: the view must end. Raised by this replica (R6) or heard from another. */
  alarm(): void {
    this.#alarm = true;
    this.evaluate();
  }

  /** Continues where the disk says that it was: the view must end, because its channels are gone. */
  resume(promised: Ballot, accepted: Accepted | undefined): void {
    this.promised = promised;
    this.accepted = accepted;
    this.frozen = true;
    this.evaluate();
  }

  /** V1, and the waits of V3 and V5; called whenever what they depend on has changed. */
  evaluate(): void {
    if (this.#ended) return;
    const living = this.#living(this.#members);
    if (living[0]?.id !== this.#host.id) return;
    const reason = this.#alarm || this.frozen || living.length < this.#members.length ||
      this.#living(this.#host.donor.caughtUp()).length > 0;
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
    if (message.kind === "INSTALL" && this.#mayDecide(message.decision)) return this.#install(message.decision);
    if (!("v" in message) || message.v !== this.#v) return;
    switch (message.kind) {
      case "ALARM":
        return this.alarm();
      case "PREPARE":
        return this.#onPrepare(from, message.ballot);
      case "ACCEPT":
        return this.#onAccept(from, message.ballot, message.decision);
    }
    // The others answer to a coordinator's round.
    const round = this.#round;
    if (round === undefined || !("ballot" in message) || compareBallots(round.ballot, message.ballot) !== 0) return;
    switch (message.kind) {
      case "REPORT":
        if (message.accepted !== undefined && !this.#mayDecide(message.accepted.decision)) return;
        round.reports.set(from, message);
        break;
      case "STATE_OK":
        round.clones.add(from);
        break;
      case "ACCEPTED":
        round.acceptedBy.add(from);
        break;
      case "NACK":
        // The ballot was too low, as a dead coordinator's was higher: a new round at once.
        if (compareBallots(message.promised, this.promised) > 0) this.promised = message.promised;
        this.#round = undefined;
    }
    this.evaluate();
  }

  /** A flush decides the view that follows its own. */
  #mayDecide({ v }: Decision): boolean {
    return v === this.#v + 1;
  }

  #prepare(living: readonly Member[]): void {
    const ballot = { n: this.promised.n + 1, id: this.#host.id };
    this.#round = { ballot, reports: new Map(), clones: new Set(), waitedMs: 0, acceptedBy: new Set() };
    for (const { id } of living) this.#send(id, { kind: "PREPARE", v: this.#v, ballot });
  }

  /** V2. */
  #onPrepare(from: ReplicaId, ballot: Ballot): void {
    if (compareBallots(ballot, this.promised) < 0) return this.#nack(from, ballot);
    this.promised = ballot;
    this.#host.disk?.journal.note({ kind: "promised", ballot });
    // No client's frame is taken any more until the next view, so that what the report says is final (I3).
    this.frozen = true;
    this.#send(from, { kind: "REPORT", v: this.#v, ballot, ...this.#host.report(), accepted: this.accepted });
  }

  /** V4. */
  #onAccept(from: ReplicaId, ballot: Ballot, decision: Decision): void {
    if (!this.#mayDecide(decision)) return;
    if (compareBallots(ballot, this.promised) < 0) return this.#nack(from, ballot);
    this.promised = ballot;
    this.accepted = { ballot, decision };
    this.#host.disk?.journal.note({ kind: "accepted", accepted: this.accepted });
    this.#send(from, { kind: "ACCEPTED", v: this.#v, ballot });
  }

  #nack(to: ReplicaId, ballot: Ballot): void {
    this.#send(to, { kind: "NACK", v: this.#v, ballot, promised: this.promised });
  }

  /** V3 and V5: takes the next step as soon as it waits for no living member. */
  #proceed(): void {
    const round = this.#round;
    if (round === undefined) return;
    if (round.decision === undefined) {
      if (this.#missing(this.#members, round.reports).length > 0) return;
      const binding = bindingOf(round.reports.values());
      if (binding === undefined && !this.#haveCloned(round)) return;
      const decision = round.decision = binding ?? this.#decide(round);
      const { ballot } = round;
      for (const { id } of this.#living(this.#members)) {
        this.#send(id, { kind: "ACCEPT", v: this.#v, ballot, decision });
      }
    } else if (this.#missing(this.#members, round.acceptedBy).length === 0) {
      this.#install(round.decision);
    }
  }

  /** V3, V9: sends the state to those who have caught up, and says whether they need not be waited for any more. */
  #haveCloned(round: Round): boolean {
    if (round.newcomers === undefined) {
      round.newcomers = this.#living(this.#host.donor.caughtUp());
      for (const { id } of round.newcomers) this.#host.donor.sendState(id, round.ballot);
    }
    const missing = this.#missing(round.newcomers, round.clones);
    if (missing.length > 0 && round.waitedMs <= newcomerWaitMs) return false;
    for (const id of missing) this.#host.donor.leaveOut(id);
    return true;
  }

  /** V3: what all members have of each channel is the cut. */
  #decide({ reports, clones, newcomers }: Round): Decision {
    const members = this.#living(this.#members);
    invariant(members.every(({ id }) => reports.has(id)), "whoever decides has heard from every member that lives");
    const all = members.map(({ id }) => reports.get(id)!);
    const [first, ...others] = all.map(({ vanished }) => new Set(vanished));
    const expired = [...first].filter((client) => others.every((vanished) => vanished.has(client)));
    expired.push(...this.#host.overdrawn().filter((client) => !expired.includes(client)));
    const joined = this.#living(newcomers!.filter(({ id }) => clones.has(id)));
    return {
      v: this.#v + 1,
      members: [...members, ...joined].sort((a, b) => a.id - b.id),
      clock: 0,
      cut: cutOf(all.map(({ sessions }) => sessions)),
      expired,
    };
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    const { promised, accepted } = this;
    invariant(this.#ended || promised.n === 0 || this.frozen, "who has promised takes no client's frame any more (I3)");
    invariant(
      accepted === undefined || compareBallots(accepted.ballot, promised) <= 0,
      "what was accepted was not below the promise (I2)",
    );
    const round = this.#round;
    if (round === undefined) return;
    invariant(round.ballot.id === this.#host.id, "a coordinator has a round of its own");
    invariant(
      this.#living(this.#members)[0]?.id === this.#host.id,
      "the coordinator is the lowest member that has not failed",
    );
    invariant(round.acceptedBy.size === 0 || round.decision !== undefined, "a value is accepted after it was decided");
  }

  /** V6: the host forwards the decision before it acts on it. */
  #install(decision: Decision): void {
    invariant(this.#mayDecide(decision), "a flush decides the view that follows its own");
    this.#ended = true;
    this.#round = undefined;
    this.#host.install(decision);
  }

  /** A coordinator is a member like the others, and answers itself. */
  #send(to: ReplicaId, message: MeshMessage): void {
    if (to === this.#host.id) this.received(to, message);
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

/**
 * V3: the cut of each session is the longest prefix of its requests that all reporters have alike. What any of them has
 * executed is in it: R5 has made sure that all have it, and the same.
 *
 * @param reports what each member has of the sessions; of one that it does not name, it has nothing in this view.
 */
function cutOf(reports: readonly (readonly HeldSession[])[]): Decision["cut"] {
  const heldBy = new Map<ClientId, HeldSession[]>();
  for (const report of reports) {
    for (const session of report) {
      const others = heldBy.get(session.client);
      if (others === undefined) heldBy.set(session.client, [session]);
      else others.push(session);
    }
  }
  return [...heldBy].map(([client, held]) => {
    let seq = Math.max(...held.map(({ executed }) => executed));
    if (held.length < reports.length) return { client, seq };
    const sumOf = ({ executed, sums }: HeldSession) => sums[seq - executed];
    for (
      let sum = sumOf(held[0]);
      sum !== undefined && held.every((each) => sumOf(each) === sum);
      sum = sumOf(held[0])
    ) {
      seq++;
    }
    return { client, seq };
  });
}
