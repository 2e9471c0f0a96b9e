/**
 * A whole cluster and its clients in one process: the code of `src/protocol`, with links, failures and time in the
 * hands of the driver of the world. It replaces only `src/net`.
 *
 * Every method is one event: a message is delivered, a process crashes, time passes. {@link World.turn} lets a touched
 * node act, and sends its effects: all of them or, because a crash may strike in the middle of a broadcast, only the
 * first few.
 *
 * The world that checks the claims, and the one that shows what happens, extend this one.
 *
 * @module
 */

import type { Executed } from "../protocol/replica/executor.ts";
import type { Ready, ReplicaEffect, ReplicaOptions } from "../protocol/replica/replica_events.ts";
import type { StateMachine } from "../state_machine.ts";
import type { TransmitterEffect } from "../protocol/client/transmitter_events.ts";
import { type ClientId, type Member, slotOf } from "../uid.ts";
import { type Backup, beginWith } from "./backup.ts";
import { closeByClient, Network } from "./network.ts";
import { Pipe } from "./pipe.ts";
import { type Connection, SimClient, SimReplica } from "./processes.ts";
import type { Way } from "./way.ts";

/** What all replicas know, and no client. */
export const simulatedKey: string = "0123456789abcdef".repeat(4);

/** How a world is made. */
export interface WorldOptions {
  /** Makes what a replica runs. */
  readonly machine: () => StateMachine;
  /** Whether every message is turned into bytes and back. */
  readonly codec?: boolean;
  /** Is told of everything that happens, a line each. */
  readonly trace?: (line: string) => void;
}

/** The cluster, its clients, the links between them, and the time; `T` is what commands are submitted with. */
export class World<T> extends Network<T> {
  readonly #machine: () => StateMachine;
  #nextLink = 1;
  #clusters = 0;

  /** A world without replicas and clients. */
  constructor({ machine, codec = false, trace }: WorldOptions) {
    super(codec, trace);
    this.#machine = machine;
  }

  /**
   * Starts a cluster; a second one after all replicas of the first have died. It has the same addresses, and is empty
   * or has the database of a backup.
   */
  startCluster(replicas: number, backup?: Backup): void {
    this.#clusters++;
    const { cluster } = this;
    const members = Array.from({ length: replicas }, (_, id) => ({ id, address: `r${id}` }));
    this.replicas = members.map(({ id }) => {
      const machine = this.makeMachine(id);
      return this.startReplica({
        id,
        cluster,
        key: simulatedKey,
        members,
        machine,
        beginning: backup && beginWith(machine, backup),
      });
    });
  }

  /** Makes what the replica in a slot runs. */
  protected makeMachine(_slot: number): StateMachine {
    return this.#machine();
  }

  /** Makes the process of a replica. */
  protected startReplica(start: ReplicaOptions): SimReplica {
    return new SimReplica(start);
  }

