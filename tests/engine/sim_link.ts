/**
 * A link of a client of a schedule to a node: messages take their time, and the network may lose them.
 *
 * At the end of the node, it does what the server of a node does: it makes events of the node of what the client says,
 * and messages of what the node tells.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader } from "../../src/bytes.ts";
import type { HeardMessage, SaidMessage } from "../../src/engine/client/caller_events.ts";
import type { NodeRefusal } from "../../src/engine/core/order.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { ClientId } from "../../src/uid.ts";
import { claim } from "./claims.ts";
import type { Agenda } from "./events.ts";
import type { FakeEngine } from "./fake_engine.ts";
import type { SimNode, Told } from "./sim_node.ts";

/** The cluster of all nodes. */
export const simCluster = "c1".repeat(16);

/** Milliseconds that a node waits for the engine, for a request and for a read. */
const submitMs = 1_000;
const readMs = 800;

/** Where a link is, and what befalls it. */
export interface SimNetwork {
  readonly random: Random;
  readonly agenda: Agenda;
  readonly engine: FakeEngine;
  /** `host:port` of all nodes. */
  readonly addresses: readonly string[];
  /** The node that listens at an address. */
  nodeAt(address: string): SimNode;
  /** The sessions of which nodes have refused a request for a reason of its own, whether their clients know or not. */
  readonly refused: Set<ClientId>;
  /** When a command says that it was recorded. */
  recordedAtMs(command: number): number;
  count(what: string): void;
}

/** The client's end. */
export interface SimLinkUser {
  onOpened(): void;
  onMessage(message: HeardMessage): void;
  onClosed(reason: string): void;
}

/** The session that a secret stands for: no hash is needed here. */
export function simClientOf(secret: string): string {
  return secret.slice(0, 32);
}

/** The numbers of the commands of a request. */
export function commandsOf(batch: Uint8Array): number[] {
  return [...itemsOf(batch)].map((item) => item.length === 0 ? 0 : new ByteReader(item).varint());
}

/** A link that somebody has begun to open. */
export class SimLink {
  readonly #network: SimNetwork;
  readonly #user: SimLinkUser;
  readonly node: SimNode;
  /** It carries messages. */
  #works = true;
  /** The client is told of it. */
  #isHeard = true;
  #client = "";
  #toNodeMs = 0;
  #toClientMs = 0;

  constructor(network: SimNetwork, address: string, user: SimLinkUser) {
    this.#network = network;
    this.#user = user;
    this.node = network.nodeAt(address);
    if (network.engine.happens("muteLink")) this.#works = false;
    else if (this.node.isAlive) this.node.whenCrashed(() => this.#cut("closed the link"));
    this.#toClient(() => this.#user.onOpened());
  }

  /** Sends a message to the node. */
  send(message: SaidMessage): void {
    this.#befall();
    this.#toNodeMs = this.#after(this.#toNodeMs, () => this.node.isAlive && this.#serve(message));
  }

  /** The client ends it. What it has sent arrives. */
  close(): void {
    this.#isHeard = false;
  }

  /** The network does something to the link, or nothing. */
  #befall(): void {
    const { engine } = this.#network;
    if (engine.happens("cutLink")) this.#cut("lost the link");
    else if (engine.happens("muteLink")) this.#works = false;
  }

  #cut(reason: string): void {
    if (!this.#works) return;
    this.#works = false;
    const { agenda, random } = this.#network;
    agenda.after(1 + random.below(30), () => {
      if (this.#isHeard) this.#user.onClosed(reason);
      this.#isHeard = false;
    });
  }

  #toClient(run: () => void): void {
    this.#toClientMs = this.#after(this.#toClientMs, () => this.#isHeard && run());
  }

  /** Has something happen at the other end, after everything that was sent there before. */
  #after(lastMs: number, run: () => void): number {
    const { agenda, random } = this.#network;
    const atMs = Math.max(lastMs, agenda.nowMs + 1 + random.below(3));
    agenda.after(atMs - agenda.nowMs, () => {
      if (this.#works) run();
    });
    return atMs;
  }

  #reply(message: HeardMessage): void {
    this.#befall();
    this.#toClient(() => this.#user.onMessage(message));
  }

  // ---- The end of the node ----

  #serve(message: SaidMessage): void {
    const { node } = this;
    const { agenda, addresses, recordedAtMs, refused } = this.#network;
    switch (message.kind) {
      case "HELLO": {
        if (!node.isOpen) return this.#reply({ kind: "REFUSED", reason: "it is not ready yet", cluster: undefined });
        this.#client = simClientOf(message.secret);
        const nodes = addresses.map((address) => ({ name: address, address }));
        const { core: { place: { n: born }, replay }, name } = node;
        const executed = replay.executedOf(this.#client);
        return this.#reply({ kind: "NODE", cluster: simCluster, name, born, executed, nodes });
      }
      case "SUBMIT": {
        const { kind: _, ...request } = message;
        const client = this.#client;
        return node.tell({
          kind: "submitted",
          request: {
            ...request,
            ticket: Object.assign((told: Told) => this.#tellRequest(request.seq, told), {
              onRefusal: (refusal: NodeRefusal) => refusal !== "gap" && refused.add(client),
            }),
            client,
            recordedAtMs: Math.max(0, ...commandsOf(request.commands).map(recordedAtMs)),
            deadlineMs: agenda.nowMs + submitMs,
          },
        });
      }
      case "ASK": {
        const { rid, commands } = message;
        const deadlineMs = agenda.nowMs + readMs;
        return node.tell({ kind: "asked", commands, deadlineMs, ticket: (told) => this.#tellRead(rid, told) });
      }
    }
  }

  #tellRequest(seq: number, told: Told): void {
    if (told.kind === "refused") {
      const { refusal, reason } = told;
      return this.#reply({ kind: "DECLINED", isRead: false, number: seq, refusal, reason });
    }
    if (told.kind === "unknown") return this.#reply({ kind: "UNSURE", seq, reason: told.reason });
    this.#reply({ kind: "RESULT", seq, index: told.index, outputs: told.outputs });
  }

  #tellRead(rid: number, told: Told): void {
    if (told.kind === "refused") {
      const { refusal, reason } = told;
      return this.#reply({ kind: "DECLINED", isRead: true, number: rid, refusal, reason });
    }
    if (told.kind === "unknown") return claim(false, "a read has an unknown outcome");
    this.#reply({ kind: "ANSWER", rid, index: told.index, outputs: told.outputs });
  }
}
