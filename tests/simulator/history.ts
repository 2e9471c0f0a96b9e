/**
 * The checkers of the claims (a) to (d), outside of the replicas: they see only what was executed, what was asked and
 * what was answered.
 *
 * Linearizability is checked by its witness: every output says its place in the log. The log must be one order (a);
 * each output must be what a plain machine gives at that place; and a command that was submitted after an output was
 * seen must come after it in the log.
 *
 * @module
 */

import { ByteReader } from "../../src/bytes.ts";
import { countItems, itemsOf } from "../../src/batch.ts";
import { Digest } from "../../src/protocol/replica/digest.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { Position } from "../../src/protocol/wire/records.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import type { ClientId, ReplicaId, Uid } from "../../src/uid.ts";
import { DigestMachine } from "./digest_machine.ts";

/** A claim that does not hold. */
export class Violation extends Error {
  override name = "Violation";
}

/** A command of the simulation: a number that no other command has, or 0, which changes nothing. */
export interface Ticket {
  readonly client: ClientId;
  readonly command: number;
  /** The largest log index that anybody had seen when it was submitted. */
  readonly seenBefore: number;
  /** A read comes after those commands of its client that have a smaller number than this. */
  readonly after?: number;
}

/** A request as it was executed first; its bytes are its own, whatever becomes of those of the replica. */
interface Entry extends Executed {
  /** It was executed in a view of one member. */
  readonly alone: boolean;
}

function entryOf({ v, ts, client, seq, commands, outputs, index }: Executed, alone: boolean): Entry {
  return { v, ts, client, seq, commands: commands.slice(), outputs: outputs.slice(), index, alone };
}

