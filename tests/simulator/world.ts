/**
 * A simulated world that checks the claims: the world of `src/simulator`, with disks that replicas come back from, and
 * with checkers of all that is executed, seen and said.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { followedBytesMax, recentBytesMax, replicaTickMs, sessionTtlMs } from "../../src/limits.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import { flushCostMs, peace } from "../../src/protocol/replica/gate.ts";
import type { Recovered } from "../../src/protocol/replica/recovery.ts";
import type { ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import type { MeshMessage, Message, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import type { Position } from "../../src/protocol/wire/records.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import { allOf } from "../../src/snapshot.ts";
import { type ClientId, type ReplicaId, slotOf } from "../../src/uid.ts";
import type { WorldOptions } from "./durable_world.ts";
import { Expiry } from "./expiry.ts";
import { DigestMachine, readCommand } from "./digest_machine.ts";
import { History, type Ticket, Violation } from "./history.ts";
import { Launcher } from "./launcher.ts";
import type { Liar } from "./liar.ts";
import type { Connection, SimClient, SimReplica } from "./lying_world.ts";
import { Sayings } from "./sayings.ts";
import { SealingWorld } from "./sealing_world.ts";

export type { WorldOptions } from "./durable_world.ts";
export type { Connection, SimClient, SimReplica } from "./lying_world.ts";

/** The cluster, its clients, the links between them, the disks, and the time. */
export class World extends SealingWorld {
  history = new History();
  /** Why those replicas halted that did. */
  readonly halted = new Map<ReplicaId, string>();
  /** Addresses of replicas whose disks were made to say something else than was: what they say is not checked. */
  readonly tampered = new Set<string>();
  readonly #options: WorldOptions;
  #nextCommand = 1;
  readonly #writer = new ByteWriter();
  // Replicas that came back with data of their own.
  readonly #hasData = new Set<ReplicaId>();
  // Replicas that know every request that was ever executed, and can give each one to a replica that missed it.
  readonly #knowsAll = new Set<ReplicaId>();
  #sayings = new Sayings();
  #expiry = new Expiry();
  // By view, for how long others had waited for the client that was blamed for its end.
  readonly #blamed = new Map<number, number>();
  // How many members each view has: a replica that comes back may end its view before it tells what it executes in it.
  readonly #memberCounts = new Map<number, number>();
  #launcher = new Launcher(0);
  // Whether some disk has ever had too little room.
  #hasLackedRoom = false;

  constructor(options: WorldOptions) {
    super(options);
    this.#options = options;
    this.startCluster(options.replicas);
  }

  override startCluster(replicas: number, backup?: Backup): void {
    if (backup !== undefined) this.forgetFrames();
    if (backup === undefined) this.history = this.#options.history?.() ?? new History();
    else this.history = this.history.successor(backup, new DigestMachine(), this.#nextCommand);
    this.#sayings = new Sayings();
    this.#expiry = new Expiry();
    this.#blamed.clear();
    this.#memberCounts.clear();
    this.#memberCounts.set(1, replicas);
    this.#launcher = new Launcher(this.nowMs);
    this.#hasData.clear();
    this.#knowsAll.clear();
    super.startCluster(replicas, backup);
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    const { id, joining, recovered } = start;
    // One whose history is damaged joins as one without data (D7).
    if (recovered !== undefined && !this.isLacking(start)) this.#hasData.add(id);
    const knowsAll = recovered === undefined
      ? !joining
      : recovered.order.recent.after({ v: 1, requests: 0, digest: 0 }) !== undefined;
    if (knowsAll) this.#knowsAll.add(id);
    else this.#knowsAll.delete(id);
    return super.startReplica(start);
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

  /** Whether the history can tell what is given up. */
  get canFork(): boolean {
    return this.#options.history === undefined || this.#options.sealing !== undefined;
  }

  /** Whether the history can tell what was in a backup, too. */
  get isPlain(): boolean {
    // A snapshot of a replica that seals says what it has sealed.
    return this.#options.history === undefined && this.#options.sealing === undefined;
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
        it.client.id === client.id && it.replica === replica && !it.toReplica.isOver && this.isGreeted(it)
      );
    const running = this.living.filter(({ stopped }) => !stopped);
    this.trace?.("(an hour passes)");
    for (const replica of running) {
      for (const client of this.clients) {
        if (!isLinked(client, replica)) this.#expiry.missed(client.id, replica.id);
      }
      replica.core.tick(sessionTtlMs / replicaTickMs + 1);
    }
    this.nowMs += sessionTtlMs;
    for (const replica of running) replica.tickedAtMs = this.nowMs;
  }

  /** Whether what a replica says of itself must be so. */
  #isChecked(address: string): boolean {
    const { history, sealing } = this.#options;
    return (history === undefined || sealing !== undefined) && !this.tampered.has(address);
  }

