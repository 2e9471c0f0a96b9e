/**
 * A simulated world that checks the claims: the world of `src/simulator`, with disks that replicas come back from, and
 * with checkers of all that is executed, seen and said.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { clusterIdOf, type GivenUp } from "../../src/cluster_id.ts";
import { type ColdStartPlan, planColdStart, type SlotFile } from "../../src/cluster/cold_start.ts";
import { cleanStopOf } from "../../src/cluster/cold_start_clean.ts";
import { followedBytesMax, recentBytesMax, replicaTickMs, sessionTtlMs } from "../../src/limits.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { ClientMessage, MeshMessage, Message, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import { flushCostMs, peace } from "../../src/protocol/replica/gate.ts";
import { recover, type Recovered } from "../../src/protocol/replica/recovery.ts";
import type { DiskWrite, ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import { allOf } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import { describe } from "../../src/simulator/describe.ts";
import type * as simulator from "../../src/simulator/processes.ts";
import { simulatedKey, World as PlainWorld } from "../../src/simulator/world.ts";
import type { CleanStop } from "../../src/storage/cluster_file.ts";
import type { ClientId, Member, ReplicaId } from "../../src/uid.ts";
import { replicaId, slotOf } from "../../src/uid.ts";
import { DamagedDisk, SimDisk } from "./disk.ts";
import { Expiry } from "./expiry.ts";
import { DigestMachine, History, readCommand, type Ticket, Violation } from "./history.ts";
import { Launcher } from "./launcher.ts";
import type { Liar } from "./liar.ts";
import { Sayings } from "./sayings.ts";

/** A client of a world that is checked. */
export type SimClient = simulator.SimClient<Ticket>;
/** A link of one. */
export type Connection = simulator.Connection<Ticket>;
/** A replica, which is the same in every world. */
export type SimReplica = simulator.SimReplica;

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
  /** Makes what is told of all that is executed and seen; absent: a history, which checks the claims. */
  readonly history?: () => History;
}

/** The cluster, its clients, the links between them, the disks, and the time. */
export class World extends PlainWorld<Ticket> {
  history = new History();
  /** Replicas whose halt is not a violation, and why those halted that did. */
  readonly mayHalt = new Set<ReplicaId>();
  readonly halted = new Map<ReplicaId, string>();
  /** Addresses of replicas whose disks were made to say something else than was: what they say is not checked. */
  readonly tampered = new Set<string>();
  /** By slot, in how many commits a checkpoint is written; absent: as the options say. */
  readonly pieces = new Map<number, number>();
  readonly #options: WorldOptions;
  readonly #machine: () => StateMachine;
  #nextCommand = 1;
  // By slot.
  #disks: SimDisk[] = [];
  // What a replica was about to do when its disk became slow.
  #unperformed = new Map<SimReplica, readonly ReplicaEffect[]>();
  // Replicas that came back with data of their own.
  readonly #hasData = new Set<ReplicaId>();
  // Replicas that know every request that was ever executed, and can give each one to a replica that missed it.
  readonly #knowsAll = new Set<ReplicaId>();
  // `--force-from` was used; and who was given up by it.
  #givenUp: GivenUp | undefined;
  readonly #abandoned = new Set<ReplicaId>();
  /** The mark of a clean stop, as the launcher keeps it. */
  cleanStop: CleanStop | undefined;
  #viewFloor = 0;
  #leftOut: readonly ReplicaId[] = [];
  #sayings = new Sayings();
  #expiry = new Expiry();
  // Links whose HELLO has arrived.
  readonly #greeted = new WeakSet<Connection>();
  readonly #liars = new Map<SimClient, Liar>();
  // By view, for how long others had waited for the client that was blamed for its end.
  readonly #blamed = new Map<number, number>();
  // How many members each view has: a replica that comes back may end its view before it tells what it executes in it.
  readonly #memberCounts = new Map<number, number>();
  #incarnation = 1;
  #launcher = new Launcher(0);

  constructor(options: WorldOptions) {
    const machine = options.machine ?? (() => new DigestMachine());
    super({ machine, codec: options.codec, trace: options.trace });
    this.#options = options;
    this.#machine = machine;
    this.startCluster(options.replicas);
  }

