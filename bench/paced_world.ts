/**
 * The protocol's own code in the simulator, with a clock that runs in hops: what a command costs in messages, also
 * between replicas, and how long its output takes when nothing but messages takes time.
 *
 * A hop is the time that one message takes. So the hops of a command are the longest chain of messages that wait for
 * each other, from the submission to the output. The same options give the same figures on every machine.
 *
 * @module
 */

import { Sites } from "../src/database/store/sites.ts";
import { zstdPacking } from "../src/storage/zstd_packing.ts";
import { lullMs, replicaTickMs } from "../src/limits.ts";
import type { Message } from "../src/protocol/wire/messages.ts";
import type { SimClient, SimReplica } from "../src/simulator/processes.ts";
import { Random } from "../src/simulator/random.ts";
import type { Way } from "../src/simulator/way.ts";
import { World } from "../src/simulator/world.ts";
import { EventQueue } from "./event_queue.ts";

/** What clients do in such a world. */
export interface PacedOptions {
  readonly replicas: number;
  readonly sessions: number;
  /** Commands that each session submits at once; it submits the next ones when it has all their outputs. */
  readonly outstanding: number;
  /** Hops that a client thinks between its outputs and its next commands, on average. */
  readonly thinkHops: number;
  /**
   * Whether each message takes exactly a hop. Then messages meet: a process handles in one turn all that reaches it at
   * one moment, as it does under load. If not, each takes a hop, give or take a quarter, and a turn of its own.
   */
  readonly isInStep: boolean;
  /** One command. */
  readonly command: Uint8Array;
  readonly outputBytesMax: number;
}

/** What a command costs, on average. */
export interface PacedCost {
  /** From its submission to its output. */
  readonly hops: number;
  /** Messages between clients and replicas, by kind. */
  readonly atClients: Readonly<Record<string, number>>;
  /** Messages between replicas, by kind. */
  readonly betweenReplicas: Readonly<Record<string, number>>;
}

/**
 * Milliseconds of a hop, about as on the loopback interface. The protocol's timers are in milliseconds, so this says
 * how many hops a timer takes. A power of two, so that messages that meet do so to the last digit.
 */
export const hopMs = 1 / 32;

/** By how much of a hop two messages differ at most, unless they are in step. */
const scatterHops = 0.5;

/** Rounds of each client before the count begins, in which the clients join and settle. */
const uncountedRounds = 10;

type Event = { readonly flow: Flow } | { readonly submits: SimClient<number> };

/** One direction of a link, and what of it has a time of arrival. */
interface Flow {
  readonly way: Way;
  readonly isMesh: boolean;
  /** Messages that arrive at a known time. */
  scheduled: number;
  lastAt: number;
}

/** Has each client go `rounds` rounds on average, from its commands to their outputs, and counts. */
export function costOfRounds(options: PacedOptions, rounds: number): PacedCost {
  const world = new PacedWorld(options);
  world.run(uncountedRounds * options.sessions);
  const tally = world.beginTally();
  world.run(rounds * options.sessions);
  return tally.cost();
}

/** What happened since a moment. */
class Tally {
  commands = 0;
  hops = 0;
  readonly #atClients = new Map<string, number>();
  readonly #betweenReplicas = new Map<string, number>();