  /** Makes a command that nobody has submitted yet. */
  newCommand(): { readonly number: number; readonly bytes: Uint8Array; readonly outputBytesMax: number } {
    const number = this.#nextCommand++;
    const made = this.#options.command?.(number);
    const writer = this.#writer;
    writer.clear();
    writer.varint(number);
    if (made !== undefined) writer.raw(made.bytes);
    return { number, bytes: writer.copy(), outputBytesMax: made?.outputBytesMax ?? 16 };
  }

  /** Submits some commands. */
  submit(client: SimClient, count = 1): void {
    for (let k = 0; k < count; k++) {
      const { number, bytes, outputBytesMax } = this.newCommand();
      const ticket = { client: client.id, command: number, seenBefore: this.history.seen };
      this.submitCommand(client, bytes, ticket, outputBytesMax);
      this.trace?.(`${client.name} submits ${number}`);
    }
  }

  /** Asks for what the machine holds. */
  read(client: SimClient): void {
    const ticket = { client: client.id, command: 0, seenBefore: this.history.seen, after: this.#nextCommand };
    this.readCommand(client, readCommand, ticket, 16);
    this.trace?.(`${client.name} reads`);
  }

  // ---- What is checked ----

  protected override onDiskRead(recovered: Recovered): void {
    if (this.#isChecked(`r${slotOf(recovered.id)}`)) this.#sayings.check(`r${recovered.id}`, recovered);
  }

  protected override onDiskRestored(id: ReplicaId): void {
    this.history.restored(id);
  }

  protected override onDiskExecuted(id: ReplicaId, record: Executed): void {
    this.history.executed(id, record, false);
  }

  protected override onReturned(slot: number, id: ReplicaId, { order }: Recovered): void {
    if (!this.#isChecked(`r${slot}`)) return;
    const { position, pending } = order;
    const has = (client: ClientId, seq: number) => [...pending].some((it) => it.client === client && it.seq === seq);
    this.history.recovered(`r${id}`, position, has);
  }

  protected override onForced(slot: number, position: () => Position): void {
    if (!this.canFork || this.tampered.has(`r${slot}`)) return;
    this.history.fork(`r${slot}`, position(), this.#nextCommand);
    this.onForked();
  }

  protected override onLaunched(): void {
    this.#launcher = new Launcher(this.nowMs);
  }

  protected override onExecuted(replica: SimReplica, record: Executed): void {
    this.history.executed(replica.id, record, this.#memberCounts.get(record.v) === 1);
  }

  protected override onRestored(replica: SimReplica): void {
    super.onRestored(replica);
    this.history.restored(replica.id);
    this.#knowsAll.delete(replica.id);
  }

  protected override onInstalled(
    replica: SimReplica,
    effect: ReplicaEffect & { kind: "installed" },
    effects: readonly ReplicaEffect[],
  ): void {
    super.onInstalled(replica, effect, effects);
    this.#memberCounts.set(effect.v, effect.members.length);
    this.#checkDigests(replica, effect, effects);
    this.tellAbandoned(replica, effect.members);
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
      if (id === replica.id || told.has(id) || replica.said.has(id) || this.isAbandoned(id)) continue;
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
    const { client, replica } = connection;
    const message = connection.toReplica.peek();
    // What a frozen replica has reported is final.
    if (
      message?.kind === "HELLO" && !this.isGreeted(connection) && (message.cluster ?? this.cluster) === this.cluster &&
      !this.#expiry.isEmpty && !replica.core.status().frozen
    ) this.#expiry.linked(client.id, replica.id);
    super.deliverToReplica(connection);
  }

  override corrupt(client: SimClient, liar: Liar): void {
    super.corrupt(client, liar);
    // It may begin its session again after it has ended it.
    this.history.shared.add(client.id);
  }

  /** What the ends of all views have cost at most that some client was blamed for, as the gate counts it (R10). */
  get owedMs(): number {
    // Where there is one member only, nobody hears of the blame, and nobody has waited.
    const views = Math.max(...this.replicas.map(({ view }) => view));
    let waitedMs = 0;
    for (const ms of this.#blamed.values()) waitedMs += ms;
    return peace * (waitedMs + this.flushesMs(views));
  }

  /** What the ends of that many views cost at most beside waiting, as the gate counts it: a flush for each client. */
  flushesMs(views: number): number {
    return views * this.clients.length * flushCostMs;
  }

  /** D9: the driver of a replica says whether its disk has too little room for changes. */
  room(replica: SimReplica, isShort: boolean): void {
    if (isShort) this.#hasLackedRoom = true;
    this.trace?.(`(${replica.name} has ${isShort ? "too little room" : "room"})`);
    replica.core.step({ kind: "room", isShort });
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
    // C11: it has requests that nobody will execute.
    if (this.#hasLackedRoom && reason.startsWith("the disk of the replica at ")) return;
    if (this.#options.lossAllowed || isOfAnother || this.#expiry.mayBeLost(client.id) || this.isShared(client)) return;
    // V10: it cannot tell the end of another's session from that of its own.
    if (this.#expiry.hasExpired && !this.history.hasExecuted(client.id)) return;
    throw new Violation(`client ${client.name} lost its session: ${reason}`);
  }
}
