/**
 * Processes as functions of what they were told.
 *
 * A replica and a transmitter have no clock, no randomness and no memory but what their events made. So a process is in
 * the same state wherever it was told the same, and each state is run once, however many histories pass through it.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { itemsOf } from "../../src/batch.ts";
import type { ClientMessage, MeshMessage, Message, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import { CheckedReplica, CheckedTransmitter } from "../../src/simulator/checked.ts";
import { simulatedKey } from "../../src/simulator/world.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { Ready, ReplicaEffect } from "../../src/protocol/replica/replica_events.ts";
import type { ClientId, Member, ReplicaId } from "../../src/uid.ts";
import { DigestMachine, readCommand } from "../simulator/digest_machine.ts";
import { contentOf } from "./content.ts";

/** One event of a process. */
export type Event =
  | { readonly kind: "message"; readonly from: string; readonly message: Message }
  /** The sender has failed or has closed the link, and nothing more comes. */
  | { readonly kind: "end"; readonly from: string }
  /** A person gives a client its next command, or a read, and anybody has seen what is up to the index `seen`. */
  | { readonly kind: "submit"; readonly seen: number }
  | { readonly kind: "read"; readonly seen: number };

/** A request in the log of a replica. */
export interface LogEntry {
  /** The index of its last command. */
  readonly index: number;
  /** Its session and its number in it. */
  readonly request: string;
  /** All of it, to be compared. */
  readonly text: string;
}

/** An output that a client has, or a value that it has read. */
export interface Seen {
  readonly index: number;
  /** What the largest index was that anybody had seen when the command was submitted. */
  readonly seenBefore: number;
  /** If it is a value: how many commands the client had submitted before, and the value. */
  readonly read?: { readonly after: number; readonly value: string };
}

/** What a process has done at an event. */
export interface Done {
  /** To whom it has sent what, in this order. */
  readonly sent: readonly (readonly [to: string, message: Message])[];
  /** The links that it has closed after that. */
  readonly closed: readonly string[];
  /** From whom it reads nothing at the moment (R0). */
  readonly held: readonly string[];
  /** What a replica has executed. */
  readonly log: readonly LogEntry[];
  /** Which outputs and values a client has got. */
  readonly outputs: readonly Seen[];
  /** Why it has stopped itself, or given up. */
  readonly fault: string | undefined;
}

/** A process that can be told events. */
export interface Process {
  /** Takes one event, and acts. */
  step(event: Event): Done;
  /** Its state as a text; undefined where only its history says it, see `content.ts`. */
  readonly content: string | undefined;
}

/** A replica of view 1. */
export class ReplicaProcess implements Process {
  readonly #core: CheckedReplica;
  readonly #clients: readonly string[];
  readonly #greeted = new Set<number>();

  /** `clients`: the names of all who have a link, clients and a liar; the number of each is that of its link. */
  constructor(id: ReplicaId, members: readonly Member[], clients: readonly string[]) {
    const key = simulatedKey;
    const machine = new DigestMachine();
    this.#core = new CheckedReplica({ id, cluster: "c".repeat(32), key, members, machine, log: true });
    this.#clients = clients;
  }

  get content(): string | undefined {
    return contentOf(this.#core);
  }

  step(event: Event): Done {
    if (event.kind === "submit" || event.kind === "read") throw new Error("Nobody submits to a replica");
    const link = this.#clients.indexOf(event.from);
    if (link < 0) this.#hearReplica(Number(event.from.slice(1)), event);
    else this.#hearClient(link, event);
    return this.#act();
  }

  #hearReplica(from: ReplicaId, event: Event): void {
    if (event.kind !== "message") return this.#core.step({ kind: "peerFailed", id: from });
    this.#core.step({ kind: "fromPeer", from, message: event.message as MeshMessage });
  }