  /** A process has sent a message. */
  note({ kind }: Message, isMesh: boolean): void {
    const kinds = isMesh ? this.#betweenReplicas : this.#atClients;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }

  cost(): PacedCost {
    const per = (kinds: ReadonlyMap<string, number>) => {
      return Object.fromEntries([...kinds].map(([kind, count]) => [kind, count / this.commands]));
    };
    return {
      hops: this.hops / this.commands,
      atClients: per(this.#atClients),
      betweenReplicas: per(this.#betweenReplicas),
    };
  }
}

/** A world in which time passes by itself. */
class PacedWorld extends World<number> {
  readonly #options: PacedOptions;
  readonly #random = new Random(1);
  readonly #events = new EventQueue<Event>();
  readonly #flows = new Map<string, Flow[]>();
  // When a replica does what it has put off for a moment.
  readonly #lullAt = new Map<SimReplica, number>();
  #tally = new Tally();
  #rounds = 0;

  constructor(options: PacedOptions) {
    super({ machine: () => new Sites({ packing: zstdPacking }) });
    this.#options = options;
    this.startCluster(options.replicas);
    for (let at = 0; at < options.sessions; at++) {
      // Ids decide ties, so that they must not follow the order in which clients begin.
      const client = this.addClient(this.#random.hex(32), `c${at}`);
      for (const address of client.core.wanted()) this.connect(client, address);
      this.#events.push(this.#after(1), { submits: client });
    }
    for (const way of this.ways()) {
      const flows = this.#flows.get(way.from) ?? [];
      this.#flows.set(way.from, [...flows, { way, isMesh: this.#isMesh(way), scheduled: 0, lastAt: 0 }]);
    }
    for (const { name } of [...this.replicas, ...this.clients]) this.#schedule(name);
  }

  /** Runs until clients have had all outputs of what they submitted that many times more. */
  run(rounds: number): void {
    const until = this.#rounds + rounds;
    while (this.#rounds < until) this.#step();
  }

  /** Counts from here on. */
  beginTally(): Tally {
    return this.#tally = new Tally();
  }

  protected override onOutputs(client: SimClient<number>, tickets: readonly number[]): void {
    for (const submittedAt of tickets) {
      this.#tally.commands++;
      this.#tally.hops += (this.nowMs - submittedAt) / hopMs;
    }
    if (client.waiting > 0) return;
    this.#rounds++;
    const { thinkHops } = this.#options;
    this.#events.push(thinkHops === 0 ? this.nowMs : this.#after(thinkHops), { submits: client });
  }

  /** Everything that happens at the next moment; then each process that it touches acts once. */
  #step(): void {
    const touched = new Set<string>();
    this.nowMs = Math.min(this.#events.nextAt, ...this.#timers());
    while (this.#events.nextAt === this.nowMs) touched.add(this.#happen(this.#events.take()));
    for (const replica of this.replicas) {
      if (this.nowMs >= tickAtMs(replica)) {
        this.tickReplica(replica);
        touched.add(replica.name);
      }
      if (this.nowMs >= (this.#lullAt.get(replica) ?? Infinity)) {
        this.#lullAt.delete(replica);
        this.lull(replica);
        touched.add(replica.name);
      }
      if (!touched.has(replica.name)) continue;
      this.turnOfReplica(replica);
      if (replica.wantsLull && !this.#lullAt.has(replica)) this.#lullAt.set(replica, this.nowMs + lullMs);
    }
    for (const client of this.clients) {
      if (!touched.has(client.name) && (client.core.wakeAt() ?? Infinity) > this.nowMs) continue;
      touched.add(client.name);
      this.tickClient(client);
      this.turnOfClient(client);
    }
    for (const name of touched) this.#schedule(name);
  }

  /** When the timers go off that are still to come. */
  *#timers(): Generator<number> {
    for (const replica of this.replicas) yield tickAtMs(replica);
    yield* this.#lullAt.values();
    for (const client of this.clients) {
      const wakeAt = client.core.wakeAt();
      if (wakeAt !== undefined && wakeAt > this.nowMs) yield wakeAt;
    }
  }

  /** Returns the name of the process that it happens to. */
  #happen(event: Event): string {
    if ("flow" in event) {
      const { flow } = event;
      flow.scheduled--;
      flow.way.deliver();
      return flow.way.to;
    }
    const { command, outputBytesMax, outstanding } = this.#options;
    for (let at = 0; at < outstanding; at++) this.submitCommand(event.submits, command, this.nowMs, outputBytesMax);
    return event.submits.name;
  }

  /** Gives a time of arrival to all that a process has sent; no message overtakes another on its link. */
  #schedule(from: string): void {
    for (const flow of this.#flows.get(from) ?? []) {
      const { pipe } = flow.way;
      if (pipe.length === flow.scheduled) continue;
      for (const message of [...pipe].slice(flow.scheduled)) {
        this.#tally.note(message, flow.isMesh);
        flow.lastAt = Math.max(flow.lastAt, this.#after(1));
        flow.scheduled++;
        this.#events.push(flow.lastAt, { flow });
      }
    }
  }

  #isMesh({ from, to }: Way): boolean {
    const isReplica = (name: string) => this.replicas.some((replica) => replica.name === name);
    return isReplica(from) && isReplica(to);
  }

  #after(hops: number): number {
    const { isInStep } = this.#options;
    return this.nowMs + hopMs * hops * (isInStep ? 1 : 1 + (this.#random.next() - 0.5) * scatterHops);
  }
}

/** When the replica's timer goes off, as often as `net/replica` has it. */
function tickAtMs({ tickedAtMs }: SimReplica): number {
  return tickedAtMs + replicaTickMs / 2;
}
