/**
 * What a simulated world is made of: the processes, and the links between clients and replicas.
 *
 * @module
 */

import type { ClientMessage, MeshMessage, ReplyMessage } from "../protocol/wire/messages.ts";
import type { ReplicaOptions } from "../protocol/replica/replica_events.ts";
import type { ClientId, ReplicaId } from "../uid.ts";
import { Pipe } from "./pipe.ts";
import type { LinkId } from "../protocol/wire/link_id.ts";
import { RestingReplica, RestingTransmitter } from "./resting.ts";
import type { Way } from "./way.ts";

/** A link between a client and a replica. */
export interface Connection<T> {
  readonly client: SimClient<T>;
  readonly replica: SimReplica;
  readonly address: string;
  readonly atClient: LinkId;
  readonly atReplica: LinkId;
  readonly toReplica: Pipe<ClientMessage>;
  readonly toClient: Pipe<ReplyMessage>;
  /** The ways to the replica and to the client. */
  readonly ways: readonly Way[];
}

/** A replica process that has just been started. */
export class SimReplica {
  readonly id: ReplicaId;
  readonly name: string;
  /** Where it listens: a replica that takes the place of a dead one has its address. */
  readonly address: string;
  readonly core: RestingReplica;
  readonly from = new Map<ReplicaId, Pipe<MeshMessage>>();
  /** The same as ways; the network keeps them. */
  readonly ways: Way[] = [];
  /** Peers of which the launcher said that they are dead, and peers whose link has ended. */
  readonly said = new Set<ReplicaId>();
  readonly ended = new Set<ReplicaId>();
  alive = true;
  /** Stopped, and not dead: it takes nothing and says nothing. */
  stopped = false;
  tickedAtMs = 0;
  /** It wants to act again in a moment. */
  wantsLull = false;
  /** The view that it has installed; 0: it is a newcomer. */
  view: number;

  constructor(start: ReplicaOptions) {
    const { id, members } = start;
    this.id = id;
    this.name = `r${id}`;
    this.address = members.find((member) => member.id === id)!.address;
    this.core = new RestingReplica({ ...start, log: true });
    this.view = this.core.status().v;
    for (const other of members) if (other.id !== id) this.from.set(other.id, new Pipe());
  }
}

/** A client process that has just been started; `T` is what it submits its commands with. */
export class SimClient<T> {
  readonly id: ClientId;
  readonly name: string;
  readonly core: RestingTransmitter<T>;
  alive = true;
  stopped = false;
  /** Submitted and not answered. */
  waiting = 0;
  /** It has ended its session. */
  gone = false;
  /** Why its session is over without its doing; undefined while it is not. */
  lost: string | undefined;
  /** How many commands it was told to be unknown, and how many never to have been sent. */
  unknown = 0;
  notSent = 0;

  constructor(id: ClientId, name: string, addresses: readonly string[]) {
    this.id = id;
    this.name = name;
    this.core = new RestingTransmitter<T>({ secret: id + id, client: id, addresses });
  }
}