  /** The cluster that runs. */
  get cluster(): string {
    return "cdef"[this.#clusters - 1].repeat(32);
  }

  /** The replicas that live, stopped or not. */
  get living(): SimReplica[] {
    return this.replicas.filter(({ alive }) => alive);
  }

  /** The replicas that live and are members: one of them must always be left. */
  get livingMembers(): SimReplica[] {
    return this.replicas.filter(({ alive, view }) => alive && view > 0);
  }

  /** The replica whose address is free and can be had by a newcomer; undefined: there is none. */
  protected get vacant(): SimReplica | undefined {
    const { living } = this;
    const isTaken = ({ address }: { address: string }) => living.some((other) => other.address === address);
    return this.replicas.find((replica) => !replica.alive && !isTaken(replica));
  }

  /** Starts a replica that asks to be let in, with links to all that live; undefined if it cannot start. */
  startNewcomer(): SimReplica | undefined {
    const id = this.replicas.length;
    return this.startJoining({ id, address: this.vacant?.address ?? `r${id}` });
  }

  /** Starts this newcomer, perhaps with what its disk holds. */
  protected startJoining(self: Member, more: Partial<ReplicaOptions> = {}): SimReplica {
    const { id } = self;
    const others = this.living;
    const members = [...others.map(({ id, address }) => ({ id, address })), self];
    const machine = this.makeMachine(slotOf(id));
    const newcomer = this.startReplica({
      id,
      cluster: this.cluster,
      key: simulatedKey,
      members,
      machine,
      joining: true,
      ...more,
    });
    newcomer.tickedAtMs = this.nowMs;
    this.trace?.(`${newcomer.name} starts`);
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
  addClient(id: ClientId, name: string): SimClient<T> {
    const client = new SimClient<T>(id, name, this.replicas.map(({ name }) => name));
    this.tickClient(client);
    this.clients.push(client);
    return client;
  }

  /** Connects a client to a replica that it wants a link to; the replica that listens there must live. */
  connect(client: SimClient<T>, address: string): Connection<T> | undefined {
    const replica = this.replicas.find((replica) => replica.alive && replica.address === address);
    if (replica === undefined) return undefined;
    const ways: Way[] = [];
    const connection: Connection<T> = {
      client,
      replica,
      address,
      atClient: this.#nextLink++,
      atReplica: this.#nextLink++,
      toReplica: new Pipe(),
      toClient: new Pipe(),
      ways,
    };
    ways.push(...this.waysOf(connection));
    this.connections.push(connection);
    this.linkTo(connection);
    client.core.step({ kind: "linkOpened", link: connection.atClient, address });
    return connection;
  }

  /** Whether nobody lives at any address that the client knows of. */
  isStranded(client: SimClient<T>): boolean {
    const known = new Set([...client.core.members.map(({ address }) => address), ...client.core.wanted()]);
    return !this.living.some(({ address }) => known.has(address));
  }

  /** Submits one command, whose output has at most this many bytes. */
  submitCommand(client: SimClient<T>, command: Uint8Array, ticket: T, outputBytesMax: number): void {
    client.core.submit(command, outputBytesMax, ticket);
    client.waiting++;
  }

  /** The same for a command that changes nothing. */
  readCommand(client: SimClient<T>, command: Uint8Array, ticket: T, outputBytesMax: number): void {
    client.core.read(command, outputBytesMax, ticket);
    client.waiting++;
  }

  // ---- Turns ----

  /** Lets a replica act; it dies after its first `effects` effects, if that is given. */
  turnOfReplica(replica: SimReplica, effects = Infinity): void {
    if (!replica.alive || replica.stopped || (replica.core.isAtRest && effects === Infinity)) return;
    const ready = replica.core.ready();
    replica.wantsLull = ready.wantsLull;
    this.note(replica, ready);
    for (const effect of ready.effects.slice(0, effects)) this.performForReplica(replica, effect);
    if (effects !== Infinity) this.crashReplica(replica, () => Infinity);
  }

  /** Notes executed requests, whether or not the process lives to tell of them. */
  protected note(replica: SimReplica, { restored, executed, effects }: Ready): void {
    if (restored !== undefined) this.onRestored(replica);
    let at = 0;
    const noteExecuted = (before: number) => {
      for (; at < executed.length && executed[at].v < before; at++) {
        this.trace?.(`${replica.name} executes ${this.#describeExecuted(executed[at])}`);
        this.onExecuted(replica, executed[at]);
      }
    };
    for (const effect of effects) {
      if (effect.kind !== "installed") continue;
      noteExecuted(effect.v);
      replica.view = effect.v;
      this.onInstalled(replica, effect, effects);
    }
    noteExecuted(Infinity);
  }

  /** Lets a client act; it dies after its first `effects` effects, if that is given. */
  turnOfClient(client: SimClient<T>, effects = Infinity): void {
    if (!client.alive || client.stopped || (client.core.isAtRest && effects === Infinity)) return;
    for (const effect of client.core.ready().slice(0, effects)) this.#performForClient(client, effect);
    if (effects !== Infinity) this.crashClient(client, () => Infinity);
  }

  /** Lets everybody act. */
  turnOfAll(): void {
    for (const replica of this.replicas) this.turnOfReplica(replica);
    for (const client of this.clients) this.turnOfClient(client);
  }

  /** Does what a replica wants done. */
  protected performForReplica(replica: SimReplica, effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "toClient": {
        const connection = this.connectionAt(effect.link);
        this.onReply(replica, effect.message, connection?.client);
        return this.push(connection?.toClient, effect.message);
      }
      case "toReplica":
        this.onMesh(replica, effect.to, effect.message);
        return this.push(this.replicas.find(({ id }) => id === effect.to)?.from.get(replica.id), effect.message);
      case "closeLink": {
        this.trace?.(`${replica.name} closes a link: ${effect.reason}`);
        const connection = this.connectionAt(effect.link);
        this.onClosed(replica, connection?.client, effect.reason);
        this.push(connection?.toClient, { kind: "REFUSED", reason: effect.reason, cluster: effect.cluster });
        connection?.toClient.end();
        connection?.toReplica.discard();
        return;
      }
      case "installed":
        this.trace?.(`${replica.name} installs view ${effect.v} of ${effect.members.map(({ id }) => `r${id}`)}`);
        return;
      case "named":
        return this.onNamed(replica, effect.segment);
      case "obtain":
      case "part":
      case "lacked":
      case "nobody":
      case "give":
        return this.onFiles(replica, effect);
      case "halt":
        this.onHalt(replica, effect.reason);
        this.trace?.(`${replica.name} halts: ${effect.reason}`);
        return this.crashReplica(replica, (length) => length);
    }
  }

  #dropByClient(client: SimClient<T>, connection: Connection<T> | undefined): void {
    if (connection !== undefined) this.onDropped(client, connection);
    closeByClient(connection);
  }