  #hearClient(link: number, event: Event): void {
    if (event.kind !== "message") return this.#core.step({ kind: "linkClosed", link });
    const message = event.message as ClientMessage;
    if (message.kind !== "HELLO") return this.#core.step({ kind: "fromClient", link, message });
    const { secret, cluster, done } = message;
    this.#greeted.add(link);
    this.#core.step({ kind: "hello", link, client: secret.slice(0, 32), cluster, done });
  }

  /** It does at once what it would put off for a moment: for the others that is a delay like any other. */
  #settled(): Pick<Ready, "executed" | "effects"> {
    const executed: Executed[] = [];
    const effects: ReplicaEffect[] = [];
    for (;;) {
      const ready = this.#core.ready();
      executed.push(...ready.executed);
      effects.push(...ready.effects);
      if (!ready.wantsLull) return { executed, effects };
      this.#core.step({ kind: "lull" });
    }
  }

  #act(): Done {
    const { executed, effects } = this.#settled();
    const sent: [string, Message][] = [];
    const closed: string[] = [];
    let fault: string | undefined;
    for (const effect of effects) {
      if (effect.kind === "toClient") sent.push([this.#clients[effect.link], effect.message]);
      if (effect.kind === "toReplica") sent.push([`r${effect.to}`, effect.message]);
      if (effect.kind === "halt") fault = effect.reason;
      if (effect.kind === "closeLink") {
        const { link, reason, cluster } = effect;
        sent.push([this.#clients[link], { kind: "REFUSED", reason, cluster }]);
        closed.push(this.#clients[link]);
      }
    }
    const log = executed.map(({ v, ts, client, seq, index, commands, outputs }): LogEntry => {
      const request = `${client} #${seq}`;
      const last = index + [...itemsOf(commands)].length - 1;
      return { index: last, request, text: `${request}, ${v}.${ts}, at ${index}: ${commands} -> ${outputs}` };
    });
    const held = [...this.#greeted].filter((link) => this.#core.isHeld(link)).map((link) => this.#clients[link]);
    return { sent, closed, held, log, outputs: [], fault };
  }
}

/** A client that has links to all members, and is given commands and reads. */
export class ClientProcess implements Process {
  readonly #core: CheckedTransmitter<{ readonly seen: number; readonly after: number }>;
  readonly #replicas: readonly string[];
  readonly #id: ClientId;
  #commands = 0;

  /** It has done nothing yet. */
  constructor(id: ClientId, members: readonly Member[]) {
    this.#id = id;
    this.#replicas = members.map(({ address }) => address);
    this.#core = new CheckedTransmitter({ secret: id + id, client: id, addresses: this.#replicas });
  }

  get content(): string | undefined {
    const content = contentOf(this.#core);
    return content === undefined ? undefined : `${this.#commands}: ${content}`;
  }

  /** Greets all replicas. */
  greet(): Done {
    this.#replicas.forEach((address, link) => this.#core.step({ kind: "linkOpened", link, address }));
    return this.#act();
  }

  step(event: Event): Done {
    if (event.kind === "submit") {
      const command = new ByteWriter(8);
      command.varint(Number(this.#id) * 1000 + ++this.#commands);
      this.#core.submit(command.copy(), 8, { seen: event.seen, after: this.#commands });
      return this.#act();
    }
    if (event.kind === "read") {
      this.#core.read(readCommand, 8, { seen: event.seen, after: this.#commands });
      return this.#act();
    }
    const link = this.#replicas.indexOf(event.from);
    if (event.kind === "end") this.#core.step({ kind: "linkClosed", link });
    else this.#core.step({ kind: "received", link, message: event.message as ReplyMessage });
    return this.#act();
  }

  #act(): Done {
    const sent: [string, Message][] = [];
    const closed: string[] = [];
    const outputs: Seen[] = [];
    let fault: string | undefined;
    for (const effect of this.#core.ready()) {
      switch (effect.kind) {
        case "send":
          sent.push([this.#replicas[effect.link], effect.message]);
          break;
        case "closeLink":
          closed.push(this.#replicas[effect.link]);
          break;
        case "outputs":
          effect.tickets.forEach(({ seen }, at) => outputs.push({ index: effect.index + at, seenBefore: seen }));
          break;
        case "values": {
          const { index, tickets } = effect;
          const values = [...itemsOf(effect.outputs)];
          tickets.forEach(({ seen, after }, at) => {
            outputs.push({ index, seenBefore: seen, read: { after, value: `${values[at]}` } });
          });
          break;
        }
        case "view":
          break;
        default:
          fault = "reason" in effect ? `${effect.kind}: ${effect.reason}` : effect.kind;
      }
    }
    return { sent, closed, held: [], log: [], outputs, fault };
  }
}
