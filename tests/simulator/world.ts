/**
 * A whole cluster and its clients in one process: the code of `src/protocol`, with links, failures and time in the hands
 * of whoever drives the world. Only `src/net` is replaced.
 *
 * Every operation is one thing that can happen: a message is delivered, a process crashes, time passes. A node that was
 * touched acts when {@link World.turn} lets it: that is where its effects go out, all of them or, as a crash may strike
 * in the middle of a broadcast, only the first few.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { followedBytesMax, recentBytesMax } from "../../src/limits.ts";
import { emptyBatch } from "../../src/protocol/batch.ts";
import { decode, encode } from "../../src/protocol/codec.ts";
import type { Kind, MeshMessage, Message } from "../../src/protocol/messages.ts";
import type { LinkId } from "../../src/protocol/channel.ts";
import type { Executed } from "../../src/protocol/executor.ts";
import type { ReplicaEffect } from "../../src/protocol/replica_events.ts";
import { Transmitter } from "../../src/protocol/transmitter.ts";
import type { TransmitterEffect } from "../../src/protocol/transmitter_events.ts";
import type { StateMachine } from "../../src/protocol/state_machine.ts";
import type { ClientId, Member, ReplicaId } from "../../src/uid.ts";
import type { GivenUp } from "../../src/cluster/cluster_id.ts";
import { type Plan, planColdStart, type SlotFile } from "../../src/cluster/cold_start.ts";
import { Recovered } from "../../src/protocol/recovery.ts";
import { replicaId, slotOf } from "../../src/uid.ts";
import { DamagedDisk, SimDisk } from "./disk.ts";
import { DigestMachine, History, type Ticket, Violation } from "./history.ts";
import { describe } from "./describe.ts";
import { endOfPipe, Pipe } from "./pipe.ts";
import { Sayings } from "./sayings.ts";
import { type Connection, newClient, newReplica, type SimClient, type SimReplica } from "./processes.ts";

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
  /** Says what stands behind the number of a command, and bytes of its output; absent: nothing, and those of a number. */
  readonly command?: (number: number) => { readonly bytes: Uint8Array; readonly outputBytesMax: number };
  /** Makes what is told of all that is executed and seen; absent: a history, which checks the claims. */
  readonly history?: () => History;
}

