/**
 * What one session of a client of a schedule has said and heard, checked message by message: that nodes tell the truth,
 * and how often each thing was reached.
 *
 * @module
 */

import { recordedAheadMsMax, sessionTtlMs } from "../../src/limits.ts";
import type { HeardMessage, SaidMessage } from "../../src/engine/client/caller_events.ts";
import type { NodeMessageOf } from "../../src/engine/wire/node_messages.ts";
import { claim } from "./claims.ts";
import { commandsOf, simClientOf, type SimNetwork } from "./sim_link.ts";
import type { SimNode } from "./sim_node.ts";

/** A request, as it was sent first. */
interface SaidRequest {
  readonly commands: string;
  readonly numbers: readonly number[];
  readonly atMs: number;
}

/** One session. */
export class Heard {
  readonly #network: SimNetwork;
  readonly #said = new Map<number, SaidRequest>();
  #client = "";
  #done = 0;
  #usedMs: number;

  constructor(network: SimNetwork) {
    this.#network = network;
    this.#usedMs = network.agenda.nowMs;
  }

  /** The client says something. */
  says(message: SaidMessage): void {
    if (message.kind === "HELLO") this.#client = simClientOf(message.secret);
    if (message.kind !== "SUBMIT") return;
    const { seq, commands } = message;
    const known = this.#said.get(seq);
    if (known !== undefined) {
      this.#network.count(known.commands === commands.toHex() ? "sent again" : "seq used again");
      if (known.commands === commands.toHex()) return;
    }
    const { agenda: { nowMs: atMs } } = this.#network;
    this.#said.set(seq, { commands: commands.toHex(), numbers: commandsOf(commands), atMs });
  }

  /** A node says something. */
  hears(message: HeardMessage, node: SimNode): void {
    const { count } = this.#network;
    switch (message.kind) {
      case "RESULT": {
        const said = this.#said.get(message.seq);
        count("output");
        this.#done = Math.max(this.#done, message.seq);
        this.#usedMs = Math.max(this.#usedMs, said?.atMs ?? 0);
        for (const number of said?.numbers ?? []) {
          claim(!this.#isOfTheFuture(number, node), `command ${number} is of the future, and is executed`);
        }
        return;
      }
      case "ANSWER":
        return count("read");
      case "UNSURE":
        return count("unknown");
      case "DECLINED":
        return message.isRead ? count("read refused") : this.#onDeclined(message, node);
    }
  }

  #isOfTheFuture(command: number, { clockMs }: SimNode): boolean {
    return this.#network.recordedAtMs(command) > clockMs + recordedAheadMsMax;
  }

  #onDeclined({ number: seq, refusal }: NodeMessageOf<"DECLINED">, node: SimNode): void {
    const { count, agenda } = this.#network;
    count(`refused: ${refusal}`);
    if (refusal === "gap") {
      const isTrue = this.#network.refused.has(this.#client);
      claim(isTrue, `request ${seq} is refused as a gap, and none before it was refused`);
    }
    if (refusal === "expired" || refusal === "ended") {
      // One that has executed nothing may be refused at once: the node where it was made may have been far behind.
      claim(this.#done === 0 || agenda.nowMs - this.#usedMs >= sessionTtlMs, "a session in use is forgotten");
    }
    claim(refusal !== "confirmed", `request ${seq} is refused, as the client is said to have its output`);
    if (refusal === "clock") {
      const numbers = this.#said.get(seq)?.numbers ?? [];
      claim(numbers.some((number) => this.#isOfTheFuture(number, node)), "a request of the present is refused");
    }
  }
}
