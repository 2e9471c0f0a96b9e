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
import { decode, encode } from "../../src/protocol/codec.ts";
import type { Kind, Message } from "../../src/protocol/messages.ts";
import type { LinkId } from "../../src/protocol/channel.ts";
import type { Executed, ReplicaEffect } from "../../src/protocol/replica_events.ts";
import { Transmitter } from "../../src/protocol/transmitter.ts";
import type { TransmitterEffect } from "../../src/protocol/transmitter_events.ts";
import type { StateMachine } from "../../src/protocol/state_machine.ts";
import type { ClientId, Member, ReplicaId } from "../../src/uid.ts";
import { History, type Ticket, Violation } from "./history.ts";
import { describe } from "./describe.ts";
import { endOfPipe, Pipe } from "./pipe.ts";
import { type Connection, newClient, newReplica, type SimClient, type SimReplica } from "./processes.ts";

/** How a world is made. */
export interface WorldOptions {
  readonly replicas: number;
  /** Whether every message is turned into bytes and back. */
  readonly codec?: boolean;
  /** Is told of everything that happens, a line each. */
  readonly trace?: (line: string) => void;
  /** Whether a session may be lost; where nothing makes sessions expire, it is a violation. */
  readonly lossAllowed?: boolean;
  /** Makes what the replicas run; absent: the machine that the history knows. */
  readonly machine?: () => StateMachine;
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
  readonly #options: WorldOptions;
  readonly #codec: boolean;
  readonly #lossAllowed: boolean;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #writer = new ByteWriter();
  #nextLink = 1;
  #nextCommand = 1;
  #clusters = 0;
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
    const cluster = "cdef"[this.#clusters++].repeat(32);
    const members: Member[] = [];
    for (let id = 0; id < replicas; id++) members.push({ id, address: `r${id}` });
    const { machine, history } = this.#options;
    this.history = history?.() ?? new History();
    this.replicas = members.map(({ id }) => newReplica(id, cluster, members, machine?.()));
  }

  /** The replicas that live, stopped or not. */
  get living(): SimReplica[] {
    return this.replicas.filter(({ alive }) => alive);
  }

  /** The replicas that live and are members: one of them must always be left. */
  get livingMembers(): SimReplica[] {
    return this.replicas.filter(({ alive, view }) => alive && view > 0);
  }

  /** Starts a replica that asks to be let in, with links to all that live. */
  startNewcomer(): SimReplica {
    const id = this.replicas.length;
    const others = this.living;
    const vacant = this.replicas.find(({ alive, address }) =>
      !alive && !others.some((other) => other.address === address)
    );
    const members = others.map((other) => ({ id: other.id, address: other.address }));
    members.push({ id, address: vacant?.address ?? `r${id}` });
    const cluster = "cdef"[this.#clusters - 1].repeat(32);
    const newcomer = newReplica(id, cluster, members, this.#options.machine?.(), true);
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
      client.core.submit(writer.view(), 16, { client: client.id, command, seenBefore: this.history.seen });
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

  /** Lets a replica act; it dies after its first `effects` effects, if so many are given. */
  turnOfReplica(replica: SimReplica, effects = Infinity): void {
    if (!replica.alive || replica.stopped) return;
    const ready = replica.core.ready();
    for (const effect of ready) {
      // What was executed was executed, whether or not the process lives to tell of it.
      if (effect.kind === "executed") {
        this.#trace?.(`${replica.name} executes ${this.#describeExecuted(effect.record)}`);
        this.history.executed(replica.id, effect.record, replica.members === 1 && effect.record.v === replica.view);
      } else if (effect.kind === "restored") {
        this.history.restored(replica.id);
      } else if (effect.kind === "installed") {
        replica.view = effect.v;
        replica.members = effect.members.length;
      }
    }
    ready.slice(0, effects).forEach((effect) => this.#performForReplica(replica, effect));
    if (effects !== Infinity) this.crashReplica(replica, () => Infinity);
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
        return this.#connection(replica, effect.link)?.toClient.push(this.#carry(effect.message));
      case "toReplica":
        return this.replicas[effect.to].from.get(replica.id)?.push(this.#carry(effect.message));
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
