/**
 * A simulated world with disks, from which replicas come back, and with what the launcher does at a cold start.
 *
 * @module
 */

import { clusterIdOf, type GivenUp } from "../../src/cluster_id.ts";
import { type ColdStartPlan, planColdStart, type SlotFile } from "../../src/cluster/cold_start.ts";
import { cleanStopOf } from "../../src/cluster/cold_start_clean.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { DiskWrite, ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import { recover, type Recovered, type RecoveryOptions } from "../../src/protocol/replica/recovery.ts";
import type { Position } from "../../src/protocol/wire/records.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import type { Random } from "../../src/simulator/random.ts";
import { simulatedKey } from "../../src/simulator/world.ts";
import type { SegmentReader } from "../../src/database/segments/segment_reader.ts";
import type { Packing } from "../../src/packing.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { CleanStop } from "../../src/storage/cluster_file.ts";
import { type Member, type ReplicaId, replicaId, slotOf } from "../../src/uid.ts";
import { DamagedDisk, SimDisk } from "./disk.ts";
import { DigestMachine } from "./digest_machine.ts";
import type { History } from "./history.ts";
import { LyingWorld, type SimReplica } from "./lying_world.ts";
import type { Damages } from "./damages.ts";
import type { Reference } from "./sealing_claims.ts";

/** How replicas seal what they have executed. */
export interface SealingOptions {
  /** Draws when they do, and what fails then. */
  readonly random: Random;
  readonly packing: Packing;
  /** Makes a machine that reads so what it has sealed. */
  readonly machine: (reader: SegmentReader) => StateMachine;
  /** Gives the one that never seals. */
  readonly reference: () => Reference;
  /** The log of an earlier version with which the replicas begin; absent: they begin with a new one. */
  readonly earlier?: Uint8Array;
  /** Is told that `--force-from` has given something up, also what that one had executed. */
  readonly forked: () => void;
  /** What the disks do to the files; absent: they keep them. */
  readonly damages?: Damages;
}

/** How a world is made. */
export interface WorldOptions {
  readonly replicas: number;
  /** Whether the replicas have disks. */
  readonly durable?: boolean;
  /** Says in how many commits the next checkpoint is written. */
  readonly pieces?: () => number;
  /** Says whether a row that is being written when its replica dies is torn, or not there at all. */
  readonly torn?: () => boolean;
  /** Whether every message is turned into bytes and back. */
  readonly codec?: boolean;
  /** Is told of everything that happens, a line each. */
  readonly trace?: (line: string) => void;
  /** Whether a session may be lost; where nothing makes sessions expire, it is a violation. */
  readonly lossAllowed?: boolean;
  /** Makes what the replicas run; absent: the machine that the history knows. */
  readonly machine?: () => StateMachine;
  /**
   * Gives the bytes that follow the number of a command, and the largest size of its output; absent: no bytes, and the
   * size of a number.
   */
  readonly command?: (number: number) => { readonly bytes: Uint8Array; readonly outputBytesMax: number };
  /** Absent: they seal nothing. */
  readonly sealing?: SealingOptions;
  /** Makes what is told of all that is executed and seen; absent: a history, which checks the claims. */
  readonly history?: () => History;
}

/** A disk that was read, and the requests that were executed for that. */
interface ReadDisk {
  readonly recovered: Recovered;
  readonly executed: readonly Executed[];
}

/** A world in which what replicas know outlives them. */
export class DurableWorld extends LyingWorld {
  /** Replicas whose halt is not a violation. */
  readonly mayHalt = new Set<ReplicaId>();
  /** By slot, in how many commits a checkpoint is written; absent: as the options say. */
  readonly pieces = new Map<number, number>();
  /** Whether nothing more fails by itself for now. */
  isCalm = false;
  readonly #options: WorldOptions;
  // By slot.
  #disks: SimDisk[] = [];
  // What a replica was about to do when its disk became slow.
  #unperformed = new Map<SimReplica, readonly ReplicaEffect[]>();
  // `--force-from` was used; and who was given up by it.
  #givenUp: GivenUp | undefined;
  readonly #abandoned = new Set<ReplicaId>();
  /** The mark of a clean stop, as the launcher keeps it. */
  cleanStop: CleanStop | undefined;
  #viewFloor = 0;
  #leftOut: readonly ReplicaId[] = [];
  #incarnation = 1;

