/**
 * A client that lies: it has links to any replicas, sees everything, and sends whatever it likes to whomever it likes.
 *
 * A frame that is wrong at one replica alone costs it only a link. So most of its frames are right at each replica, and
 * do not fit together: see `lies.ts` for the single lies.
 *
 * @module
 */

import { wireVersion } from "../../src/limits.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import type { Connection, SimClient, SimReplica, World } from "./world.ts";

/** What a liar knows of a link of its: what the replica at the other end will take next. */
export class LyingLink {
  readonly connection: Connection;
  /** The last view that the replica has named. */
  v = 0;
  /** What the replica will have received and heard once all that was sent has arrived. */
  recv = 0;
  lastTs = 0;
  mode: "unknown" | "idle" | "joining" | "active" = "unknown";
  /** The session ends with what was sent. */
  ended = false;
  nudgedTs = -1;
  // Frames for a later view than that.
  #early: ClientMessage[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get replica(): SimReplica {
    return this.connection.replica;
  }

  get isOpen(): boolean {
    return this.replica.alive && !this.connection.toReplica.isEnded && !this.connection.toClient.isEnded;
  }

  /** Continues where an honest client stood in view `v`, in which it has sent as much. */
  continue(v: number, recv: number, lastTs: number, mode: "unknown" | "idle" | "active"): void {
    [this.v, this.recv, this.lastTs, this.mode] = [v, recv, lastTs, mode];
  }

  /** A frame goes out. */
  sent(message: ClientMessage): void {
    if (message.kind === "HELLO" || message.v < this.v) return;
    if (message.v > this.v) {
      this.#early.push(message);
      return;
    }
    switch (message.kind) {
      case "RESUME":
        this.mode = "joining";
        this.lastTs = Math.max(this.lastTs, message.ts);
        return;
      case "REQUEST":
        this.recv = message.seq;
        this.lastTs = message.upto;
        this.ended ||= message.end;
        return;
      case "CLOCK":
        this.lastTs = Math.max(this.lastTs, message.ts);
        if (message.suspend) this.mode = "idle";
    }
  }

  /** A frame has come. */
  received(message: ReplyMessage): void {
    switch (message.kind) {
      case "VIEW":
        if (message.v <= this.v) return;
        [this.v, this.recv, this.lastTs, this.mode] = [message.v, message.base, 0, "idle"];
        this.ended = false;
        this.nudgedTs = -1;
        for (const frame of this.#early.splice(0)) this.sent(frame);
        return;
      case "READY":
        if (message.v !== this.v) return;
        this.lastTs = Math.max(this.lastTs, message.floor);
        if (this.mode === "joining") this.mode = "active";
        return;
      case "NUDGE":
        if (message.v === this.v) this.nudgedTs = Math.max(this.nudgedTs, message.ts);
    }
  }
}

/** A REQUEST as most replicas are sent it. */
export type Plan = Pick<MessageOf<"REQUEST">, "ts" | "upto" | "end" | "commands">;

/** One session of a liar. */
export class Liar {
  readonly world: World;
  readonly client: SimClient;
  #links: LyingLink[] = [];
  // By cluster, view and seq.
  readonly #plans = new Map<string, Plan>();
  /** Rids that were used. */
  readonly rids: number[] = [];

  /** A client begins to lie, on the links that it has. */
  constructor(world: World, client: SimClient) {
    this.world = world;
    this.client = client;
    const { v, sent, clock, mode } = client.core.inspect();
    for (const connection of world.connections) {
      if (connection.client !== client) continue;
      const link = new LyingLink(connection);
      // Its clock is not behind what it has promised.
      if (mode === "active") link.continue(v, sent, clock, "active");
      this.#links.push(link);
    }
    world.corrupt(client, this);
  }

  /** Its open links. */
  get links(): readonly LyingLink[] {
    this.#links = this.#links.filter(({ isOpen }) => isOpen);
    return this.#links;
  }

  /** Those at whose ends it may send requests. */
  get active(): LyingLink[] {
    return this.links.filter(({ mode, ended }) => mode === "active" && !ended);
  }

  /** What replicas are to be told under a seq; undefined: nobody was told anything yet. */
  planOf({ v, recv }: LyingLink): Plan | undefined {
    return this.#plans.get(`${this.world.cluster} ${v} ${recv + 1}`);
  }

  /** Somebody is told something under the next seq. */
  plan({ v, recv }: LyingLink, plan: Plan): void {
    this.#plans.set(`${this.world.cluster} ${v} ${recv + 1}`, plan);
  }

  /** Opens a link to a replica, in place of an older one. */
  open(replica: SimReplica, hello: Partial<MessageOf<"HELLO">> = {}): void {
    const connection = this.world.connect(this.client, replica.address);
    if (connection === undefined) return;
    const link = new LyingLink(connection);
    this.#links.push(link);
    const { id } = this.client;
    const { cluster } = this.world;
    this.send(link, { kind: "HELLO", version: wireVersion, cluster, secret: id + id, done: 0, ...hello });
  }

  /** Closes a link; what was sent still arrives. */
  close({ connection }: LyingLink): void {
    connection.toReplica.end();
    connection.toClient.discard();
  }

  /** Sends a frame. */
  send(link: LyingLink, message: ClientMessage): void {
    this.world.lie(link.connection, message);
    link.sent(message);
  }

  /** A frame has come. */
  received(connection: Connection, message: ReplyMessage): void {
    this.#links.find((link) => link.connection === connection)?.received(message);
  }
}