  #performForClient(client: SimClient<T>, effect: TransmitterEffect<T>): void {
    switch (effect.kind) {
      case "send":
        return this.push(this.connectionAt(effect.link)?.toReplica, effect.message);
      case "closeLink":
        return this.#dropByClient(client, this.connectionAt(effect.link));
      case "outputs":
        this.trace?.(`${client.name} has the output at ${effect.index}`);
        client.waiting -= effect.tickets.length;
        return this.onOutputs(client, effect.tickets, effect.outputs, effect.index);
      case "values":
        this.trace?.(`${client.name} has the value after ${effect.index}`);
        client.waiting -= effect.tickets.length;
        return this.onValues(client, effect.tickets, effect.outputs, effect.index);
      case "unknown":
        this.trace?.(`${client.name} cannot know the outcome of ${effect.tickets.length}: ${effect.reason}`);
        client.waiting -= effect.tickets.length;
        client.unknown += effect.tickets.length;
        return;
      case "notSent":
        this.trace?.(`${client.name} has not sent ${effect.tickets.length}: ${effect.reason}`);
        client.waiting -= effect.tickets.length;
        client.notSent += effect.tickets.length;
        return this.onNotSent(effect.tickets);
      case "ended":
        client.gone = true;
        this.trace?.(`${client.name} has ended`);
        for (const connection of this.connections) if (connection.client === client) closeByClient(connection);
        return;
      case "lost":
        this.onLost(client, effect.reason);
        this.trace?.(`${client.name} has lost its session: ${effect.reason}`);
        client.lost = effect.reason;
        return;
      case "view":
      case "refused":
        return;
    }
  }

  // ---- Time ----

  /** A moment passes, in which a replica does what it has put off for a little. */
  lull(replica: SimReplica): void {
    if (!replica.alive || replica.stopped || !replica.wantsLull) return;
    replica.wantsLull = false;
    replica.core.step({ kind: "lull" });
  }

  /** A replica's timer. */
  tickReplica(replica: SimReplica): void {
    replica.core.step({ kind: "tick", elapsedMs: this.nowMs - replica.tickedAtMs });
    replica.tickedAtMs = this.nowMs;
  }

  #describeExecuted({ v, ts, client, seq }: Executed): string {
    return `${this.clients.find(({ id }) => id === client)?.name ?? client} #${seq} (${v}.${ts})`;
  }
}