  constructor(options: WorldOptions) {
    const machine = options.machine ?? (() => new DigestMachine());
    super({ machine, codec: options.codec, trace: options.trace });
    this.#options = options;
  }

  override startCluster(replicas: number, backup?: Backup): void {
    this.#givenUp = undefined;
    this.#abandoned.clear();
    this.#disks = Array.from({ length: replicas }, (_, slot) => this.#newDisk(slot));
    this.#incarnation = 1;
    this.cleanStop = undefined;
    this.#viewFloor = 0;
    this.#leftOut = [];
    super.startCluster(replicas, backup);
    // A cluster has started once what every replica begins with is on its disk.
    if (this.#options.durable) { for (const replica of this.replicas) this.turnOfReplica(replica); }
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    return super.startReplica({ ...start, durable: this.#options.durable });
  }

  // ---- What is told to who is made from this world ----

  /** The disk of a replica that is dead was read. */
  protected onDiskRead(_recovered: Recovered): void {}
  /** A replica that comes back has read a checkpoint, and has executed a request since. */
  protected onDiskRestored(_id: ReplicaId): void {}
  protected onDiskExecuted(_id: ReplicaId, _record: Executed): void {}
  /** A member comes back. */
  protected onReturned(_slot: number, _id: ReplicaId, _recovered: Recovered): void {}
  /** What the replica of a slot does not know is given up; `position`: up to where it has executed. */
  protected onForced(_slot: number, _position: () => Position): void {}
  /** A checkpoint begins, or is on the disk. */
  protected onCheckpointBegins(_replica: SimReplica): void {}
  protected onCheckpointed(_replica: SimReplica): void {}
  /** With what a replica reads the disk of a slot. */
  protected recoveryOf(slot: number): Pick<RecoveryOptions, "machine" | "history"> {
    return { machine: this.makeMachine(slot) };
  }
  /** What the disk of a slot has damaged, as an error says of it. @throws the error if it says something else. */
  protected damageOf(_slot: number, error: unknown): string {
    if (error instanceof DamagedDisk) return error.message;
    throw error;
  }
  /** The launcher has been started again. */
  protected onLaunched(): void {}

  #diskOf(replica: SimReplica): SimDisk | undefined {
    return this.#options.durable ? this.#disks[slotOf(replica.id)] : undefined;
  }

  /** What a disk holds; undefined: nothing. */
  #recover(disk: SimDisk): ReadDisk | undefined {
    const kept = disk.read();
    if (kept === undefined) return undefined;
    const executed: Executed[] = [];
    const begin = this.recoveryOf(this.#disks.indexOf(disk));
    const recovered = recover({
      ...kept,
      ...begin,
      onRestored: () => executed.splice(0),
      onExecuted: (record) => executed.push(record),
    });
    this.onDiskRead(recovered);
    return { recovered, executed };
  }

  /** The replica `id` is started with what a disk holds: what it has executed is checked, too. */
  #checkExecuted(id: ReplicaId, { executed }: ReadDisk): void {
    this.onDiskRestored(id);
    for (const record of executed) this.onDiskExecuted(id, record);
  }

  /**
   * All replicas are dead, and the same command starts the cluster again, or one that says from which slot. Returns why
   * it refuses to, or undefined.
   */
  coldStart(forceFrom?: number): string | undefined {
    if (this.living.length > 0) throw new Error("A cold start comes after all have died");
    const reads: (ReadDisk | undefined)[] = [];
    const read = (disk: SimDisk, slot: number): SlotFile => {
      try {
        const found = (reads[slot] = this.#recover(disk))?.recovered.found;
        return found === undefined ? { kind: "empty" } : { kind: "found", found };
      } catch (error) {
        return { kind: "damaged", reason: this.damageOf(slot, error) };
      }
    };
    const files = this.#disks.map(read);
    const plan = planColdStart({
      directory: "d",
      cluster: this.cluster,
      nextIncarnation: this.#incarnation,
      restoring: undefined,
      cleanStop: this.cleanStop,
      viewFloor: this.#viewFloor,
      leftOut: this.#leftOut,
      files,
      givenUp: this.#givenUp,
      forceFrom,
    });
    if (plan.kind === "refused") {
      this.trace?.(`(no cold start: ${plan.message.split("\n")[0]})`);
      return plan.message;
    }
    this.trace?.(`(cold start: ${plan.slots.map(({ role }) => role).join(" ")})`);
    this.#adopt(plan);
    if (forceFrom !== undefined) this.#giveUp(forceFrom, reads[forceFrom]!);
    this.onLaunched();
    const slots = plan.slots.flatMap((it, slot) => it.role === "recover" ? [{ id: it.id, slot }] : []);
    // Where there were several proposals of the last view, one of them is decided, and not all may be in it.
    const highest = files.flatMap((file) => file.kind === "found" ? [file.found.highest] : []);
    const v = Math.max(...highest.map((view) => view.v));
    const proposals = new Set(
      highest.filter((view) => view.v === v).map(({ members }) => members.map(({ id }) => id).join()),
    );
    if (proposals.size > 1) { for (const { id } of slots) this.mayHalt.add(id); }
    const members = slots.map(({ id, slot }) => ({ id, address: `r${slot}` })).sort((a, b) => a.id - b.id);
    for (const { id, slot } of slots) {
      const { recovered } = reads[slot]!;
      this.#checkExecuted(id, reads[slot]!);
      if (recovered.isMember) this.onReturned(slot, id, recovered);
      const replica = this.#startAgain(slot, { id, cluster: this.cluster, key: simulatedKey, members, recovered });
      if (replica === undefined) continue;
      this.replicas = this.replicas.filter((replica) => replica.id !== id);
      replica.tickedAtMs = this.nowMs;
      this.replicas.push(replica);
      for (const other of members) if (other.id !== id) replica.core.step({ kind: "peerLinked", id: other.id });
    }
    plan.slots.forEach(({ role }, slot) => {
      if (role === "join") this.startInSlot(slot);
    });
    return undefined;
  }

  /** A member that is alone executes at once: undefined if that needs what its disk has damaged. */
  #startAgain(
    slot: number,
    start: Omit<ReplicaOptions, "machine"> & { readonly recovered: Recovered },
  ): SimReplica | undefined {
    try {
      return this.startReplica({ ...start, machine: start.recovered.order.executor.machine, durable: true });
    } catch (error) {
      const damage = this.damageOf(slot, error);
      this.trace?.(`r${start.id} cannot start: ${damage}`);
      return undefined;
    }
  }

  /**
   * The launcher stops all: nothing more comes from clients, all that is on its way between replicas arrives, `rounds`
   * times, and then they end. Returns whether the stop was clean.
   */
  stopAll(rounds: number): boolean {
    for (const connection of this.connections) if (connection.replica.alive) this.breakLink(connection, () => 0);
    for (let round = 0; round < rounds; round++) {
      this.turnOfAll();
      for (const deliver of this.deliverable()) deliver();
    }
    for (const replica of this.living) {
      replica.core.end();
      this.turnOfReplica(replica);
    }
    const last = this.living.flatMap(({ stopped, core }) => stopped ? [] : core.found ?? []);
    for (const replica of this.living) this.crashReplica(replica, () => 0);
    this.cleanStop = cleanStopOf(last);
    if (this.cleanStop !== undefined) this.#viewFloor = this.cleanStop.v;
    this.trace?.(`(stop: ${this.cleanStop === undefined ? "not clean" : "clean"})`);
    return this.cleanStop !== undefined;
  }

  #adopt({ nextIncarnation, givenUp, cleanStop, viewFloor, leftOut, slots }: ColdStartPlan): void {
    this.cleanStop = cleanStop;
    this.#viewFloor = viewFloor;
    this.#leftOut = leftOut;
    this.#incarnation = Math.max(this.#incarnation, nextIncarnation);
    this.#givenUp = givenUp;
    slots.forEach((it, slot) => {
      if (it.role === "join" && it.isSetAside) {
        this.#disks[slot] = this.#newDisk(slot);
        for (const { id } of this.replicas) if (slotOf(id) === slot) this.#abandoned.add(id);
      }
    });
  }