/** The first field in which a request was executed differently, or undefined. */
function differenceOf(known: Executed, record: Executed): string | undefined {
  for (const field of ["v", "ts", "client", "seq"] as const) if (known[field] !== record[field]) return field;
  if (!areSame(known.commands, record.commands)) return "commands";
  if (!areSame(known.outputs, record.outputs)) return "outputs";
  return known.index === record.index ? undefined : "index";
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** A batch of one read. */
const readBatch = new Uint8Array([1, 0]);

/** Everything that has happened so far, checked against the claims. */
export class History {
  // Requests in the order in which the first replica executed each.
  #order: Entry[] = [];
  /** Sessions that two processes use. */
  readonly shared: Set<ClientId> = new Set();
  /** Those of them that have begun again. */
  readonly #begunAgain = new Set<ClientId>();
  readonly #executed = new Map<ReplicaId, number>();
  readonly #restored = new Set<ReplicaId>();
  readonly #byIndex = new Map<number, Entry>();
  readonly #commands = new Map<number, number>();
  readonly #lastSeq = new Map<ClientId, number>();
  readonly #answered = new Set<number>();
  // Commands whose clients were told that nobody has executed them.
  readonly #refused = new Set<number>();
  // What a read gives after that many commands; nobody reads in the middle of a request.
  readonly #values = new Map<number, Uint8Array>();
  // By client, before which command's number everything had been executed, or never is, as it has read.
  readonly #readAfter = new Map<ClientId, number>();
  readonly #reference: StateMachine;
  // The reference as it was at first, and how many commands had been executed by then.
  readonly #begunWith: Uint8Array;
  readonly #begunAt: number;
  readonly #hasBackup: boolean;
  // Commands of an earlier cluster: none of them is executed in this one.
  readonly #bygone: ReadonlySet<number>;
  // `--force-from` or `--restore` cut what had been seen to `seen`, before command number `command` was submitted.
  #forked = { command: 0, seen: 0 };
  // The digest of the requests in order, as the replicas make theirs: the one after the n-th request is number n.
  #digest = new Digest();
  readonly #digests: number[] = [];
  #commandCount: number;
  #seen: number;

  /**
   * @param reference a machine, alone; it may fail at what no machine should do.
   * @param begunAt how many commands made the state that it is in, if it is that of a backup.
   * @param bygone the commands of an earlier cluster, by their numbers.
   */
  constructor(
    reference: StateMachine = new DigestMachine(),
    begunAt: number | undefined = undefined,
    bygone: ReadonlySet<number> = new Set<number>(),
  ) {
    this.#reference = reference;
    this.#begunWith = allOf(reference.freeze());
    this.#begunAt = this.#commandCount = this.#seen = begunAt ?? 0;
    this.#hasBackup = begunAt !== undefined;
    this.#bygone = bygone;
    this.#noteValue();
    this.#beginDigest();
  }

  #noteValue(): void {
    for (const value of itemsOf(this.#reference.read(readBatch) ?? new Uint8Array(0))) {
      this.#values.set(this.#commandCount, value.slice());
    }
  }

  #beginDigest(): void {
    this.#digest = new Digest();
    if (this.#hasBackup) {
      this.#digest.number(this.#begunAt);
      this.#digest.bytes(this.#begunWith);
    }
    this.#digests.splice(0, this.#digests.length, this.#digest.value);
  }

  /** The largest log index that any client has seen. */
  get seen(): number {
    return this.#seen;
  }

  /** The requests that were executed by anybody, in their order. */
  get order(): readonly (Uid & { readonly v: number; readonly seq: number })[] {
    return this.#order;
  }

  /** How many requests were executed by anybody. */
  get length(): number {
    return this.#order.length;
  }

  /** How many commands were executed by anybody. */
  get commands(): number {
    return this.#commandCount;
  }

  /** How many commands were answered. */
  get answered(): number {
    return this.#answered.size;
  }

  /** Whether a request of this session was executed. */
  hasExecuted(client: ClientId): boolean {
    return this.#lastSeq.has(client);
  }

  /** How many requests a replica has executed. */
  executedBy(id: ReplicaId): number {
    return this.#executed.get(id) ?? 0;
  }

  /**
   * A replica has executed a request: claims (a) and (d). `alone`: in a view of one member, where the order of uids
   * does not count, as there is nobody to have another.
   */
  executed(id: ReplicaId, record: Executed, alone: boolean): void {
    const at = this.#executed.get(id) ?? (this.#restored.has(id) ? this.#placeOf(record) : 0);
    this.#executed.set(id, at + 1);
    const known = this.#order[at];
    if (known === undefined) return this.#append(entryOf(record, alone));
    const field = differenceOf(known, record);
    if (field === undefined) return;
    throw new Violation(
      `(a) replica ${id} executed ${this.#describe(record)} as request ${at + 1}, ` +
        `another one ${this.#describe(known)}: "${field}" differs`,
    );
  }

  /** A newcomer's state was replaced by a snapshot: what it executes next shows where it stands. */
  restored(id: ReplicaId): void {
    this.#restored.add(id);
    this.#executed.delete(id);
  }

  #placeOf({ v, client, seq }: Executed): number {
    const isShared = this.shared.has(client);
    const place = this.#order.findIndex((entry) =>
      entry.client === client && entry.seq === seq && (!isShared || entry.v === v)
    );
    return place < 0 ? this.#order.length : place;
  }

  #append(entry: Entry): void {
    const previous = this.#order.at(-1);
    if (
      !entry.alone && previous !== undefined && previous.v === entry.v &&
      (previous.ts > entry.ts || (previous.ts === entry.ts && previous.client >= entry.client))
    ) {
      throw new Violation(`(a) ${this.#describe(entry)} was executed after ${this.#describe(previous)}`);
    }
    const expected = (this.#lastSeq.get(entry.client) ?? 0) + 1;
    // A process that shares its session continues after the other one has ended it, and begins again at seq 1. It may
    // have sent that request before: no honest program shares its session.
    const isAgain = entry.seq === 1 && this.shared.has(entry.client);
    if (entry.seq !== expected && !isAgain) {
      throw new Violation(`(d) ${this.#describe(entry)} was executed where seq ${expected} was expected`);
    }
    if (expected > 1 && isAgain) this.#begunAgain.add(entry.client);
    this.#lastSeq.set(entry.client, entry.seq);
    if (entry.index !== this.#commandCount + 1) {
      throw new Violation(`(a) ${this.#describe(entry)} has index ${entry.index}, not ${this.#commandCount + 1}`);
    }
    const { commands } = entry;
    const outputs = commands.length === 0 ? commands : this.#reference.apply(commands);
    if (!areSame(outputs, entry.outputs)) {
      throw new Violation(`(c) ${this.#describe(entry)} has another output than a machine`);
    }
    for (const command of itemsOf(entry.commands)) {
      const number = new ByteReader(command).varint();
      this.#commandCount++;
      if (this.#bygone.has(number)) throw new Violation(`(d) command ${number} was one of an earlier cluster`);
      const isRepeated = this.#commands.has(number);
      if (isRepeated && !this.#begunAgain.has(entry.client)) {
        throw new Violation(`(d) command ${number} was executed twice`);
      }
      if (this.#refused.has(number)) throw new Violation(`(d) command ${number} was executed, and said not to be`);
      if (number < (this.#readAfter.get(entry.client) ?? 0)) {
        throw new Violation(`(c) command ${number} was executed after a read that ${entry.client} had asked for later`);
      }
      this.#commands.set(number, this.#commandCount);
      this.#byIndex.set(this.#commandCount, entry);
    }
    this.#order.push(entry);
    this.#noteValue();
    const digest = this.#digest;
    digest.number(entry.v);
    digest.number(entry.ts);
    digest.text(entry.client);
    digest.number(entry.seq);
    digest.bytes(entry.commands);
    digest.bytes(entry.outputs);
    this.#digests.push(digest.value);
  }

  /** A replica says what it has executed: it is so. */
  standing(name: string, { requests, digest }: Pick<Position, "requests" | "digest">): void {
    const known = this.#digests[requests];
    if (known === digest) return;
    throw new Violation(`(a) after ${requests} requests the digest of ${name} is ${digest}, not ${known}`);
  }

  /**
   * A member has read its disk: what it has executed is a beginning of the order, and all that anybody has seen is
   * executed or pending: claim (b). `pending`: whether it has this request.
   */
  recovered(name: string, position: Position, pending: (client: ClientId, seq: number) => boolean): void {
    this.standing(name, position);
    for (const entry of this.#order.slice(position.requests)) {
      if (entry.index > this.#seen || pending(entry.client, entry.seq)) continue;
      throw new Violation(`(b) ${name} came back without ${this.#describe(entry)}, whose output was seen`);
    }
  }

  /**
   * `--force-from`: the cluster continues from a replica with `position.requests` requests, and gives up the rest.
   *
   * @param nextCommand no command of this number or a larger one was submitted yet.
   */
  fork(name: string, position: Pick<Position, "requests" | "digest">, nextCommand: number): void {
    this.standing(name, position);
    const kept = this.#order.slice(0, position.requests);
    this.#order = [];
    this.#executed.clear();
    // A forced start gives up views, and what those have dropped with them.
    this.#refused.clear();
    this.#restored.clear();
    for (const map of [this.#byIndex, this.#commands, this.#lastSeq, this.#values, this.#readAfter]) map.clear();
    restoreAll(this.#reference.restoring(), this.#begunWith);
    this.#commandCount = this.#begunAt;
    this.#noteValue();
    this.#beginDigest();
    for (const entry of kept) this.#append(entry);
    for (const command of this.#answered) if (!this.#commands.has(command)) this.#answered.delete(command);
    this.#seen = Math.min(this.#seen, this.#commandCount);
    this.#forked = { command: nextCommand, seen: this.#seen };
  }

  /**
   * A backup was taken when the index `seen` had been seen: it is a beginning of the order with all of that in it.
   *
   * @param reference a machine that has executed nothing.
   */
  copied(copy: Backup, seen: number, reference: StateMachine): void {
    if (copy.executed < seen) throw new Violation(`(b) a backup ends at ${copy.executed}, and index ${seen} was seen`);
    restoreAll(reference.restoring(), this.#begunWith);
    let executed = this.#begunAt;
    for (const { commands } of this.#order) {
      if (executed >= copy.executed) break;
      executed += countItems(commands);
      if (commands.length > 0) reference.apply(commands);
    }
    if (executed === copy.executed && areSame(allOf(reference.freeze()), copy.bytes)) return;
    throw new Violation(`(a) the backup at index ${copy.executed} is not a beginning of the order`);
  }

  /**
   * The history of a cluster that begins with a backup of this one.
   *
   * @param reference a machine that has executed nothing.
   * @param nextCommand no command of this number or a larger one was submitted yet.
   */
  successor(copy: Backup, reference: StateMachine, nextCommand: number): History {
    restoreAll(reference.restoring(), copy.bytes);
    const successor = new History(reference, copy.executed, new Set([...this.#bygone, ...this.#commands.keys()]));
    successor.#forked = { command: nextCommand, seen: copy.executed };
    for (const client of this.shared) successor.shared.add(client);
    return successor;
  }

  /**
   * A client has seen the outputs of a request: claims (b), as far as it shows at once, (c) and (d). If two processes
   * use one session, each may be given what the other one has asked for.
   */
  output(tickets: readonly Ticket[], outputs: Uint8Array, index: number): void {
    const entry = this.#byIndex.get(index);
    if (entry === undefined || entry.index !== index) {
      throw new Violation(`(b) a client saw an output with index ${index}, where no request begins in the log`);
    }
    if (!areSame(entry.outputs, outputs)) throw new Violation(`(c) the output at index ${index} is not the machine's`);
    this.#seen = Math.max(this.#seen, index + tickets.length - 1);
    if (this.shared.has(tickets[0].client)) {
      if (entry.client === tickets[0].client) return;
      throw new Violation(`(d) ${tickets[0].client} was given the output at ${index} of another session`);
    }
    tickets.forEach(({ client, command, seenBefore: seen }, k) => {
      const seenBefore = command < this.#forked.command ? Math.min(seen, this.#forked.seen) : seen;
      if (entry.client !== client || this.#commands.get(command) !== index + k) {
        throw new Violation(`(d) command ${command} of ${client} was answered with the output at ${index + k}`);
      }
      if (index + k <= seenBefore) {
        throw new Violation(
          `(c) command ${command} was submitted when index ${seenBefore} had been seen, and stands at ${index + k}`,
        );
      }
      if (this.#answered.has(command)) throw new Violation(`(d) command ${command} was answered twice`);
      this.#answered.add(command);
    });
  }

  /** A client has read what the machine held after `index` commands: claims (b) and (c). */
  values(tickets: readonly Ticket[], outputs: Uint8Array, index: number): void {
    const value = this.#values.get(index);
    for (const output of itemsOf(outputs)) {
      if (value === undefined || !areSame(output, value)) {
        throw new Violation(`(c) a value read at index ${index} is not the machine's`);
      }
    }
    for (const { client, seenBefore, after = 0 } of tickets) {
      const { seen } = this.#forked;
      if (index < (this.#forked.command > 0 ? Math.min(seenBefore, seen) : seenBefore)) {
        throw new Violation(`(c) ${client} read at index ${index}, when index ${seenBefore} had been seen`);
      }
      // The other process with the session knows nothing of it.
      if (!this.shared.has(client)) this.#checkOwn(client, index, after);
    }
    this.#seen = Math.max(this.#seen, index);
  }

  /** A client that has read at `index` finds there what it had submitted before: claim (c). */
  #checkOwn(client: ClientId, index: number, after: number): void {
    for (let at = this.#order.length - 1; at >= 0 && this.#order[at].index > index; at--) {
      const entry = this.#order[at];
      if (entry.client !== client) continue;
      for (const command of itemsOf(entry.commands)) {
        const number = new ByteReader(command).varint();
        if (number >= after) continue;
        throw new Violation(`(c) ${client} read at index ${index}, without its command ${number} at ${entry.index}`);
      }
    }
    this.#readAfter.set(client, Math.max(after, this.#readAfter.get(client) ?? 0));
  }

  /** A client was told that these commands were not executed. */
  notExecuted(tickets: readonly Ticket[]): void {
    for (const { command } of tickets) {
      if (this.#commands.has(command)) throw new Violation(`(d) command ${command} was executed, and said not to be`);
      this.#refused.add(command);
    }
  }

  /** At the end: the survivors have executed the same, and all that anybody has seen: claims (a) and (b). */
  finish(survivors: readonly ReplicaId[]): void {
    for (const id of survivors) {
      const executed = this.#executed.get(id) ?? (this.#restored.has(id) ? this.#order.length : 0);
      if (executed !== this.#order.length) {
        const lost = this.#order.slice(executed).map((entry) => this.#describe(entry)).join(", ");
        throw new Violation(`(b) replica ${id} survived without ${lost}`);
      }
    }
  }

  #describe({ v, ts, client, seq }: Executed): string {
    return `${v}.${ts}.${client.slice(0, 4)} (seq ${seq})`;
  }
}