/** The cluster, its clients, the links between them, and the time. */
export class World {
  /** How many messages of each kind were sent. */
  readonly sent = new Map<Kind, number>();
  readonly clients: SimClient[] = [];
  readonly connections: Connection[] = [];
  replicas: SimReplica[] = [];
  history = new History();
  /** Replicas whose halt is no violation, and why those halted that did. */
  readonly mayHalt = new Set<ReplicaId>();
  readonly halted = new Map<ReplicaId, string>();
  /** Addresses of replicas whose disks were made to say something else than was: what they say is not checked. */
  readonly tampered = new Set<string>();
  /** By slot, in how many commits a checkpoint is written; absent: as the options say. */
  readonly pieces = new Map<number, number>();
  readonly #options: WorldOptions;
  readonly #codec: boolean;
  readonly #lossAllowed: boolean;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #writer = new ByteWriter();
  #nextLink = 1;
  #nextCommand = 1;
  #clusters = 0;
  // By slot.
  #disks: SimDisk[] = [];
  // `--force-from` was used; and who was given up by it.
  #givenUp: GivenUp | undefined;
  readonly #abandoned = new Set<ReplicaId>();
  readonly #sayings = new Sayings();
  #incarnation = 1;
  nowMs = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#codec = options.codec ?? false;
    this.#trace = options.trace;
    this.#lossAllowed = options.lossAllowed ?? false;
    this.startCluster(options.replicas);
  }

  /** Starts a cluster, where one runs already after all its replicas have died: at the same addresses, and empty. */
  startCluster(replicas: number): void {
    this.#clusters++;
    const cluster = this.#cluster;
    const members: Member[] = [];
    for (let id = 0; id < replicas; id++) members.push({ id, address: `r${id}` });
    const { machine, history } = this.#options;
    this.history = history?.() ?? new History();
    this.#disks = members.map(({ id }) => this.#newDisk(id));
    this.#incarnation = 1;
    this.replicas = members.map(({ id }) =>
      newReplica({
        id,
        cluster,
        members,
        machine: machine?.(),
        disk: this.#options.durable ? this.#disks[id] : undefined,
      })
    );
    // A cluster has started once what every replica begins with is on its disk.
    if (this.#options.durable) { for (const replica of this.replicas) this.turnOfReplica(replica); }
  }

  get #cluster(): string {
    return "cdef"[this.#clusters - 1].repeat(32);
  }

  /** What a disk holds; undefined: nothing. What the replica `id` executes when it is started with it is checked, too. */
  #recover(disk: SimDisk, id?: ReplicaId): Recovered | undefined {
    const kept = disk.read();
    if (kept === undefined) return undefined;
    const machine = this.#options.machine?.() ?? new DigestMachine();
    if (id === undefined) {
      const recovered = new Recovered({ ...kept, machine });
      if (this.#isChecked(`r${slotOf(recovered.id)}`)) this.#sayings.check(`r${recovered.id}`, recovered);
      return recovered;
    }
    return new Recovered({
      ...kept,
      machine,
      onRestored: () => this.history.restored(id),
      onExecuted: (record) => this.history.executed(id, record, false),
    });
  }

  /**
   * All replicas are dead, and the same command starts the cluster again, or one that says from which slot. Returns why it
   * refuses to, or undefined.
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
      cluster: this.#cluster,
      nextIncarnation: this.#incarnation,
      restoring: undefined,
      files,
      givenUp: this.#givenUp,
      forceFrom,
    });
    if (plan.kind === "refused") {
      this.#trace?.(`(no cold start: ${plan.message.split("\n")[0]})`);
      return plan.message;
    }
    this.#trace?.(`(cold start: ${plan.slots.map(({ role }) => role).join(" ")})`);
    this.#adopt(plan);
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
      const replica = newReplica({
        id,
        cluster: this.#cluster,
        members,
        machine: this.#options.machine?.(),
        disk,
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

  #adopt({ nextIncarnation, givenUp, slots }: Plan): void {
    this.#incarnation = Math.max(this.#incarnation, nextIncarnation);
    this.#givenUp = givenUp;
    slots.forEach((it, slot) => {
      if (it.role === "join" && it.isSetAside) {
        this.#disks[slot] = this.#newDisk(slot);
        for (const { id } of this.replicas) if (slotOf(id) === slot) this.#abandoned.add(id);
      }
    });
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

  /** The replicas that live, stopped or not. */
  get living(): SimReplica[] {
    return this.replicas.filter(({ alive }) => alive);
  }

  /** The replicas that live and are members: one of them must always be left. */
  get livingMembers(): SimReplica[] {
    return this.replicas.filter(({ alive, view }) => alive && view > 0);
  }

  /** Starts a replica that asks to be let in, with links to all that live; undefined if its disk is damaged. */
  startNewcomer(): SimReplica | undefined {
    const others = this.living;
    const isTaken = ({ address }: { address: string }) => others.some((other) => other.address === address);
    const vacant = this.replicas.find((replica) => !replica.alive && !isTaken(replica));
    return this.#options.durable
      ? this.startInSlot(vacant === undefined ? this.#disks.length : slotOf(vacant.id))
      : this.#startJoining({ id: this.replicas.length, address: vacant?.address ?? `r${this.replicas.length}` });
  }

  /** Starts a newcomer in a slot, with what the disk of the slot holds; undefined if that is damaged. */
  startInSlot(slot: number): SimReplica | undefined {
    const disk = this.#disks[slot] ??= this.#newDisk(slot);
    const self = { id: replicaId(slot, this.#incarnation++), address: `r${slot}` };
    try {
      this.#recover(disk);
      return this.#startJoining(self, disk, this.#recover(disk, self.id));
    } catch (error) {
      if (!(error instanceof DamagedDisk)) throw error;
      this.#trace?.(`r${self.id} cannot start: ${error.message}`);
      return undefined;
    }
  }

  #startJoining(self: Member, disk?: SimDisk, recovered?: Recovered): SimReplica {
    const { id } = self;
    const others = this.living;
    const members = [...others.map((other) => ({ id: other.id, address: other.address })), self];
    const newcomer = newReplica({
      id,
      cluster: this.#cluster,
      members,
      machine: this.#options.machine?.(),
      joining: true,
      disk,
      recovered,
    });
    newcomer.tickedAtMs = this.nowMs;
    this.#trace?.(`${newcomer.name} starts`);
    this.replicas.push(newcomer);
    for (const other of others) {
      other.from.set(id, new Pipe());
      newcomer.core.step({ kind: "peerLinked", id: other.id });
      other.core.step({ kind: "peerLinked", id });
    }
    return newcomer;
  }

  // ---- Clients ----

  /** Starts a client process; ids decide ties between timestamps. */
  addClient(id: ClientId, name: string): SimClient {
    const core = new Transmitter<Ticket>({
      secret: id + id,
      client: id,
      addresses: this.replicas.map(({ name }) => name),
    });
    core.step({ kind: "tick", nowMs: this.nowMs });
    const client = newClient(id, name, core);
    this.clients.push(client);
    return client;
  }

  /** Connects a client to a replica that it wants a link to; the replica that listens there must live. */
  connect(client: SimClient, address: string): Connection | undefined {
    const replica = this.replicas.find((replica) => replica.alive && replica.address === address);
    if (replica === undefined) return undefined;
    const connection: Connection = {
      client,
      replica,
      address,
      atClient: this.#nextLink++,
      atReplica: this.#nextLink++,
      toReplica: new Pipe(),
      toClient: new Pipe(),
    };
    this.connections.push(connection);
    client.core.step({ kind: "linkOpened", link: connection.atClient, address });
    return connection;
  }

  /** Whether nobody lives at any address that the client knows of. */
  isStranded(client: SimClient): boolean {
    const known = new Set([...client.core.members.map(({ address }) => address), ...client.core.wanted()]);
    return !this.living.some(({ address }) => known.has(address));
  }

  /** Submits some commands. */
  submit(client: SimClient, count = 1): void {
    for (let k = 0; k < count; k++) {
      const command = this.#nextCommand++;
      const writer = new ByteWriter(8);
      writer.varint(command);
      const { bytes, outputBytesMax } = this.#options.command?.(command) ?? { bytes: emptyBatch, outputBytesMax: 16 };
      writer.raw(bytes);
      client.core.submit(writer.view(), outputBytesMax, { client: client.id, command, seenBefore: this.history.seen });
      client.waiting++;
      this.#trace?.(`${client.name} submits ${command}`);
    }
  }

  // ---- Delivery ----

  /**
   * The pipes from which something can be delivered now, each as what delivers its head.
   *
   * @param passes whether frames may travel between these two; it is given their names.
   */
  deliverable(passes: (from: string, to: string) => boolean = () => true): (() => void)[] {
    const found: (() => void)[] = [];
    for (const replica of this.replicas) {
      if (!replica.alive || replica.stopped) continue;
      for (const [from, pipe] of replica.from) {
        if (pipe.hasNext && passes(`r${from}`, replica.name)) found.push(() => this.deliverMesh(from, replica));
      }
    }
    for (const connection of this.connections) {
      const { client, replica, toReplica, toClient } = connection;
      if (
        toReplica.hasNext && replica.alive && !replica.stopped && !replica.core.isHeld(connection.atReplica) &&
        passes(client.name, replica.name)
      ) {
        found.push(() => this.deliverToReplica(connection));
      }
      if (toClient.hasNext && client.alive && !client.stopped && passes(replica.name, client.name)) {
        found.push(() => this.deliverToClient(connection));
      }
    }
    return found;
  }

  /** Delivers the next frame, or the end, between two replicas. */
  deliverMesh(from: ReplicaId, to: SimReplica): void {
    const message = to.from.get(from)!.take();
    if (message === endOfPipe) {
      to.ended.add(from);
      this.#trace?.(`  r${from} -> ${to.name}: (end)`);
      return this.#peerFailed(to, from);
    }
    this.#trace?.(`  r${from} -> ${to.name}: ${describe(message)}`);
    if (message.kind === "DELTA" || message.kind === "PIECE") this.#sayings.fed(to.id);
    to.core.step({ kind: "fromPeer", from, message });
  }

  /** Delivers the next frame, or the end, from a client. */
  deliverToReplica(connection: Connection): void {
    const { client, replica, atReplica: link, toReplica } = connection;
    const message = toReplica.take();
    if (message === endOfPipe) {
      this.#trace?.(`  ${client.name} -> ${replica.name}: (end)`);
      replica.core.step({ kind: "linkClosed", link });
      connection.toClient.end();
      return;
    }
    this.#trace?.(`  ${client.name} -> ${replica.name}: ${describe(message)}`);
    if (message.kind === "HELLO") {
      const { secret, cluster, done } = message;
      replica.core.step({ kind: "hello", link, client: secret.slice(0, 32), cluster, done });
    } else {
      replica.core.step({ kind: "fromClient", link, message });
    }
  }

  /** Delivers the next frame, or the end, to a client. */
  deliverToClient(connection: Connection): void {
    const { client, replica, atClient: link, toClient } = connection;
    const message = toClient.take();
    client.core.step({ kind: "tick", nowMs: this.nowMs });
    if (message === endOfPipe) {
      this.#trace?.(`  ${replica.name} -> ${client.name}: (end)`);
      client.core.step({ kind: "linkClosed", link });
      connection.toReplica.end();
      return;
    }
    this.#trace?.(`  ${replica.name} -> ${client.name}: ${describe(message)}`);
    client.core.step({ kind: "received", link, message });
  }

  // ---- Turns ----

  /**
   * Lets a replica act; it dies after its first `effects` effects, if so many are given, or stops there for a while, as
   * if its disk were slow.
   */
  turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    if (!replica.alive || replica.stopped) return;
    const ready = replica.unperformed.length > 0 ? replica.unperformed : replica.core.ready();
    const isNew = ready !== replica.unperformed;
    replica.unperformed = [];
    const { disk } = replica;
    if (isNew && disk !== undefined && !this.#commit(replica, disk, ready, effects)) return;
    for (const effect of isNew ? ready : []) {
      // What was executed was executed, whether or not the process lives to tell of it.
      if (effect.kind === "executed") {
        this.#trace?.(`${replica.name} executes ${this.#describeExecuted(effect.record)}`);
        this.history.executed(replica.id, effect.record, replica.members === 1 && effect.record.v === replica.view);
      } else if (effect.kind === "restored") {
        this.history.restored(replica.id);
        replica.knowsAll = false;
      } else if (effect.kind === "installed") {
        replica.view = effect.v;
        replica.members = effect.members.length;
        this.#checkDigests(replica, effect, ready);
        this.#tellAbandoned(replica, effect.members);
      }
    }
    ready.slice(0, effects).forEach((effect) => this.#performForReplica(replica, effect));
    if (stall) {
      replica.unperformed = ready.slice(effects);
      replica.stopped = true;
    } else if (effects !== Infinity) {
      this.crashReplica(replica, () => Infinity);
    }
  }

  /** What is said is on the disk: false if the replica dies before it is. */
  #commit(replica: SimReplica, disk: SimDisk, ready: readonly ReplicaEffect[], effects: number): boolean {
    const isFirst = disk.isEmpty && replica.view > 0;
    let isDue = disk.isBusy;
    let isLate = false;
    for (const effect of ready) {
      if (effect.kind !== "journal" && effect.kind !== "checkpoint") {
        isLate = true;
        continue;
      }
      if (isLate) throw new Violation(`${replica.name} says something before what it asserts is on its disk`);
      if (effect.kind === "journal") disk.append(effect.bytes);
      else disk.replace(effect.bytes);
      isDue = true;
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

  /** Members of a view tell each other what they have executed. */
  #checkDigests(
    replica: SimReplica,
    { v, members }: ReplicaEffect & { kind: "installed" },
    ready: readonly ReplicaEffect[],
  ): void {
    const told = new Set<ReplicaId>();
    for (const effect of ready) {
      if (effect.kind !== "toReplica" || effect.message.kind !== "DIGEST") continue;
      if (effect.message.position.v === v) told.add(effect.to);
    }
    for (const { id } of members) {
      if (id === replica.id || told.has(id) || replica.said.has(id) || this.#abandoned.has(id)) continue;
      if (!this.replicas.some((other) => other.id === id && other.alive)) continue;
      throw new Violation(`${replica.name} does not tell r${id} its digest at the start of view ${v}`);
    }
  }

  /** What a replica says of where it is must be so; and who has data of its own is sent what it has missed, not all. */
  #checkMesh(replica: SimReplica, to: ReplicaId, message: MeshMessage): void {
    this.#sayings.hear(replica.id, message);
    if (!this.#isChecked(replica.address)) return;
    if (message.kind === "DIGEST" || (message.kind === "JOIN" && message.position !== undefined)) {
      this.history.standing(replica.name, message.position!);
    }
    if (message.kind !== "PIECE" || Math.min(recentBytesMax, followedBytesMax) < 2 ** 20 || !replica.knowsAll) return;
    const other = this.replicas.find(({ id }) => id === to);
    if (other === undefined || !other.hasData || this.tampered.has(other.address)) return;
    throw new Violation(`${replica.name} sends ${other.name} a snapshot, which has data of its own`);
  }

  /** Lets a client act; it dies after its first `effects` effects, if so many are given. */
  turnOfClient(client: SimClient, effects = Infinity): void {
    if (!client.alive || client.stopped) return;
    for (const effect of client.core.ready().slice(0, effects)) this.#performForClient(client, effect);
    if (effects !== Infinity) this.crashClient(client, () => Infinity);
  }

  /** Lets everybody act. */
  turnOfAll(): void {
    for (const replica of this.replicas) this.turnOfReplica(replica);
    for (const client of this.clients) this.turnOfClient(client);
  }

  #performForReplica(replica: SimReplica, effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "toClient":
        this.#sayings.hear(replica.id, effect.message, this.#connection(replica, effect.link)?.client.id);
        return this.#connection(replica, effect.link)?.toClient.push(this.#carry(effect.message));
      case "toReplica":
        this.#checkMesh(replica, effect.to, effect.message);
        return this.replicas.find(({ id }) => id === effect.to)?.from.get(replica.id)?.push(
          this.#carry(effect.message),
        );
      case "closeLink": {
        this.#trace?.(`${replica.name} closes a link: ${effect.reason}`);
        const connection = this.#connection(replica, effect.link);
        connection?.toClient.push(
          this.#carry({ kind: "REFUSED", reason: effect.reason, cluster: effect.cluster }),
        );
        connection?.toClient.end();
        connection?.toReplica.discard();
        return;
      }
      case "journal":
      case "checkpoint":
      case "executed":
      case "restored":
        return;
      case "installed":
        this.#trace?.(`${replica.name} installs view ${effect.v} of ${effect.members.map(({ id }) => `r${id}`)}`);
        return;
      case "halt":
        if (!this.mayHalt.has(replica.id)) throw new Violation(`replica ${replica.id} halted: ${effect.reason}`);
        this.#trace?.(`${replica.name} halts: ${effect.reason}`);
        this.halted.set(replica.id, effect.reason);
        return this.crashReplica(replica, (length) => length);
    }
  }

  #performForClient(client: SimClient, effect: TransmitterEffect<Ticket>): void {
    switch (effect.kind) {
      case "send":
        return this.#connectionOf(client, effect.link)?.toReplica.push(this.#carry(effect.message));
      case "closeLink": {
        const connection = this.#connectionOf(client, effect.link);
        connection?.toReplica.end();
        connection?.toClient.discard();
        return;
      }
      case "outputs":
        this.#trace?.(`${client.name} has the output at ${effect.index}`);
        client.waiting -= effect.tickets.length;
        return this.history.output(effect.tickets, effect.outputs, effect.index);
      case "unknown":
        this.#trace?.(`${client.name} cannot know the outcome of ${effect.tickets.length}: ${effect.reason}`);
        client.waiting -= effect.tickets.length;
        client.unknown += effect.tickets.length;
        return;
      case "notSent":
        this.#trace?.(`${client.name} has not sent ${effect.tickets.length}: ${effect.reason}`);
        client.waiting -= effect.tickets.length;
        client.notSent += effect.tickets.length;
        return this.history.notExecuted(effect.tickets);
      case "ended":
        client.gone = true;
        this.#trace?.(`${client.name} has ended`);
        for (const connection of this.connections) {
          if (connection.client !== client) continue;
          connection.toReplica.end();
          connection.toClient.discard();
        }
        return;
      case "lost":
        if (!this.#lossAllowed) throw new Violation(`client ${client.name} lost its session: ${effect.reason}`);
        this.#trace?.(`${client.name} has lost its session: ${effect.reason}`);
        client.lost = effect.reason;
        return;
      case "view":
      case "refused":
        return;
    }
  }

  // ---- Failures ----

  /** A replica dies: of each of its links, `keep(length)` frames that are on their way still arrive. */
  crashReplica(replica: SimReplica, keep: (length: number) => number): void {
    this.#trace?.(`${replica.name} crashes`);
    replica.alive = false;
    replica.disk?.crash(this.#options.torn?.() ?? false);
    for (const other of this.replicas) {
      if (other === replica) continue;
      const pipe = other.from.get(replica.id);
      pipe?.end(keep(pipe.length));
      replica.from.get(other.id)?.discard();
    }
    for (const { replica: end, toReplica, toClient } of this.connections) {
      if (end !== replica) continue;
      toReplica.discard();
      toClient.end(keep(toClient.length));
    }
  }

  /** A client dies. */
  crashClient(client: SimClient, keep: (length: number) => number): void {
    this.#trace?.(`${client.name} crashes`);
    client.alive = false;
    for (const { client: end, toReplica, toClient } of this.connections) {
      if (end !== client) continue;
      toClient.discard();
      toReplica.end(keep(toReplica.length));
    }
  }

  /** A client's link breaks in both directions. */
  breakLink(connection: Connection, keep: (length: number) => number): void {
    this.#trace?.(`the link of ${connection.client.name} and ${connection.replica.name} breaks`);
    connection.toReplica.end(keep(connection.toReplica.length));
    connection.toClient.end(keep(connection.toClient.length));
  }

  /** The launcher tells `replica` that the process `dead` has exited. */
  say(replica: SimReplica, dead: SimReplica): void {
    if (dead.alive) throw new Error(`The launcher never says of a living replica that it is dead: "${dead.name}"`);
    replica.said.add(dead.id);
    this.#peerFailed(replica, dead.id);
  }

  /** Deaths are certain: `peerFailed` needs the launcher's word and the end of the link; without a link, the word alone. */
  #peerFailed(replica: SimReplica, id: ReplicaId): void {
    if (replica.said.has(id) && (replica.ended.has(id) || !replica.from.has(id))) {
      replica.core.step({ kind: "peerFailed", id });
    }
  }

  // ---- Time ----

  /** A replica's timer. */
  tickReplica(replica: SimReplica): void {
    replica.core.step({ kind: "tick", elapsedMs: this.nowMs - replica.tickedAtMs });
    replica.tickedAtMs = this.nowMs;
  }

  /** A client's timer. */
  tickClient(client: SimClient): void {
    client.core.step({ kind: "tick", nowMs: this.nowMs });
  }

  /** Forgets links that nothing can come by any more. */
  sweep(): void {
    const live = this.connections.filter(({ toReplica, toClient, client, replica }) =>
      (toReplica.hasNext && replica.alive) || (toClient.hasNext && client.alive) || !toReplica.isOver ||
      !toClient.isOver
    );
    this.connections.splice(0, this.connections.length, ...live);
  }

  #carry<M extends Message>(message: M): M {
    this.sent.set(message.kind, (this.sent.get(message.kind) ?? 0) + 1);
    if (!this.#codec) return message;
    this.#writer.clear();
    encode(this.#writer, message);
    return decode(this.#writer.view()) as M;
  }

  #describeExecuted({ v, ts, client, seq }: Executed): string {
    return `${this.clients.find(({ id }) => id === client)?.name ?? client} #${seq} (${v}.${ts})`;
  }

  #connection(replica: SimReplica, link: LinkId): Connection | undefined {
    return this.connections.find((connection) => connection.replica === replica && connection.atReplica === link);
  }

  #connectionOf(client: SimClient, link: LinkId): Connection | undefined {
    return this.connections.find((connection) => connection.client === client && connection.atClient === link);
  }
}
