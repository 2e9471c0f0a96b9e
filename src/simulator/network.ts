/**
 * The processes of a simulated world and the links between them: what is on its way, what arrives, and what breaks.
 *
 * The network reports every event to the methods whose names begin with `on`, which do nothing here.
 *
 * @module
 */

import { ByteWriter } from "../bytes.ts";
import type { SegmentRef } from "../history.ts";
import type { Executed } from "../protocol/replica/executor.ts";
import type { ReplicaEffect } from "../protocol/replica/replica_events.ts";
import { decode, encode } from "../protocol/wire/codec.ts";
import type { LinkId } from "../protocol/wire/link_id.ts";
import type { Kind, MeshMessage, Message, ReplyMessage } from "../protocol/wire/messages.ts";
import type { ReplicaId } from "../uid.ts";
import { describe } from "./describe.ts";
import type { Pipe } from "./pipe.ts";
import type { Connection, SimClient, SimReplica } from "./processes.ts";
import { Way } from "./way.ts";

/** What happens between processes; `T` is what commands are submitted with. */
export class Network<T> {
  /** How many messages of each kind were sent. */
  readonly sent = new Map<Kind, number>();
  readonly clients: SimClient<T>[] = [];
  readonly connections: Connection<T>[] = [];
  replicas: SimReplica[] = [];
  readonly #byLink = new Map<LinkId, Connection<T>>();
  nowMs = 0;
  /** Is told of everything that happens. */
  protected readonly trace: ((line: string) => void) | undefined;
  readonly #codec: boolean;
  readonly #writer = new ByteWriter();

  /**
   * A network without processes.
   *
   * @param codec whether every message is turned into bytes and back.
   */
  constructor(codec: boolean, trace?: (line: string) => void) {
    this.#codec = codec;
    this.trace = trace;
  }

  // ---- What is told to who is made from this network ----

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
  /** The disk of a replica, if it has one, says that its state names a segment of its history. */
  protected onNamed(_replica: SimReplica, _segment: SegmentRef): void {}
  /** A replica wants something done with the files of its sealed history. */
  protected onFiles(
    _replica: SimReplica,
    _effect: ReplicaEffect & { kind: "obtain" | "lacked" | "part" | "nobody" | "give" },
  ): void {}
  /** A replica closes the link of a client; undefined: there is none any more. */
  protected onClosed(_replica: SimReplica, _client: SimClient<T> | undefined, _reason: string): void {}
  /** A client closes a link. */
  protected onDropped(_client: SimClient<T>, _connection: Connection<T>): void {}
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

  // ---- Delivery ----

  /** All ways that messages take, in an order that depends on nothing but what was done. */
  *ways(): Generator<Way> {
    for (const replica of this.replicas) if (replica.alive) yield* this.#meshWays(replica);
    for (const { client, replica, ways: [toReplica, toClient] } of this.connections) {
      if (replica.alive) yield toReplica;
      if (client.alive) yield toClient;
    }
  }

  /** The ways from all others to a replica. */
  #meshWays(replica: SimReplica): readonly Way[] {
    const { from, ways } = replica;
    // Pipes are only ever added.
    if (ways.length === from.size) return ways;
    ways.length = 0;
    for (const [id, pipe] of from) {
      ways.push(new Way({ from: `r${id}`, to: replica, pipe, deliver: () => this.deliverMesh(id, replica) }));
    }
    return ways;
  }

  /** The two ways of a connection: to its replica, and to its client. */
  protected waysOf(connection: Connection<T>): Way[] {
    const { client, replica, atReplica, toReplica, toClient } = connection;
    const isHeld = () => replica.core.isHeld(atReplica);
    const deliverToReplica = () => this.deliverToReplica(connection);
    const deliverToClient = () => this.deliverToClient(connection);
    return [
      new Way({ from: client.name, to: replica, pipe: toReplica, deliver: deliverToReplica, isHeld }),
      new Way({ from: replica.name, to: client, pipe: toClient, deliver: deliverToClient }),
    ];
  }

  /**
   * The pipes from which something can be delivered now, each as what delivers its head.
   *
   * @param passes whether frames may travel between these two; it is given their names.
   */
  deliverable(passes?: (from: string, to: string) => boolean): (() => void)[] {
    const found: (() => void)[] = [];
    const look = (way: Way) => {
      if (way.isOpen && (passes === undefined || passes(way.from, way.to))) found.push(way.deliver);
    };
    for (const replica of this.replicas) if (replica.alive) { for (const way of this.#meshWays(replica)) look(way); }
    for (const { client, replica, ways: [toReplica, toClient] } of this.connections) {
      if (replica.alive) look(toReplica);
      if (client.alive) look(toClient);
    }
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
    if (live.length === this.connections.length) return;
    this.connections.splice(0, this.connections.length, ...live);
    this.#byLink.clear();
    for (const connection of live) this.linkTo(connection);
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

  /** Notes the links of a connection, of both sides: no two have the same number. */
  protected linkTo(connection: Connection<T>): void {
    this.#byLink.set(connection.atClient, connection);
    this.#byLink.set(connection.atReplica, connection);
  }

  /** The connection with this link, of either side. */
  protected connectionAt(link: LinkId): Connection<T> | undefined {
    return this.#byLink.get(link);
  }

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
}

/** What the client has sent still arrives, and it reads nothing more. */
export function closeByClient(connection: Connection<unknown> | undefined): void {
  connection?.toReplica.end();
  connection?.toClient.discard();
}
