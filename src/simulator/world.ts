/**
 * A whole cluster and its clients in one process: the code of `src/protocol`, with links, failures and time in the
 * hands of the driver of the world. It replaces only `src/net`.
 *
 * Every method is one event: a message is delivered, a process crashes, time passes. {@link World.turn} lets a touched
 * node act, and sends its effects: all of them or, because a crash may strike in the middle of a broadcast, only the
 * first few.
 *
 * The world reports every event to the methods whose names begin with `on`, which do nothing here. The world that
 * checks the claims, and the one that shows what happens, extend this one.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import { decode, encode } from "../protocol/wire/codec.ts";
import type { Executed } from "../protocol/replica/executor.ts";
import type { Kind, MeshMessage, Message, ReplyMessage } from "../protocol/wire/messages.ts";
import type { Ready, ReplicaEffect, ReplicaOptions } from "../protocol/replica/replica_events.ts";
import type { StateMachine } from "../state_machine.ts";
import type { TransmitterEffect } from "../protocol/client/transmitter_events.ts";
import type { ClientId, Member, ReplicaId } from "../uid.ts";
import { type Backup, beginWith } from "./backup.ts";
import { describe } from "./describe.ts";
import { Pipe } from "./pipe.ts";
import { type Connection, SimClient, SimReplica } from "./processes.ts";
import type { LinkId } from "../protocol/wire/link_id.ts";

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

/** One direction of a link. */
export interface Way {
  readonly from: string;
  readonly to: string;
  readonly pipe: Pipe<Message>;
  /** There is something to deliver, and who is to get it takes it now. */
  readonly isOpen: boolean;
  /** Delivers the next message, or the end. */
  deliver(): void;
}

/** The cluster, its clients, the links between them, and the time; `T` is what commands are submitted with. */
export class World<T> {
  /** How many messages of each kind were sent. */
  readonly sent = new Map<Kind, number>();
  readonly clients: SimClient<T>[] = [];
  readonly connections: Connection<T>[] = [];
  replicas: SimReplica[] = [];
  nowMs = 0;
  /** Is told of everything that happens. */
  protected readonly trace: ((line: string) => void) | undefined;
  readonly #codec: boolean;
  readonly #machine: () => StateMachine;
  readonly #writer = new ByteWriter();
  #nextLink = 1;
  #clusters = 0;

