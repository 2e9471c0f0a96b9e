/**
 * A simulated world whose replicas seal their history to files, while all else may fail: with what must be true of the
 * files at every moment.
 *
 * @module
 */

import { segmentKinds, segmentName, type SegmentRef } from "../../src/history.ts";
import { sealAgainMs } from "../../src/limits.ts";
import { Giver } from "../../src/net/replica/giver.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import type { RecoveryOptions } from "../../src/protocol/replica/recovery.ts";
import type { ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { DamageError } from "../../src/database/segments/damage.ts";
import { finished, perform } from "../../src/storage/history_files.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { RefusedBytesError } from "../../src/storage/history_errors.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { refOf, wholeName } from "../../src/storage/segment_names.ts";
import type { DamageCounts, Damages } from "./damages.ts";
import { DurableWorld, type SealingOptions, type WorldOptions } from "./durable_world.ts";
import { makeEarlier } from "./earlier_disk.ts";
import { endAlone } from "./ending_alone.ts";
import { SimFiles } from "./files.ts";
import { Violation } from "./history.ts";
import type { SimReplica } from "./lying_world.ts";
import { mend, type Mended, scrubOne } from "./mending.ts";
import { SealingClaims } from "./sealing_claims.ts";

/** What sealing may come to. */
export type SealingReach =
  | keyof DamageCounts
  | "refused"
  | "healed"
  | "ended"
  | "unreadable"
  | "forced"
  | "renewed"
  | "named"
  | "documents"
  | "redacted"
  | "crashes"
  | "failures"
  | "recovered"
  | "fetched"
  | "watched"
  | "waited"
  | "compared"
  | "comparedSealed";

/** Where a machine has its history. */
type Home = Pick<Mended, "files" | "store">;

/** What seals for a replica, and a watcher of it. */
interface Works extends Mended {
  readonly giver: Giver;
  /** The last entry that a watcher has; undefined: nobody watches. */
  watched: number | undefined;
}

function isFault(error: unknown): boolean {
  return error instanceof StorageError || error instanceof DamageError;
}

/** How many steps of sealing follow a turn. */
const stepsAfterTurn = [0, 0, 1, 2, 6, 40];

/** Bytes of entries that a watcher gets at once. */
const watchBytes = 200;

/** A world in which replicas may seal what they have executed. */
export class SealingWorld extends DurableWorld {
  readonly #options: SealingOptions | undefined;
  readonly #durable: boolean;
  readonly #homes = new WeakMap<StateMachine, Home>();
  readonly #works = new Map<SimReplica, Works>();
  readonly #claims: SealingClaims | undefined;
  /** In which state all entries of a machine were read last. */
  readonly #checked = new WeakMap<StateMachine, string>();
  /** How often something has happened: segments named, for the first time or again, and so on. */
  readonly #reached = {
    named: 0,
    documents: 0,
    redacted: 0,
    crashes: 0,
    failures: 0,
    recovered: 0,
    fetched: 0,
    watched: 0,
    waited: 0,
    healed: 0,
    ended: 0,
    unreadable: 0,
    forced: 0,
    renewed: 0,
  };

  constructor(options: WorldOptions) {
    super(options);
    this.#options = options.sealing;
    this.#durable = options.durable ?? false;
    if (options.sealing !== undefined) {
      this.#claims = new SealingClaims(options.sealing.reference, options.sealing.damages);
    }
  }

  /** How often each of what sealing may come to has happened. */
  get sealing(): Readonly<Record<SealingReach, number>> {
    const { compared = 0, comparedSealed = 0, refused = 0 } = this.#claims ?? {};
    const damaged = this.#damages?.counts ?? { flipped: 0, cut: 0, lost: 0, mended: 0 };
    return { ...this.#reached, ...damaged, compared, comparedSealed, refused };
  }

  // ---- Beginnings ----

  override startCluster(replicas: number, backup?: Backup): void {
    super.startCluster(replicas, backup);
    const earlier = this.#options?.earlier;
    if (earlier === undefined || !this.#durable) return;
    for (const replica of this.living) this.crashReplica(replica, () => 0);
    for (const disk of this.disks) makeEarlier(disk, earlier);
    const refused = this.coldStart();
    if (refused !== undefined) throw new Violation(`(b) no start with a log of an earlier version: ${refused}`);
  }

  protected override makeMachine(slot: number): StateMachine {
    return this.#options === undefined ? super.makeMachine(slot) : this.#newMachine(slot, this.#options).machine;
  }

  #newMachine(slot: number, { packing, machine: make }: SealingOptions): Home & { readonly machine: StateMachine } {
    const files = this.#durable ? this.disks[slot].files : new SimFiles();
    // Damage shows only where the file is read.
    const caches = this.#damages === undefined ? {} : { blockBytes: 0, footerBytes: 0 };
    const store = finished(files, HistoryStore.open(files, packing, [], caches));
    const machine = make(store);
    this.#homes.set(machine, { files, store });
    return { machine, files, store };
  }

  protected override recoveryOf(slot: number): Pick<RecoveryOptions, "machine" | "history"> {
    if (this.#options === undefined) return super.recoveryOf(slot);
    const { machine, store } = this.#newMachine(slot, this.#options);
    return { machine, history: store };
  }

  /** Whether files of its history are known to be damaged when a replica starts. */
  protected isLacking({ recovered, machine }: ReplicaOptions): boolean {
    return this.#homes.get(recovered?.order.executor.machine ?? machine)?.store.isDamaged ?? false;
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    const machine = start.recovered?.order.executor.machine ?? start.machine;
    const home = this.#homes.get(machine);
    const sealedHistory = home && (this.isLacking(start) ? "lacking" : "whole");
    const replica = super.startReplica({ ...start, sealedHistory });
    if (home !== undefined) this.#begin(replica, machine, home, start);
    if (this.#damages !== undefined) endAlone(replica, (error) => this.#endsBy(error, replica, machine, home!));
    if (replica.view > 0 && start.recovered === undefined) this.#works.get(replica)?.sealer.viewInstalled();
    return replica;
  }

  /** Where the disks damage what they have: what does it. */
  get #damages(): Damages | undefined {
    return this.#durable ? this.#options?.damages : undefined;
  }

  /** Whether a replica ends because its turn needs what is damaged. */
  #endsBy(error: unknown, replica: SimReplica, machine: StateMachine, home: Home): boolean {
    // A file that was healed just now is noted as damaged until its folder is on the disk.
    const isNoted = this.#works.get(replica)?.store.isDamaged ?? false;
    if (!(error instanceof DamageError) || !(isNoted || this.#isDamaged(machine, home))) return false;
    this.#reached.ended++;
    this.mayHalt.add(replica.id);
    return true;
  }

  /** Whether anything is damaged that a machine names. */
  #isDamaged(machine: StateMachine, { files }: Home): boolean {
    return this.#damages?.isAnyStruck(files, machine.named!.map(wholeName)) ?? false;
  }

  protected override damageOf(slot: number, error: unknown): string {
    if (!(error instanceof DamageError) || !this.#damages?.isDamaged(this.disks[slot].files)) {
      return super.damageOf(slot, error);
    }
    this.#reached.unreadable++;
    return error.message;
  }

  #begin(
    replica: SimReplica,
    machine: StateMachine,
    home: Home,
    { recovered }: ReplicaOptions,
  ): void {
    const { files, store } = home;
    if (recovered !== undefined) {
      if (machine.named!.length > 0) this.#reached.recovered++;
      if (recovered.isRenewed) this.#reached.renewed++;
      this.#check(replica, machine, home);
    }
    const sealer = new Sealer({
      machine,
      hasJournal: this.#durable,
      history: store,
      perform: (order) => perform(files, order),
      isFault,
      isRefusal: (error) => error instanceof RefusedBytesError,
      isDamage: (error) => error instanceof DamageError,
      ask: (segment, part, other) => replica.core.step({ kind: "wants", segment, part, other }),
      newcomer: !replica.core.isNewcomer ? undefined : {
        lacks: (n, segment, part) => replica.core.step({ kind: "lacks", n, segment, part }),
        refused: (n) => replica.core.step({ kind: "refused", n }),
        obtained: (n) => replica.core.step({ kind: "obtained", n }),
      },
      sealed: (segment) => replica.core.step({ kind: "sealed", segment }),
      say: (message) => this.#reached[message.includes("was healed") ? "healed" : "failures"]++,
      halt: (reason) => {
        throw new Violation(`${replica.name} ends: ${reason}`);
      },
    });
    const send = (to: ReplicaId, part: MessageOf<"PART_IS">) => {
      this.performForReplica(replica, { kind: "toReplica", to, message: part });
    };
    const giver = new Giver({ history: store, isFault, send });
    this.#works.set(replica, { machine, files, store, sealer, giver, watched: undefined });
  }

  protected override onFiles(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "obtain" | "lacked" | "part" | "nobody" | "give" },
  ): void {
    const works = this.#works.get(replica);
    switch (effect.kind) {
      case "obtain":
        return works?.sealer.obtain(effect.n, effect.segments);
      case "part":
        this.#reached.fetched++;
        return works?.sealer.came(effect);
      case "lacked":
        return works?.sealer.lacked();
      case "nobody":
        return works?.sealer.nobody();
      case "give":
        return works?.giver.ask(effect.to, effect);
    }
  }

  // ---- Turns ----

  override turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    super.turnOfReplica(replica, effects, stall);
    const works = this.#works.get(replica);
    const random = this.#options?.random;
    if (works === undefined || random === undefined || !replica.alive || replica.stopped) return;
    for (let left = random.below(4); left > 0 && works.giver.isReady; left--) works.giver.step();
    for (let left = random.pick(stepsAfterTurn); left > 0 && replica.alive && !replica.stopped; left--) {
      if (!works.sealer.isReady) break;
      this.#step(replica, works, random);
    }
    if (random.chance(0.1)) works.sealer.pass(sealAgainMs);
    this.#damage(replica, works, 0.03);
    if (this.#damages?.random.chance(0.1)) scrubOne(works, this.#damages.random);
    if (replica.alive && !replica.stopped && replica.core.database !== undefined && random.chance(0.2)) {
      this.#watch(replica, works, random);
    }
  }

  /** Now and then the disk of a replica damages a file. */
  #damage({ name }: SimReplica, works: Works, chance: number): void {
    if (this.#damages === undefined || this.isCalm || !this.#damages.random.chance(chance)) return;
    const others = [...this.#works].flatMap(([{ alive, view }, other]) => alive && view > 0 ? [other] : []);
    const what = this.#damages.strikeOne(works, others);
    if (what !== undefined) this.trace?.(`the disk of ${name} ${what}`);
  }

  /** In a moment of calm, nobody waits for a newcomer that is slow to fetch. */
  override turnOfAll(): void {
    super.turnOfAll();
    let hasWorked = false;
    for (const [replica, { sealer, giver }] of this.#works) {
      if (!replica.alive || replica.stopped) continue;
      for (; giver.isReady; hasWorked = true) giver.step();
      // Steps of its turn may have asked for more, too.
      hasWorked ||= sealer.obtained !== undefined;
      while (sealer.obtained !== undefined && sealer.isReady) sealer.step();
    }
    if (hasWorked) super.turnOfAll();
  }

  /** Does a step, in which the disk may fail, and the process or the machine may die. */
  #step(replica: SimReplica, { sealer, files }: Works, random: Random): void {
    const isCalm = this.isCalm;
    // Newcomers that come while the last member dies have no one to be let in by.
    const mayDie = !isCalm && (this.livingMembers.some((other) => other !== replica) || this.living.length === 1);
    if (this.#durable && mayDie && random.chance(0.03)) files.crashAt = files.changes + random.below(3);
    const mayFail = !isCalm && random.chance(0.05);
    if (mayFail) files.roomBytes = random.below(400);
    files.fault = (call) => {
      if (mayFail && call !== "read" && call !== "names" && call !== "size" && random.chance(0.3)) {
        throw new Error(`Input/output error (os error 5): ${call}`);
      }
    };
    sealer.step();
    files.fault = () => {};
    files.roomBytes = Infinity;
    files.crashAt = Infinity;
    if (!files.isDown) return;
    this.trace?.(`${replica.name} dies while it seals`);
    this.#reached.crashes++;
    this.crashReplica(replica, (length) => length);
  }

  /** Somebody who watches the log from any entry on gets the next ones, or waits until they are read. */
  #watch(replica: SimReplica, works: Works, random: Random): void {
    const { machine } = works;
    const after = works.watched ??= random.below(machine.lastEntry + 1);
    const read = () => machine.entriesAfter(after, watchBytes);
    const some = this.#claims!.reading(read, () => this.#isDamaged(machine, works));
    if (some === undefined || some === "damaged" || some === "late") works.watched = undefined;
    else if (some === "notYet") {
      this.#reached.waited++;
      for (let left = random.below(4); left > 0; left--) machine.readHistory!(this.#claims!.now());
    } else {
      this.#reached.watched++;
      this.#claims!.entries(replica.name, machine, after, some);
      works.watched = random.chance(0.2) ? undefined : some.last;
    }
  }

  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    const { alive } = replica;
    super.crashReplica(replica, keep);
    const works = this.#works.get(replica);
    if (!alive || works === undefined) return;
    this.#works.delete(replica);
    works.files.restartMachine((below) => this.#options!.random.below(below));
    this.#damage(replica, works, 0.2);
  }

  protected override onNamed(replica: SimReplica, segment: SegmentRef): void {
    const works = this.#works.get(replica);
    // A script says what it has sealed.
    if (works === undefined) return;
    const { machine, store, files, sealer } = works;
    const isNew = store.find(segment) === undefined;
    sealer.named(segment);
    this.#reached[!isNew ? "redacted" : segment.kind === segmentKinds.entries ? "named" : "documents"]++;
    this.trace?.(`${replica.name} names ${segmentName(segment)}`);
    this.#claims!.files(replica.name, machine, files, store.replaced);
    if (this.#options!.random.chance(0.1)) {
      this.#claims!.readable(replica.name, machine, () => this.#isDamaged(machine, works));
    }
  }

  /** The history has given something up. */
  protected onForked(): void {
    this.#options?.forked();
    this.#claims?.forked();
    this.#reached.forced++;
  }

  protected override onCheckpointBegins(replica: SimReplica): void {
    this.#works.get(replica)?.sealer.checkpointBegins();
  }

  protected override onCheckpointed(replica: SimReplica): void {
    this.#works.get(replica)?.sealer.checkpointed();
  }

  protected override onRestored(replica: SimReplica): void {
    super.onRestored(replica);
    const works = this.#works.get(replica);
    if (works === undefined) return;
    works.sealer.restored();
    this.#check(replica, works.machine, works);
  }

  protected override onInstalled(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "installed" },
    effects: readonly ReplicaEffect[],
  ): void {
    super.onInstalled(replica, effect, effects);
    const works = this.#works.get(replica);
    works?.sealer.viewInstalled();
    // Nobody is let in with a gap.
    if (works !== undefined) this.#check(replica, works.machine, works);
  }

  // ---- What is checked ----

  /** Each named segment is on this disk, equal ones have equal digests, and every entry can be read. */
  #check({ name }: SimReplica, machine: StateMachine, { files, store }: Home, isAtEnd = false): void {
    this.#claims!.files(name, machine, files, store.replaced);
    // Unless nothing has changed since.
    const state = `${machine.lastEntry} ${machine.named!.map(wholeName)}`;
    if (this.#checked.get(machine) === state) return;
    // The file may be whole again before the writing of it has ended, and until then nobody reads it.
    const isHealing = () => !isAtEnd && store.isDamaged;
    this.#claims!.readable(name, machine, () => this.#isDamaged(machine, { files, store }) || isHealing());
    this.#checked.set(machine, state);
  }

  /** Whether damage holds up a living member, or has ended the last one: then claim (e) promises nothing. */
  get isHurt(): boolean {
    if (this.#damages === undefined || this.#damages.isNever) return false;
    const members = this.livingMembers;
    if (members.length === 0) return this.#reached.ended + this.#reached.unreadable > 0;
    return members.some((replica) => this.#isDamaged(this.#works.get(replica)!.machine, this.#works.get(replica)!));
  }

  /** Everybody compares all files with what was sealed, and gets what is damaged from others. */
  mendAll(): void {
    if (this.#damages === undefined || this.#damages.isNever) return;
    const works = [...this.#works].filter(([{ alive, stopped, view }]) => alive && !stopped && view > 0);
    mend(this, works);
  }

  /** Nothing more happens: everybody seals all that can be sealed, and has no other files. */
  sealAll(): void {
    this.mendAll();
    this.#damages?.checkMended([...this.#works].flatMap(([{ alive, stopped, view }, works]) => {
      return alive && !stopped && view > 0 ? [works] : [];
    }));
    for (const [replica, { machine, files, sealer, ...works }] of this.#works) {
      if (!replica.alive || replica.stopped || replica.view === 0) continue;
      for (let steps = 0; steps < 20_000; steps++) {
        sealer.pass(sealAgainMs);
        if (sealer.isReady) sealer.step();
        else {
          super.turnOfReplica(replica);
          if (!sealer.isReady) break;
        }
      }
      // No damaged segment can be written again.
      const isHurt = this.#isDamaged(machine, { files, ...works });
      if (machine.unsealed !== undefined || (machine.redactionsDue!.length > 0 && !isHurt)) {
        throw new Violation(`${replica.name} does not seal segment ${machine.unsealed?.number}`);
      }
      // What the journal may read again stays.
      const names = [...machine.named!, ...works.store.replaced].map(wholeName).sort();
      const found = files.names().filter((name) => refOf(name) !== undefined).sort();
      if (found.join() !== names.join() && !isHurt) throw new Violation(`${replica.name} keeps ${found} for ${names}`);
      if (works.store.isDamaged && !isHurt) throw new Violation(`${replica.name} calls damaged what is not`);
      this.#check(replica, machine, { files, ...works }, true);
    }
    this.#claims!.sealedAtLast();
  }
}