  override startCluster(replicas: number, backup?: Backup): void {
    if (backup !== undefined) this.#forgetFrames();
    if (backup === undefined) this.history = this.#options.history?.() ?? new History();
    else this.history = this.history.successor(backup, new DigestMachine(), this.#nextCommand);
    this.#sayings = new Sayings();
    this.#givenUp = undefined;
    this.#abandoned.clear();
    this.#expiry = new Expiry();
    this.#disks = Array.from({ length: replicas }, (_, slot) => this.#newDisk(slot));
    this.#blamed.clear();
    this.#memberCounts.clear();
    this.#memberCounts.set(1, replicas);
    this.#incarnation = 1;
    this.cleanStop = undefined;
    this.#viewFloor = 0;
    this.#leftOut = [];
    this.#launcher = new Launcher(this.nowMs);
    this.#hasData.clear();
    this.#knowsAll.clear();
    super.startCluster(replicas, backup);
    // A cluster has started once what every replica begins with is on its disk.
    if (this.#options.durable) { for (const replica of this.replicas) this.turnOfReplica(replica); }
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    const { id, joining, recovered } = start;
    if (recovered !== undefined) this.#hasData.add(id);
    const knowsAll = recovered === undefined
      ? !joining
      : recovered.order.recent.after({ v: 1, requests: 0, digest: 0 }) !== undefined;
    if (knowsAll) this.#knowsAll.add(id);
    else this.#knowsAll.delete(id);
    return super.startReplica({ ...start, durable: this.#options.durable });
  }

  /**
   * A turn of the launcher, which kills a replica that hangs, and one of two whose link is broken.
   *
   * @param answers whether a running replica has answered its ping by now.
   * @param keep how many frames still arrive on a link of a killed replica, out of those under way.
   */
  look(answers: () => boolean, keep: (length: number) => number): void {
    this.#launcher.look(this.nowMs, this.replicas, answers, (replica) => {
      this.trace?.(`(the launcher kills ${replica.name})`);
      this.crashReplica(replica, keep);
    });
  }

  /** Whether the history can tell what is given up, and what was in a backup. */
  get isPlain(): boolean {
    return this.#options.history === undefined;
  }

  /** Clients take one that was started by `--force-from` for another one. */
  override get cluster(): string {
    return this.#givenUp === undefined ? super.cluster : clusterIdOf(super.cluster, this.#givenUp);
  }

  /** A backup, from a replica that can give one that has all that was seen so far; undefined: there is none. */
  backup(): Backup | undefined {
    const { seen } = this.history;
    const replica = this.living.find(({ core, stopped }) =>
      !stopped && core.database !== undefined && core.database.executed >= seen
    );
    if (replica !== undefined) this.turnOfReplica(replica);
    const copy = replica?.core.database?.copy();
    if (copy === undefined) return undefined;
    const backup = { executed: copy.executed, bytes: allOf(copy.snapshot) };
    this.history.copied(backup, seen, new DigestMachine());
    return backup;
  }

  /** Another process begins to use the session of a client, as if its secret had been copied before it was used. */
  addTwin(client: SimClient): SimClient {
    this.history.shared.add(client.id);
    return this.addClient(client.id, `${client.name}'`);
  }

  /** Whether two processes use the session of this client. */
  isShared({ id }: SimClient): boolean {
    return this.history.shared.has(id);
  }

  /** Passes enough time without any message that the sessions of clients without a link may expire. */
  idle(): void {
    const isLinked = (client: SimClient, replica: SimReplica) =>
      this.connections.some((it) =>
        it.client.id === client.id && it.replica === replica && !it.toReplica.isOver && this.#greeted.has(it)
      );
    const running = this.living.filter(({ stopped }) => !stopped);
    this.trace?.("(an hour passes)");
    for (const replica of running) {
      for (const client of this.clients) {
        if (!isLinked(client, replica)) this.#expiry.missed(client.id, replica.id);
      }
      for (let passed = 0; passed <= sessionTtlMs; passed += replicaTickMs) {
        replica.core.step({ kind: "tick", elapsedMs: replicaTickMs });
      }
    }
    this.nowMs += sessionTtlMs;
    for (const replica of running) replica.tickedAtMs = this.nowMs;
  }

  #diskOf(replica: SimReplica): SimDisk | undefined {
    return this.#options.durable ? this.#disks[slotOf(replica.id)] : undefined;
  }

  /**
   * What a disk holds; undefined: nothing. What the replica `id` executes when it is started with it is checked, too.
   */
  #recover(disk: SimDisk, id?: ReplicaId): Recovered | undefined {
    const kept = disk.read();
    if (kept === undefined) return undefined;
    const machine = this.#machine();
    if (id === undefined) {
      const recovered = recover({ ...kept, machine });
      if (this.#isChecked(`r${slotOf(recovered.id)}`)) this.#sayings.check(`r${recovered.id}`, recovered);
      return recovered;
    }
    return recover({
      ...kept,
      machine,
      onRestored: () => this.history.restored(id),
      onExecuted: (record) => this.history.executed(id, record, false),
    });
  }

  /**
   * All replicas are dead, and the same command starts the cluster again, or one that says from which slot. Returns why
   * it refuses to, or undefined.
   */
  coldStart(forceFrom?: number): string | undefined {
    if (this.living.length > 0) throw new Error("A cold start comes after all have died");
    const read = (disk: SimDisk): SlotFile => {
      try {
        const found = this.#recover(disk)?.found;
        return found === undefined ? { kind: "empty" } : { kind: "found", found };
      } catch (error) {
        if (error instanceof DamagedDisk) return { kind: "damaged", reason: error.message };
        throw error;
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
    if (forceFrom !== undefined) this.#giveUp(forceFrom);
    this.#launcher = new Launcher(this.nowMs);
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
      this.replicas = this.replicas.filter((replica) => replica.id !== id);
      const disk = this.#disks[slot];
      const recovered = this.#recover(disk, id)!;
      if (this.#isChecked(`r${slot}`) && recovered.isMember) {
        const { position, pending } = recovered.order;
        const has = (client: ClientId, seq: number) =>
          [...pending].some((it) => it.client === client && it.seq === seq);
        this.history.recovered(`r${id}`, position, has);
      }
      const replica = this.startReplica({
        id,
        cluster: this.cluster,
        key: simulatedKey,
        members,
        machine: this.#machine(),
        durable: true,
        recovered,
      });
      replica.tickedAtMs = this.nowMs;
      this.replicas.push(replica);
      for (const other of members) if (other.id !== id) replica.core.step({ kind: "peerLinked", id: other.id });
    }
    plan.slots.forEach(({ role }, slot) => {
      if (role === "join") this.startInSlot(slot);
    });
    return undefined;
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
  #giveUp(slot: number): void {
    this.#forgetFrames();
    if (!this.isPlain || this.tampered.has(`r${slot}`)) return;
    const { order } = this.#recover(this.#disks[slot])!;
    this.history.fork(`r${slot}`, order.position, this.#nextCommand);
  }

  /** What clients have received they have seen, and what is still on its way to them is lost. */
  #forgetFrames(): void {
    for (const { toClient } of this.connections) toClient.end(0);
    for (const client of this.clients) {
      const { stopped } = client;
      client.stopped = false;
      this.turnOfClient(client);
      client.stopped = stopped;
    }
  }

  /** The launcher, when a view is installed: the members that do not live have failed. */
  #tellAbandoned(replica: SimReplica, members: readonly Member[]): void {
    for (const { id } of members) if (this.#abandoned.has(id)) replica.core.step({ kind: "peerFailed", id });
  }

  /** Whether what a replica says of itself must be so. */
  #isChecked(address: string): boolean {
    return this.#options.history === undefined && !this.tampered.has(address);
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
      this.#recover(disk);
      return this.startJoining(self, { recovered: this.#recover(disk, self.id) });
    } catch (error) {
      if (!(error instanceof DamagedDisk)) throw error;
      this.trace?.(`r${self.id} cannot start: ${error.message}`);
      return undefined;
    }
  }

  /** The bytes of a command that nobody has submitted yet. */
  newCommand(): Uint8Array {
    const writer = new ByteWriter(8);
    writer.varint(this.#nextCommand++);
    return writer.view();
  }

  /** Submits some commands. */
  submit(client: SimClient, count = 1): void {
    for (let k = 0; k < count; k++) {
      const command = this.#nextCommand++;
      const writer = new ByteWriter(8);
      writer.varint(command);
      const { bytes, outputBytesMax } = this.#options.command?.(command) ??
        { bytes: new Uint8Array(0), outputBytesMax: 16 };
      writer.raw(bytes);
      const ticket = { client: client.id, command, seenBefore: this.history.seen };
      this.submitCommand(client, writer.view(), ticket, outputBytesMax);
      this.trace?.(`${client.name} submits ${command}`);
    }
  }

  /** Asks for what the machine holds. */
  read(client: SimClient): void {
    const ticket = { client: client.id, command: 0, seenBefore: this.history.seen, after: this.#nextCommand };
    this.readCommand(client, readCommand, ticket, 16);
    this.trace?.(`${client.name} reads`);
  }

  // ---- Turns ----

  /**
   * Lets a replica act. If `effects` is given, it dies after that many effects, or stops there for a while, as if its
   * disk were slow.
   */
  override turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    if (!replica.alive || replica.stopped) return;
    const left = this.#unperformed.get(replica);
    this.#unperformed.delete(replica);
    const ready = left === undefined ? replica.core.ready() : undefined;
    if (ready !== undefined) {
      replica.wantsLull = ready.wantsLull;
      const disk = this.#diskOf(replica);
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
      else disk.replace(write.snapshot);
    }
    if (isDue && effects === 0) {
      this.crashReplica(replica, () => Infinity);
      return false;
    }
    if (!isDue) return true;
    let isWhole = disk.commit();
    while (isFirst && !isWhole) isWhole = disk.commit();
    if (isWhole) replica.core.step({ kind: "checkpointed" });
    return true;
  }

  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    this.#diskOf(replica)?.crash(this.#options.torn?.() ?? false);
    super.crashReplica(replica, keep);
  }

  // ---- What is checked ----

  protected override onExecuted(replica: SimReplica, record: Executed): void {
    this.history.executed(replica.id, record, this.#memberCounts.get(record.v) === 1);
  }

  protected override onRestored(replica: SimReplica): void {
    this.history.restored(replica.id);
    this.#knowsAll.delete(replica.id);
  }

  protected override onInstalled(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "installed" },
    effects: readonly ReplicaEffect[],
  ): void {
    this.#memberCounts.set(effect.v, effect.members.length);
    this.#checkDigests(replica, effect, effects);
    this.#tellAbandoned(replica, effect.members);
  }

  /** Members of a view tell each other what they have executed. */
  #checkDigests(
    replica: SimReplica,
    { v, members }: ReplicaEffect & { kind: "installed" },
    effects: readonly ReplicaEffect[],
  ): void {
    const told = new Set<ReplicaId>();
    for (const effect of effects) {
      if (effect.kind !== "toReplica" || effect.message.kind !== "DIGEST") continue;
      if (effect.message.position.v === v) told.add(effect.to);
    }
    for (const { id } of members) {
      if (id === replica.id || told.has(id) || replica.said.has(id) || this.#abandoned.has(id)) continue;
      if (!this.replicas.some((other) => other.id === id && other.alive)) continue;
      throw new Violation(`${replica.name} does not tell r${id} its digest at the start of view ${v}`);
    }
  }

  /** A replica must tell its true position, and send a replica that has data only what that one has missed. */
  protected override onMesh(replica: SimReplica, to: ReplicaId, message: MeshMessage): void {
    this.#sayings.hear(replica.id, message);
    if (message.kind === "ALARM" && message.blame !== undefined) {
      const { v, blame: { waitedMs } } = message;
      this.#blamed.set(v, Math.max(this.#blamed.get(v) ?? 0, waitedMs));
    }
    if (message.kind === "ACCEPT" && !this.#options.lossAllowed) {
      const { v, expired } = message.decision;
      this.#expiry.check(expired, this.living.filter(({ view }) => view === v - 1));
    }
    if (!this.#isChecked(replica.address)) return;
    if (message.kind === "DIGEST" || (message.kind === "JOIN" && message.position !== undefined)) {
      this.history.standing(replica.name, message.position!);
    }
    if (
      message.kind !== "PIECE" || Math.min(recentBytesMax, followedBytesMax) < 2 ** 20 ||
      !this.#knowsAll.has(replica.id)
    ) return;
    const other = this.replicas.find(({ id }) => id === to);
    if (other === undefined || !this.#hasData.has(to) || this.tampered.has(other.address)) return;
    throw new Violation(`${replica.name} sends ${other.name} a snapshot, which has data of its own`);
  }

  protected override onReply(replica: SimReplica, message: ReplyMessage): void {
    if (message.kind === "VIEW" && message.forgot > 0) this.#expiry.hasExpired = true;
    this.#sayings.hear(replica.id, message);
  }

  protected override onDelivered(_from: string, to: string, message: Message | undefined): void {
    if (message?.kind !== "DELTA" && message?.kind !== "PIECE") return;
    this.#sayings.fed(this.replicas.find(({ name }) => name === to)!.id, message.v);
  }

  override deliverToReplica(connection: Connection): void {
    const message = connection.toReplica.peek();
    if (message?.kind === "HELLO") {
      const { client, replica, atReplica: link } = connection;
      if (this.#greeted.has(connection)) {
        // Only the first frame of a link can open it.
        connection.toReplica.take();
        return replica.core.step({ kind: "fromClient", link, message });
      }
      this.#greeted.add(connection);
      // What a frozen replica has reported is final.
      const isKnown = !this.#expiry.isEmpty && !replica.core.status().frozen;
      if (isKnown && (message.cluster ?? this.cluster) === this.cluster) this.#expiry.linked(client.id, replica.id);
    }
    super.deliverToReplica(connection);
  }

  /** What the ends of all views have cost at most that some client was blamed for, as the gate counts it (R10). */
  get owedMs(): number {
    // Where there is one member only, nobody hears of the blame, and nobody has waited.
    const views = Math.max(...this.replicas.map(({ view }) => view));
    let waitedMs = 0;
    for (const ms of this.#blamed.values()) waitedMs += ms;
    return peace * (waitedMs + views * flushCostMs);
  }

  // ---- Clients that lie ----

  /** From now on a client sends whatever this liar likes. What it has sent before is on its way. */
  corrupt(client: SimClient, liar: Liar): void {
    this.trace?.(`${client.name} begins to lie`);
    this.#liars.set(client, liar);
    // It may begin its session again after it has ended it.
    this.history.shared.add(client.id);
    // It reads without waiting for anybody.
    client.waiting = 0;
  }

  /** Whether a client has begun to lie: the claims promise it nothing. */
  isLying(client: SimClient): boolean {
    return this.#liars.has(client);
  }

  /** A liar sends a frame. */
  lie({ client, replica, toReplica }: Connection, message: ClientMessage): void {
    this.trace?.(`${client.name} lies to ${replica.name}: ${describe(message)}`);
    this.push(toReplica, message);
  }

  override deliverToClient(connection: Connection): void {
    const liar = this.#liars.get(connection.client);
    if (liar === undefined) return super.deliverToClient(connection);
    const message = connection.toClient.take();
    this.onDelivered(connection.replica.name, connection.client.name, message);
    if (message === undefined) connection.toReplica.end();
    else liar.received(connection, message);
  }

  override turnOfClient(client: SimClient, effects = Infinity): void {
    if (!this.isLying(client)) super.turnOfClient(client, effects);
    else if (effects !== Infinity) this.crashClient(client, () => Infinity);
  }

  protected override onHalt(replica: SimReplica, reason: string): void {
    if (!this.mayHalt.has(replica.id)) throw new Violation(`replica ${replica.id} halted: ${reason}`);
    this.halted.set(replica.id, reason);
  }

  protected override onOutputs(
    _: SimClient,
    tickets: readonly Ticket[],
    outputs: Uint8Array,
    index: number,
  ): void {
    this.history.output(tickets, outputs, index);
  }

  protected override onValues(_: SimClient, tickets: readonly Ticket[], outputs: Uint8Array, index: number): void {
    this.history.values(tickets, outputs, index);
  }

  protected override onNotSent(tickets: readonly Ticket[]): void {
    this.history.notExecuted(tickets);
  }

  protected override onLost(client: SimClient, reason: string): void {
    const { cluster } = client.core;
    const isOfAnother = cluster !== undefined && cluster !== this.cluster;
    if (this.#options.lossAllowed || isOfAnother || this.#expiry.mayBeLost(client.id) || this.isShared(client)) return;
    // V10: it cannot tell the end of another's session from that of its own.
    if (this.#expiry.hasExpired && !this.history.hasExecuted(client.id)) return;
    throw new Violation(`client ${client.name} lost its session: ${reason}`);
  }
}
