/**
 * A world that tells what happens in it, in plain words; its replicas hold a {@link Register} each.
 *
 * @module
 */

import type { Executed } from "../protocol/replica/executor.ts";
import type { ReplicaEffect } from "../protocol/replica/replica_events.ts";
import type { MeshMessage, Message, ReplyMessage } from "../protocol/wire/messages.ts";
import { answererOf } from "../protocol/wire/answerer.ts";
import type { ReplicaId } from "../uid.ts";
import { itemsOf } from "../batch.ts";
import type { ClientPicture, LastAnswer, LessonStep, ReplicaPicture } from "./picture.ts";
import { clientPicture, replicaPicture } from "./picture.ts";
import { afterAtClient, afterAtReplica, ignoredByClient, ignoredByReplica, whyHeadWaits } from "./reasons.ts";
import { listText, type NameOf, replicasText, stampText } from "./words.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";
import { commandsText, Register, valueOf } from "./register.ts";
import { World } from "../simulator/world.ts";

/** An action that makes no sense now; its message is for the person. */
export class LessonError extends Error {
  override name = "LessonError";
}

/** A world that tells; what is submitted in it is numbers for the registers. */
export class TellingWorld extends World<number> {
  readonly #registers: Register[];
  readonly #outputs = new Map<string, LastAnswer>();
  // The events of the present step: a sentence each, who does the same, and what is to be marked.
  #words: string[] = [];
  readonly #together = new Map<string, { readonly verb: string; readonly names: Set<string> }>();
  #marks: LessonStep["marks"][number][] = [];

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

  /** Says what has happened since the last call. */
  protected takeHappened(): Pick<LessonStep, "words" | "marks"> {
    const words = this.#words;
    for (const [what, { verb, names }] of this.#together) {
      words.push(`${listText([...names].sort())} ${verb}${names.size === 1 ? "s" : ""} ${what}`);
    }
    const marks = this.#marks;
    this.#words = [];
    this.#together.clear();
    this.#marks = [];
    return { words, marks };
  }

  /** Why nothing comes of a message that is about to arrive; undefined: something does. */
  protected ignored(to: string, message: Message | undefined): string | undefined {
    if (message === undefined) return undefined;
    const process = this.processNamed(to);
    return isReplica(process) ? ignoredByReplica(process, message) : ignoredByClient(process, message);
  }

  /** What the process that got the message still waits for; `isView`: it has begun a view. */
  protected afterwards({ flight, at }: Pick<LessonStep, "flight" | "at">, isView: boolean): readonly string[] {
    if (flight === undefined || at === undefined) return [];
    const process = this.processNamed(at);
    if (!isReplica(process)) return afterAtClient(flight.kind, process);
    return process.alive ? afterAtReplica({ ...flight, isView }, process, this.nameOf) : [];
  }

  /** How many messages were sent until now. */
  protected get sentInAll(): number {
    return this.sent.values().reduce((sum, count) => sum + count, 0);
  }

  /** Why the answerer does not execute the first request that it has. */
  protected whyAnswererWaits(): readonly string[] {
    return this.#whyWaits(({ core, id }) => answererOf(core.status().members) === id);
  }

  /** The same where no answerer has one: some other replica. */
  protected whyNothing(): readonly string[] {
    const [why] = [...this.whyAnswererWaits(), ...this.#whyWaits(() => true)];
    return why === undefined ? [] : [why];
  }

  #whyWaits(isMeant: (replica: SimReplica) => boolean): readonly string[] {
    const replica = this.living.find((replica) =>
      !replica.stopped && replica.core.status().pending > 0 && isMeant(replica)
    );
    return replica === undefined ? [] : whyHeadWaits(`${replica.name}'s`, replica, this.nameOf);
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
    const answerer = answererOf(members);
    const why = joining
      ? "as its donor has done (V9)"
      : now !== v
      ? `before view ${now} begins, since all survivors have it (V7)`
      : members.length === 1
      ? "since it is alone"
      : answerer === replica.id
      ? "since every replica has it, and nothing earlier can come to any (R5)"
      : `since r${answerer} has (R5)`;
    this.#words.push(`${name} executes "${text}" of ${this.nameOf(client)}, stamped ${ts}, ${why}.`);
    this.#marks.push({ at: name, kind: "executed", text });
  }

  protected override onInstalled({ name }: SimReplica, { v, members }: ReplicaEffect & { kind: "installed" }): void {
    this.#words.push(`${name} begins view ${v} of ${replicasText(members.map(({ id }) => id))}.`);
    this.#marks.push({ at: name, kind: "view", text: `view ${v}` });
  }

  protected override onMesh({ name }: SimReplica, to: ReplicaId, message: MeshMessage): void {
    if (message.kind === "RECEIVED") this.#words.push(`${name} tells r${to}, the answerer, what it has.`);
    if (message.kind === "ALARM") this.#do(name, "say", "that the view must end.");
    if (message.kind !== "EXECUTED") return;
    const upTo = stampText(message.upTo, this.nameOf);
    this.#do(name, "tell", `the others that it has executed everything up to ${upTo}.`);
  }

  protected override onReply({ name }: SimReplica, message: ReplyMessage, client: SimClient<number> | undefined): void {
    if (message.kind !== "NUDGE" || client === undefined) return;
    this.#do(name, "ask", `${client.name} to move its clock past ${message.ts}.`);
  }

  /** Several processes may do the same in one step; `verb`: as many of them do it. */
  #do(name: string, verb: string, what: string): void {
    const together = this.#together.get(what);
    if (together === undefined) this.#together.set(what, { verb, names: new Set([name]) });
    else together.names.add(name);
  }

  protected override onRestored({ name }: SimReplica): void {
    this.#words.push(`${name} has the whole state now.`);
  }

  protected override onHalt({ name }: SimReplica, reason: string): void {
    this.#words.push(`${name} halts: ${reason}.`);
  }

  protected override onClosed({ name }: SimReplica, client: SimClient<number> | undefined, reason: string): void {
    if (client !== undefined) this.#words.push(`${name} closes the link of ${client.name}: ${reason}.`);
  }

  protected override onOutputs(
    { name }: SimClient<number>,
    values: readonly number[],
    _: Uint8Array,
    index: number,
  ): void {
    const text = values.join(", ");
    this.#outputs.set(name, { text, index: index + values.length - 1, isRead: false });
    this.#marks.push({ at: name, kind: "answer", text });
  }

  protected override onValues(
    { name }: SimClient<number>,
    _: readonly number[],
    outputs: Uint8Array,
    index: number,
  ): void {
    const text = [...itemsOf(outputs)].map(valueOf).join(", ");
    this.#outputs.set(name, { text, index, isRead: true });
    this.#marks.push({ at: name, kind: "answer", text });
  }

  protected override onLost({ name }: SimClient<number>, reason: string): void {
    this.#words.push(`${name} has lost its session: ${reason}.`);
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
