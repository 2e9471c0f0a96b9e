/**
 * A world that tells what happens in it, in plain words; its replicas hold a {@link Register} each.
 *
 * @module
 */

import type { Executed } from "../protocol/replica/executor.ts";
import type { ReplicaEffect } from "../protocol/replica/replica_events.ts";
import type { ClientPicture, LessonStep, NameOf, ReplicaPicture } from "./picture.ts";
import { clientPicture, replicaPicture } from "./picture.ts";
import { afterAtClient, afterAtReplica } from "./reasons.ts";
import { replicasText } from "./words.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";
import { commandsText, Register } from "./register.ts";
import { World } from "../simulator/world.ts";

/** An action that makes no sense now; its message is for the person. */
export class LessonError extends Error {
  override name = "LessonError";
}

/** A world that tells; what is submitted in it is numbers for the registers. */
export class TellingWorld extends World<number> {
  readonly #registers: Register[];
  readonly #outputs = new Map<string, ClientPicture["answer"]>();
  /** The events of the present step, a sentence each, and what is to be marked. */
  protected happened: { words: string[]; marks: LessonStep["marks"][number][] } = { words: [], marks: [] };

  /** A world without replicas and clients. */
  constructor() {
    const registers: Register[] = [];
    super({
      // Messages travel as bytes, so that each is an object of its own.
      codec: true,
      machine: () => {
        const register = new Register();
        registers.push(register);
        return register;
      },
    });
    this.#registers = registers;
  }

  /** The clients as they are now. */
  protected clientPictures(): ClientPicture[] {
    return this.clients.map((client) => clientPicture(client, this.#outputs.get(client.name)));
  }

  /** The replicas as they are now. */
  protected replicaPictures(): ReplicaPicture[] {
    return this.replicas.map((replica, at) => replicaPicture(replica, this.#registers[at], this.nameOf));
  }

  /** What the process that got the message still waits for. */
  protected afterwards({ flight, at }: Pick<LessonStep, "flight" | "at">): readonly string[] {
    if (flight === undefined || at === undefined) return [];
    const process = this.processNamed(at);
    if (!isReplica(process)) return afterAtClient(flight.kind, process);
    const isNews = this.happened.marks.some(({ kind }) => kind === "view");
    return process.alive ? afterAtReplica(flight.kind, process, isNews, this.nameOf) : [];
  }

  /** What a client is called. */
  protected readonly nameOf: NameOf = (id: string): string =>
    this.clients.find((client) => client.id === id)?.name ?? id.slice(0, 8);

  /** @throws {LessonError} if there is none of this name. */
  protected clientNamed(name: string): SimClient<number> {
    return named("client", this.clients, name);
  }

  /** @throws {LessonError} if there is none of this name. */
  protected processNamed(name: string): SimClient<number> | SimReplica {
    return name.startsWith("c") ? this.clientNamed(name) : named("replica", this.replicas, name);
  }

  /** All clocks, by the names of the processes. */
  protected clocks(): Record<string, number> {
    return Object.fromEntries([
      ...this.clients.map(({ name, core }) => [name, core.inspect().clock]),
      ...this.replicas.map(({ name, core }) => [name, core.status().clock]),
    ]);
  }

  protected override onExecuted(replica: SimReplica, { v, ts, client, commands }: Executed): void {
    const { name } = replica;
    const text = commandsText(commands);
    const { joining, v: now, members } = replica.core.status();
    const why = joining
      ? "as its donor has done (V9)"
      : now !== v
      ? `before view ${now} begins, since all survivors have it (V7)`
      : members.length === 1
      ? "since it is alone"
      : "since every replica has it, and nothing earlier can come (R5)";
    this.happened.words.push(`${name} executes "${text}" of ${this.nameOf(client)}, stamped ${ts}, ${why}.`);
    this.happened.marks.push({ at: name, kind: "executed", text });
  }

  protected override onInstalled({ name }: SimReplica, { v, members }: ReplicaEffect & { kind: "installed" }): void {
    this.happened.words.push(`${name} begins view ${v} of ${replicasText(members.map(({ id }) => id))}.`);
    this.happened.marks.push({ at: name, kind: "view", text: `view ${v}` });
  }

  protected override onRestored({ name }: SimReplica): void {
    this.happened.words.push(`${name} has the whole state now.`);
  }

  protected override onHalt({ name }: SimReplica, reason: string): void {
    this.happened.words.push(`${name} halts: ${reason}.`);
  }

  protected override onClosed({ name }: SimReplica, client: SimClient<number> | undefined, reason: string): void {
    if (client !== undefined) this.happened.words.push(`${name} closes the link of ${client.name}: ${reason}.`);
  }

  protected override onOutputs(
    { name }: SimClient<number>,
    values: readonly number[],
    _: Uint8Array,
    index: number,
  ): void {
    const text = values.join(", ");
    this.#outputs.set(name, { text, index: index + values.length - 1 });
    this.happened.marks.push({ at: name, kind: "answer", text });
  }

  protected override onLost({ name }: SimClient<number>, reason: string): void {
    this.happened.words.push(`${name} has lost its session: ${reason}.`);
  }
}

function named<P extends { readonly name: string }>(kind: string, processes: readonly P[], name: string): P {
  const found = processes.find((process) => process.name === name);
  if (found === undefined) throw new LessonError(`There is no ${kind} "${name}"`);
  return found;
}

/** Whether a process is a replica. */
export function isReplica(process: SimClient<number> | SimReplica): process is SimReplica {
  return "said" in process;
}