  /** A world without replicas and clients. */
  constructor({ machine, codec = false, trace }: WorldOptions) {
    this.#machine = machine;
    this.#codec = codec;
    this.trace = trace;
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
      const machine = this.#machine();
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
    const machine = this.#machine();
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
    const connection: Connection<T> = {
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

  // ---- Delivery ----

  /** All ways that messages take, in an order that depends on nothing but what was done. */
  *ways(): Generator<Way> {
    for (const replica of this.replicas) {
      if (!replica.alive) continue;
      for (const [from, pipe] of replica.from) {
        const isOpen = pipe.hasNext && !pipe.isSlow && !replica.stopped;
        yield { from: `r${from}`, to: replica.name, pipe, isOpen, deliver: () => this.deliverMesh(from, replica) };
      }
    }
    for (const connection of this.connections) {
      const { client, replica, toReplica, toClient } = connection;
      if (replica.alive) {
        const isOpen = toReplica.hasNext && !toReplica.isSlow && !replica.stopped &&
          !replica.core.isHeld(connection.atReplica);
        const deliver = () => this.deliverToReplica(connection);
        yield { from: client.name, to: replica.name, pipe: toReplica, isOpen, deliver };
      }
      if (client.alive) {
        const isOpen = toClient.hasNext && !toClient.isSlow && !client.stopped;
        const deliver = () => this.deliverToClient(connection);
        yield { from: replica.name, to: client.name, pipe: toClient, isOpen, deliver };
      }
    }
  }

  /**
   * The pipes from which something can be delivered now, each as what delivers its head.
   *
   * @param passes whether frames may travel between these two; it is given their names.
   */
  deliverable(passes: (from: string, to: string) => boolean = () => true): (() => void)[] {
    const found: (() => void)[] = [];
    for (const { from, to, isOpen, deliver } of this.ways()) if (isOpen && passes(from, to)) found.push(deliver);
    return found;
  }

  /** Delivers the next frame, or the end, between two replicas. */
  deliverMesh(from: ReplicaId, to: SimReplica): void {
    const message = to.from.get(from)!.take();
    this.#delivered(`r${from}`, to.name, message);
    if (message !== undefined) return to.core.step({ kind: "fromPeer", from, message });
    to.ended.add(from);
    this.#peerFailed(to, from);
  }

  /** Delivers the next frame, or the end, from a client. */
  deliverToReplica({ client, replica, atReplica: link, toReplica, toClient }: Connection<T>): void {
    const message = toReplica.take();
    this.#delivered(client.name, replica.name, message);
    if (message === undefined) {
      replica.core.step({ kind: "linkClosed", link });
      toClient.end();
    } else if (message.kind === "HELLO") {
      const { secret, cluster, done } = message;
      replica.core.step({ kind: "hello", link, client: secret.slice(0, 32), cluster, done });
    } else {
      replica.core.step({ kind: "fromClient", link, message });
    }
  }

  /** Delivers the next frame, or the end, to a client. */
  deliverToClient({ client, replica, atClient: link, toReplica, toClient }: Connection<T>): void {
    const message = toClient.take();
    this.tickClient(client);
    this.#delivered(replica.name, client.name, message);
    if (message !== undefined) return client.core.step({ kind: "received", link, message });
    client.core.step({ kind: "linkClosed", link });
    toReplica.end();
  }

  #delivered(from: string, to: string, message: Message | undefined): void {
    this.trace?.(`  ${from} -> ${to}: ${message === undefined ? "(end)" : describe(message)}`);
    this.onDelivered(from, to, message);
  }

  // ---- Turns ----

  /** Lets a replica act; it dies after its first `effects` effects, if that is given. */
  turnOfReplica(replica: SimReplica, effects = Infinity): void {
    if (!replica.alive || replica.stopped) return;
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
    if (!client.alive || client.stopped) return;
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
        const connection = this.#connection(effect.link);
        this.onReply(replica, effect.message, connection?.client);
        return this.push(connection?.toClient, effect.message);
      }
      case "toReplica":
        this.onMesh(replica, effect.to, effect.message);
        return this.push(this.replicas.find(({ id }) => id === effect.to)?.from.get(replica.id), effect.message);
      case "closeLink": {
        this.trace?.(`${replica.name} closes a link: ${effect.reason}`);
        const connection = this.#connection(effect.link);
        this.onClosed(replica, connection?.client, effect.reason);
        this.push(connection?.toClient, { kind: "REFUSED", reason: effect.reason, cluster: effect.cluster });
        connection?.toClient.end();
        connection?.toReplica.discard();
        return;
      }
      case "installed":
        this.trace?.(`${replica.name} installs view ${effect.v} of ${effect.members.map(({ id }) => `r${id}`)}`);
        return;
      case "halt":
        this.onHalt(replica, effect.reason);
        this.trace?.(`${replica.name} halts: ${effect.reason}`);
        return this.crashReplica(replica, (length) => length);
    }
  }

  #performForClient(client: SimClient<T>, effect: TransmitterEffect<T>): void {
    switch (effect.kind) {
      case "send":
        return this.push(this.#connection(effect.link)?.toReplica, effect.message);
      case "closeLink":
        return closeByClient(this.#connection(effect.link));
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

  // ---- What is told to who is made from this world ----

  /** A frame, or the end of a link, arrives. */
  protected onDelivered(_from: string, _to: string, _message: Message | undefined): void {}
  /** A replica sends to another one, which may be dead. */
  protected onMesh(_replica: SimReplica, _to: ReplicaId, _message: MeshMessage): void {}
  /** A replica sends to a client; undefined: there is no link any more. */
  protected onReply(_replica: SimReplica, _message: ReplyMessage, _client: SimClient<T> | undefined): void {}
  /** A replica has executed a request. */
  protected onExecuted(_replica: SimReplica, _record: Executed): void {}
  /** What a replica had is replaced by the state of another one. */
  protected onRestored(_replica: SimReplica): void {}
  /** A replica begins a view; `effects`: all that it does in this turn. */
  protected onInstalled(
    _replica: SimReplica,
    _effect: ReplicaEffect & { kind: "installed" },
    _effects: readonly ReplicaEffect[],
  ): void {}
  /** A replica closes the link of a client; undefined: there is none any more. */
  protected onClosed(_replica: SimReplica, _client: SimClient<T> | undefined, _reason: string): void {}
  /** A replica stops itself. */
  protected onHalt(_replica: SimReplica, _reason: string): void {}
  /** A client has outputs. */
  protected onOutputs(_client: SimClient<T>, _tickets: readonly T[], _outputs: Uint8Array, _index: number): void {}
  /** A client has read something, after this many commands. */
  protected onValues(_client: SimClient<T>, _tickets: readonly T[], _outputs: Uint8Array, _index: number): void {}
  /** A client was told that these commands were not executed. */
  protected onNotSent(_tickets: readonly T[]): void {}
  /** A client's session is over without its doing. */
  protected onLost(_client: SimClient<T>, _reason: string): void {}

  // ---- Failures ----

  /** A replica dies: of each of its links, to `to`, `keep(length, to)` frames that are on their way still arrive. */
  crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    this.trace?.(`${replica.name} crashes`);
    replica.alive = false;
    for (const other of this.replicas) {
      if (other === replica) continue;
      const pipe = other.from.get(replica.id);
      pipe?.end(keep(pipe.length, other.name));
      replica.from.get(other.id)?.discard();
    }
    for (const { client, replica: end, toReplica, toClient } of this.connections) {
      if (end !== replica) continue;
      toReplica.discard();
      toClient.end(keep(toClient.length, client.name));
    }
  }

  /** A client dies: see {@link crashReplica}. */
  crashClient(client: SimClient<T>, keep: (length: number, to: string) => number): void {
    this.trace?.(`${client.name} crashes`);
    client.alive = false;
    for (const { client: end, replica, toReplica, toClient } of this.connections) {
      if (end !== client) continue;
      toClient.discard();
      toReplica.end(keep(toReplica.length, replica.name));
    }
  }

  /** A client's link breaks in both directions. */
  breakLink(connection: Connection<T>, keep: (length: number) => number): void {
    this.trace?.(`the link of ${connection.client.name} and ${connection.replica.name} breaks`);
    connection.toReplica.end(keep(connection.toReplica.length));
    connection.toClient.end(keep(connection.toClient.length));
  }

  /** The link between two living replicas breaks; they never reconnect. */
  breakMesh(a: SimReplica, b: SimReplica, keep: (length: number) => number): void {
    this.trace?.(`the link of ${a.name} and ${b.name} breaks`);
    for (const pipe of [a.from.get(b.id), b.from.get(a.id)]) pipe?.end(keep(pipe.length));
  }

  /** The launcher tells `replica` that the process `dead` has exited. */
  say(replica: SimReplica, dead: SimReplica): void {
    if (dead.alive) throw new Error(`The launcher never says of a living replica that it is dead: "${dead.name}"`);
    replica.said.add(dead.id);
    this.#peerFailed(replica, dead.id);
  }

  /**
   * Failures are certain: `peerFailed` needs the launcher's word and the end of the link, or the word if no link
   * exists.
   */
  #peerFailed(replica: SimReplica, id: ReplicaId): void {
    if (replica.said.has(id) && (replica.ended.has(id) || !replica.from.has(id))) {
      replica.core.step({ kind: "peerFailed", id });
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

  /** A client's timer. */
  tickClient(client: SimClient<T>): void {
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

  /** Sends a message on its way, if there is one. */
  protected push<M extends Message>(pipe: Pipe<M> | undefined, message: M): void {
    if (pipe === undefined) return;
    this.sent.set(message.kind, (this.sent.get(message.kind) ?? 0) + 1);
    if (!this.#codec) return pipe.push(message);
    this.#writer.clear();
    encode(this.#writer, message);
    pipe.push(decode(this.#writer.view()) as M);
  }

  #describeExecuted({ v, ts, client, seq }: Executed): string {
    return `${this.clients.find(({ id }) => id === client)?.name ?? client} #${seq} (${v}.${ts})`;
  }

  /** The connection with this link, of either side: no two have the same number. */
  #connection(link: LinkId): Connection<T> | undefined {
    return this.connections.find(({ atClient, atReplica }) => atClient === link || atReplica === link);
  }
}

/** What the client has sent still arrives, and it reads nothing more. */
function closeByClient(connection: Connection<unknown> | undefined): void {
  connection?.toReplica.end();
  connection?.toClient.discard();
}