  /** What the replica of this slot does not know is lost, and so is all that is still on its way. */
  #giveUp(slot: number, { recovered }: ReadDisk): void {
    this.forgetFrames();
    this.onForced(slot, () => recovered.order.position);
  }

  /** What clients have received they have seen, and what is still on its way to them is lost. */
  protected forgetFrames(): void {
    for (const { toClient } of this.connections) toClient.end(0);
    for (const client of this.clients) {
      const { stopped } = client;
      client.stopped = false;
      this.turnOfClient(client);
      client.stopped = stopped;
    }
  }

  /** Whether a replica was given up, though the view that it was in continues. */
  protected isAbandoned(id: ReplicaId): boolean {
    return this.#abandoned.has(id);
  }

  /** The launcher, when a view is installed: the members that do not live have failed. */
  protected tellAbandoned(replica: SimReplica, members: readonly Member[]): void {
    for (const { id } of members) if (this.#abandoned.has(id)) replica.core.step({ kind: "peerFailed", id });
  }

  #newDisk(slot: number): SimDisk {
    return new SimDisk(() => this.pieces.get(slot) ?? this.#options.pieces?.() ?? 1);
  }

  /** The disks, by slot. */
  get disks(): readonly SimDisk[] {
    return this.#disks;
  }

  override startNewcomer(): SimReplica | undefined {
    if (!this.#options.durable) return super.startNewcomer();
    const { vacant } = this;
    return this.startInSlot(vacant === undefined ? this.#disks.length : slotOf(vacant.id));
  }

  /** Starts a newcomer in a slot, with what the disk of the slot holds; undefined if that is damaged. */
  startInSlot(slot: number): SimReplica | undefined {
    const disk = this.#disks[slot] ??= this.#newDisk(slot);
    const self: Member = { id: replicaId(slot, this.#incarnation++), address: `r${slot}` };
    try {
      const read = this.#recover(disk);
      if (read !== undefined) this.#checkExecuted(self.id, read);
      return this.startJoining(self, { recovered: read?.recovered });
    } catch (error) {
      const damage = this.damageOf(slot, error);
      this.trace?.(`r${self.id} cannot start: ${damage}`);
      return undefined;
    }
  }

  /**
   * Lets a replica act. If `effects` is given, it dies after that many effects, or stops there for a while, as if its
   * disk were slow.
   */
  override turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    if (!replica.alive || replica.stopped) return;
    const left = this.#unperformed.get(replica);
    const disk = this.#diskOf(replica);
    if (replica.core.isAtRest && effects === Infinity && left === undefined && !disk?.isBusy) return;
    this.#unperformed.delete(replica);
    const ready = left === undefined ? replica.core.ready() : undefined;
    if (ready !== undefined) {
      replica.wantsLull = ready.wantsLull;
      if (disk !== undefined && !this.#commit(replica, disk, ready.writes, effects)) return;
      this.note(replica, ready);
      // It may die between the disk and the first thing that it says.
      if (ready.writes.length > 0) effects--;
    }
    const all = left ?? ready!.effects;
    for (const effect of all.slice(0, effects)) this.performForReplica(replica, effect);
    if (stall) {
      const rest = all.slice(effects);
      if (rest.length > 0) this.#unperformed.set(replica, rest);
      replica.stopped = true;
    } else if (effects !== Infinity) {
      this.crashReplica(replica, () => Infinity);
    }
  }

  /** Puts the writes on the disk before anything is sent; returns false if the replica dies before that. */
  #commit(replica: SimReplica, disk: SimDisk, writes: readonly DiskWrite[], effects: number): boolean {
    const isFirst = disk.isEmpty && replica.view > 0;
    const isDue = disk.isBusy || writes.length > 0;
    for (const write of writes) {
      if (write.kind === "journal") disk.append(write.bytes);
      else {
        disk.replace(write.snapshot);
        this.onCheckpointBegins(replica);
      }
    }
    if (isDue && effects === 0) {
      this.crashReplica(replica, () => Infinity);
      return false;
    }
    if (!isDue) return true;
    let isWhole = disk.commit();
    while (isFirst && !isWhole) isWhole = disk.commit();
    if (isWhole) {
      replica.core.step({ kind: "checkpointed" });
      this.onCheckpointed(replica);
    }
    return true;
  }

  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    this.#diskOf(replica)?.crash(this.#options.torn?.() ?? false);
    super.crashReplica(replica, keep);
  }

  /** Clients take one that was started by `--force-from` for another one. */
  override get cluster(): string {
    return this.#givenUp === undefined ? super.cluster : clusterIdOf(super.cluster, this.#givenUp);
  }
}
