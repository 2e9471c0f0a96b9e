/**
 * What liars do, one step at a time: most lies are right at each replica, and do not fit together.
 *
 * @module
 */

import { clockMax, outstandingRequestsMax, timestampMax, waitingReadsMax } from "../../src/limits.ts";
import { answererOf } from "../../src/protocol/wire/answerer.ts";
import type { Random } from "../../src/simulator/random.ts";
import { FaultyFrames } from "./faulty_frames.ts";
import { aheadOf, batchOf, commandsOf, oneOf, someOf } from "./frames.ts";
import { readCommand } from "./digest_machine.ts";
import type { Liar, LyingLink, Plan } from "./liar.ts";
import type { LieKind } from "./lie_kinds.ts";
import type { SimReplica, World } from "./world.ts";

/** Sessions that a schedule's liars may have, besides the first of each. */
const moreSessions = 4;

/** Takes the steps of all liars of a schedule. */
export class Lies {
  readonly #world: World;
  readonly #random: Random;
  readonly #told: (kind: LieKind) => void;
  readonly #steps: readonly (readonly [weight: number, step: (liar: Liar) => void])[];
  readonly #renew: (liar: Liar) => void;
  #sessionsLeft = moreSessions;

  /**
   * @param told is told of each lie.
   * @param renew gives a liar one more session.
   */
  constructor(world: World, random: Random, told: (kind: LieKind) => void, renew: (liar: Liar) => void) {
    this.#world = world;
    this.#random = random;
    this.#told = told;
    this.#renew = renew;
    const faults = new FaultyFrames(world, random, told);
    // Each schedule has its own kind of liars: some break a view each time, some are all but honest.
    const some = (weight: number) => random.chance(0.6) ? weight * random.next() : 0;
    this.#steps = [
      [14, (liar) => this.#request(liar)],
      [some(14), (liar) => this.#differ(liar)],
      [some(8), (liar) => this.#withhold(liar)],
      [some(10), (liar) => void this.whisper(liar)],
      [9, (liar) => this.#keepUp(liar)],
      [some(6), (liar) => this.#clock(liar)],
      [some(4), (liar) => this.#suspend(liar)],
      [some(6), (liar) => this.#read(liar)],
      [some(3), (liar) => this.#confirm(liar)],
      [some(3), (liar) => faults.send(liar)],
      [some(2), (liar) => faults.breakPromise(liar)],
      [some(1), (liar) => this.#link(liar)],
      [some(1), (liar) => this.#end(liar)],
      [some(1.5), (liar) => faults.lookAhead(liar)],
      [some(0.3), (liar) => this.#flood(liar)],
      [2, () => this.#told("is silent")],
    ];
  }

  /** A liar takes a step: it connects, joins, or lies. */
  act(liar: Liar): void {
    const random = this.#random;
    const { links } = liar;
    const missing = this.#world.living.filter((replica) => !links.some((link) => link.replica === replica));
    if (missing.length > 0 && random.chance(0.5)) return this.#open(liar, random.pick(missing));
    if (links.some(({ mode }) => mode === "idle") && random.chance(0.5)) return this.#join(liar);
    const weights = this.#steps.map(([weight]) => weight);
    this.#steps[random.weighted(weights)][1](liar);
  }

  // ---- Links ----

  #open(liar: Liar, replica: SimReplica): void {
    const random = this.#random;
    if (random.chance(0.03)) {
      this.#told("names another cluster");
      return liar.open(replica, { cluster: "e".repeat(32) });
    }
    if (random.chance(0.1)) {
      this.#told("lies in HELLO about the outputs that it has");
      return liar.open(replica, { done: random.pick([1, 2, 10, timestampMax]) });
    }
    liar.open(replica);
  }

  #link(liar: Liar): void {
    const random = this.#random;
    const link = oneOf(this.#random, liar.links);
    if (random.chance(0.3) && this.#sessionsLeft > 0) {
      this.#sessionsLeft--;
      this.#told("opens another session");
      return this.#renew(liar);
    }
    if (link === undefined) return;
    if (random.chance(0.5)) {
      this.#told("closes a link");
      return liar.close(link);
    }
    this.#told("takes its own link away");
    liar.open(link.replica);
  }

  #join(liar: Liar): void {
    const random = this.#random;
    const idle = liar.links.filter(({ mode }) => mode === "idle");
    const chosen = random.chance(0.7) ? idle : someOf(this.#random, idle);
    if (chosen.length < idle.length) this.#told("joins at some replicas only");
    const isSame = random.chance(0.5);
    const ts = random.pick([0, 0, idle[0].replica.core.status().clock]);
    if (!isSame) this.#told("joins with other timestamps");
    for (const link of chosen) {
      const own = isSame ? ts : Math.max(0, link.replica.core.status().clock + random.pick([-1, 0, 1, 5, 40]));
      liar.send(link, { kind: "RESUME", v: link.v, ts: own, done: random.pick([0, link.recv]) });
    }
    const eager = random.chance(0.15) ? oneOf(this.#random, chosen.filter(({ ended }) => !ended)) : undefined;
    if (eager === undefined) return;
    this.#told("sends before it has joined");
    const { clock } = eager.replica.core.status();
    this.#send(liar, eager, { ...this.#made(eager), ...aheadOf(Math.max(clock, eager.lastTs) + random.pick([1, 20])) });
  }

  // ---- Requests ----

  /** A request as all are sent it. */
  #request(liar: Liar): void {
    for (const link of liar.active) this.#send(liar, link, this.#planned(liar, link));
  }

  /** Different requests under one seq. */
  #differ(liar: Liar): void {
    const { active } = liar;
    const field = this.#random.below(5);
    const odd = someOf(this.#random, active);
    for (const link of active) {
      const plan = this.#planned(liar, link);
      this.#send(liar, link, odd.includes(link) && odd.length < active.length ? this.#other(field, link, plan) : plan);
    }
  }

  #other(field: number, link: LyingLink, plan: Plan): Plan & { readonly done?: number } {
    switch (field) {
      case 0: {
        this.#told("another timestamp under one seq");
        const ts = this.#above(link.lastTs, plan.ts + this.#random.pick([-20, -1, 1, 2, 40]));
        return { ...plan, ...aheadOf(ts === plan.ts ? ts + 1 : ts) };
      }
      case 1:
        this.#told("other commands under one seq");
        return plan.end ? plan : { ...plan, commands: commandsOf(this.#world, this.#random) };
      case 2:
        this.#told("another promise under one seq");
        return { ...plan, upto: plan.ts + this.#random.pick([0, 1, 100, 1000]) };
      case 3:
        this.#told("another done under one seq");
        return { ...plan, done: link.recv };
      default:
        this.#told("an end under the seq of a request");
        return { ...plan, end: true, commands: new Uint8Array(0) };
    }
  }

  /** A request that only some get; the others may get it later, or another one. */
  #withhold(liar: Liar): void {
    const { active } = liar;
    const chosen = someOf(this.#random, active);
    if (chosen.length === active.length) return;
    this.#told("withholds a request from some");
    for (const link of chosen) this.#send(liar, link, this.#planned(liar, link));
  }

  /** Tells one replica alone a request with the smallest timestamp that it takes; returns which one. */
  whisper(liar: Liar): SimReplica | undefined {
    const link = oneOf(this.#random, liar.active);
    if (link === undefined) return undefined;
    this.#told("the smallest timestamp, to one alone");
    this.#send(liar, link, { ...this.#made(link), ...aheadOf(link.lastTs + 1, this.#random.pick([0, 16])) });
    return link.replica;
  }

  /** More requests than may wait: to one replica, or to all, so that they are executed, and nothing is confirmed. */
  #flood(liar: Liar): void {
    const { active } = liar;
    const link = oneOf(this.#random, active);
    if (link === undefined) return;
    this.#told("a flood");
    const chosen = this.#random.chance(0.5) ? active : [link];
    let ts = Math.max(...chosen.map(({ lastTs }) => lastTs));
    for (let count = 0; count < outstandingRequestsMax + 20; count++) {
      const plan = { ...this.#made(link), ...aheadOf(++ts, 0) };
      for (const each of chosen) this.#send(liar, each, plan);
    }
  }

  #end(liar: Liar): void {
    const { active } = liar;
    const plan = { end: true, commands: new Uint8Array(0) };
    this.#told("ends its session");
    for (const link of this.#random.chance(0.6) ? active : someOf(this.#random, active)) {
      this.#send(liar, link, { ...this.#planned(liar, link), ...plan });
    }
  }

  #send(liar: Liar, link: LyingLink, plan: Plan & { readonly done?: number }): void {
    const { v, recv } = link;
    const { ts, upto, end, commands, done = 0 } = plan;
    const promised = liar.active.some((other) => other !== link && other.recv > recv && other.lastTs >= ts);
    if (promised && liar.planOf(link)?.ts !== ts) this.#told("breaks what it has promised to others");
    liar.send(link, { kind: "REQUEST", v, seq: recv + 1, ts, upto, done, end, commands });
  }

  /** What others were told under the next seq of a link, if this replica takes it; else something new. */
  #planned(liar: Liar, link: LyingLink): Plan {
    const known = liar.planOf(link);
    if (known !== undefined && known.ts > link.lastTs) return known;
    const made = this.#made(link);
    if (known === undefined) {
      // Most are meant for all.
      const least = Math.max(...liar.active.map(({ lastTs }) => lastTs));
      if (this.#random.chance(0.7) && made.ts <= least) Object.assign(made, aheadOf(least + 1));
      liar.plan(link, made);
    }
    return made;
  }

  #made(link: LyingLink): Plan {
    return {
      ...aheadOf(this.#timestamp(link), this.#random.pick([0, 0, 3, 16])),
      end: false,
      commands: commandsOf(this.#world, this.#random),
    };
  }

  /** A timestamp that a replica takes, where it may do most harm. */
  #timestamp({ lastTs, replica, v }: LyingLink): number {
    const random = this.#random;
    const near = random.pick([-2, -1, -1, 0, 0, 1, 2]);
    const { replicas } = this.#world;
    const other = random.chance(0.5) ? replica : random.pick(replicas.filter(({ view }) => view === v).concat(replica));
    switch (random.weighted([30, 30, 15, 15, 10, 1, 0.2])) {
      case 0:
        return lastTs + random.pick([1, 1, 2, 17]);
      case 1:
        this.#told("a timestamp near a clock");
        return this.#above(lastTs, other.core.status().clock + near);
      case 2: {
        const waiting = random.pick(other.core.inspect().pending.slice(0, 4).concat());
        if (waiting === undefined) return lastTs + 1;
        this.#told("a timestamp near what waits");
        return this.#above(lastTs, waiting.ts + near);
      }
      case 3: {
        const heard = random.pick(other.core.inspect().heard);
        if (heard === undefined) return lastTs + 1;
        this.#told("a timestamp near what others have said");
        return this.#above(lastTs, heard.lastTs + near);
      }
      case 4:
        return lastTs + random.between(1, 100);
      case 5:
        this.#told("a huge timestamp");
        return this.#above(lastTs, clockMax - random.pick([0, 1, 100, 10_000]));
      default:
        this.#told("a timestamp above what a clock may be");
        return this.#above(lastTs, random.pick([clockMax + 1, timestampMax - 16]));
    }
  }

  #above(lastTs: number, ts: number): number {
    return ts > lastTs ? ts : lastTs + 1;
  }

  // ---- Clocks ----

  /** What an honest client does that was nudged. */
  #keepUp(liar: Liar): void {
    const { active } = liar;
    if (active.length === 0) return;
    const ts = Math.max(...active.map(({ nudgedTs, lastTs }) => Math.max(nudgedTs, lastTs))) + 1;
    for (const link of active) liar.send(link, { kind: "CLOCK", v: link.v, ts, done: 0, suspend: false });
  }

  #clock(liar: Liar): void {
    const random = this.#random;
    const { active } = liar;
    const chosen = someOf(this.#random, active);
    if (chosen.length < active.length) this.#told("tells its clock to some only");
    for (const link of chosen) {
      const isOld = random.chance(0.2);
      if (isOld) this.#told("tells an old clock");
      const ts = isOld ? Math.max(0, link.lastTs - random.pick([0, 1, 5])) : this.#timestamp(link);
      liar.send(link, { kind: "CLOCK", v: link.v, ts, done: random.pick([0, link.recv]), suspend: false });
    }
  }

  #suspend(liar: Liar): void {
    const active = liar.links.filter(({ mode }) => mode === "active");
    const chosen = this.#random.chance(0.5) ? active : someOf(this.#random, active);
    if (chosen.length < active.length) this.#told("suspends at some replicas only");
    for (const link of chosen) {
      if (link.replica.core.inspect().pending.some(({ client }) => client === liar.client.id)) {
        this.#told("suspends with requests that are open");
      }
      liar.send(link, { kind: "CLOCK", v: link.v, ts: this.#timestamp(link), done: link.recv, suspend: true });
    }
  }

  /** Confirms outputs that it may not have. */
  #confirm(liar: Liar): void {
    this.#told("says that it has outputs which it has not");
    for (const link of someOf(this.#random, liar.active)) {
      liar.send(link, { kind: "CLOCK", v: link.v, ts: link.lastTs + 1, done: link.recv, suspend: false });
    }
  }

  // ---- Reads ----

  /** Reads that wait for a request of the session, more than may. */
  #readOften(liar: Liar, link: LyingLink): void {
    this.#told("a flood of reads");
    if (link.mode === "active" && !link.ended) this.#send(liar, link, this.#planned(liar, link));
    for (let count = 0; count <= waitingReadsMax; count++) {
      const rid = liar.rids.push(0);
      liar.send(link, { kind: "READ", v: link.v, rid, after: link.recv, commands: batchOf([readCommand]) });
    }
  }

  #read(liar: Liar): void {
    const random = this.#random;
    const link = oneOf(this.#random, liar.links.filter(({ mode }) => mode !== "unknown"));
    if (link === undefined) return;
    const { members } = link.replica.core.status();
    if (members.length === 0) return;
    const isAnswerer = answererOf(members.map((id) => ({ id, address: "" }))).id === link.replica.id;
    if (!isAnswerer && random.chance(0.9)) return;
    if (!isAnswerer) this.#told("reads at another replica");
    if (link.mode !== "active") this.#told("reads before it has joined");
    if (random.chance(0.15)) return this.#readOften(liar, link);
    const isRepeated = liar.rids.length > 0 && random.chance(0.4);
    if (isRepeated) this.#told("reads again under one number");
    const rid = isRepeated ? random.pick(liar.rids) : liar.rids.length + 1;
    liar.rids.push(rid);
    const isFuture = random.chance(0.1);
    if (isFuture) this.#told("reads what cannot be yet");
    const after = isFuture ? link.recv + random.pick([1, 1000]) : random.between(0, link.recv);
    const isChange = random.chance(0.1);
    if (isChange) this.#told("reads a change");
    const commands = isChange
      ? commandsOf(this.#world, this.#random)
      : batchOf(random.pick([[readCommand], [readCommand, readCommand]]));
    liar.send(link, { kind: "READ", v: link.v, rid, after, commands });
  }
}
