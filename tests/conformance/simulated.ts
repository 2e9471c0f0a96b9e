/**
 * A simulated cluster for the conformance suite: the world of the simulator with the real database, driven by promises.
 *
 * While somebody waits for an answer, frames are delivered one after the other, in an order that the seed decides. Only
 * when no frame is on its way does time pass.
 *
 * @module
 */

import { type Submitter, VaxlogClient } from "../../src/library/client.ts";
import { textLines } from "../../src/cluster/log_lines.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { describeOutput } from "../../src/database/wire/output_words.ts";
import { Sites } from "../database/store/machine.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { itemsOf } from "../../src/batch.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { History, type Ticket } from "../simulator/history.ts";
import { Random } from "../../src/simulator/random.ts";
import type { SimClient } from "../simulator/world.ts";
import { World } from "../simulator/world.ts";
import type { ClientUnderTest, ClusterUnderTest } from "./cluster.ts";
import type { Ledger } from "./ledger.ts";
import { type LogEntry, parseLog } from "./log.ts";

/** Rounds after which a cluster without clients is at rest. */
const roundsMax = 10_000;

/** Steps after which what was not answered never will be. */
const stepsMax = 500_000;

type Reply = Awaited<ReturnType<Submitter["submit"]>>;

/** What the world tells of, as logs and as answers. */
class Records extends History {
  readonly logs = new Map<ReplicaId, string>();
  readonly answers = new Map<number, PromiseWithResolvers<Reply>>();

  override executed(id: ReplicaId, record: Executed): void {
    const lines = textLines.of(record, { command: describeCommand, output: describeOutput });
    this.logs.set(id, (this.logs.get(id) ?? "") + lines);
  }

  override values(tickets: readonly Ticket[], outputs: Uint8Array, index: number): void {
    [...itemsOf(outputs)].forEach((output, k) => {
      this.answers.get(tickets[k].command)?.resolve({ output, index });
      this.answers.delete(tickets[k].command);
    });
  }

  override output(tickets: readonly Ticket[], outputs: Uint8Array, index: number): void {
    [...itemsOf(outputs)].forEach((output, k) => {
      this.answers.get(tickets[k].command)?.resolve({ output, index: index + k });
      this.answers.delete(tickets[k].command);
    });
  }
}

/** A cluster in this process, with no socket and no clock. */
export class SimulatedCluster implements ClusterUnderTest {
  readonly #world: World;
  readonly #records = new Records();
  readonly #random: Random;
  readonly #ledger: Ledger;
  // The conditions that somebody waits for, each with the function that says that it will never hold.
  readonly #awaited = new Map<() => boolean, (error: unknown) => void>();
  #isRunning = false;
  #commands = 0;

  constructor(replicas: number, ledger: Ledger, seed: number) {
    this.#random = new Random(seed);
    this.#ledger = ledger;
    this.#world = new World({
      replicas,
      codec: true,
      machine: () => new Sites(),
      history: () => this.#records,
    });
  }

  async connect(): Promise<ClientUnderTest> {
    const client = this.#world.addClient(this.#random.hex(32), `c${this.#world.clients.length}`);
    await this.#until(() => client.core.v > 0);
    const submitter: Submitter = {
      submit: (command, outputBytesMax) =>
        this.#ask(client, (ticket) => client.core.submit(command, outputBytesMax, ticket)),
      read: (command, outputBytesMax) =>
        this.#ask(client, (ticket) => client.core.read(command, outputBytesMax, ticket)),
    };
    return {
      client: new VaxlogClient(this.#ledger.watch(submitter)),
      close: async () => {
        client.core.end();
        await this.#until(() => client.gone);
      },
      crash: () => {
        this.#world.crashClient(client, (length) => this.#random.between(0, length));
        return Promise.resolve();
      },
    };
  }

  async #ask(client: SimClient, submit: (ticket: Ticket) => void): Promise<Reply> {
    const number = this.#commands++;
    const answer = Promise.withResolvers<Reply>();
    try {
      submit({ client: client.id, command: number, seenBefore: 0 });
    } catch (error) {
      throw new NotExecutedError(String(error));
    }
    this.#records.answers.set(number, answer);
    await this.#until(() => !this.#records.answers.has(number) || !client.alive);
    return await answer.promise;
  }

  async crashReplica(slot: number): Promise<void> {
    const { replicas } = this.#world;
    this.#world.crashReplica(replicas[slot], (length) => this.#random.between(0, length));
    for (const other of this.#world.living) {
      // The word of the launcher comes at any time.
      let steps = this.#random.below(20);
      await this.#until(() => steps-- <= 0);
      this.#world.say(other, replicas[slot]);
    }
  }

  finish(): Promise<{ logs: LogEntry[][]; survivors: number[] }> {
    this.#rest();
    return Promise.resolve({
      logs: this.#world.replicas.map(({ id }) => parseLog(this.#records.logs.get(id) ?? "", true)),
      survivors: this.#world.living.map(({ id }) => id),
    });
  }

  // ---- Steps ----

  /** Runs the world until this holds. */
  async #until(isSo: () => boolean): Promise<void> {
    const happened = Promise.withResolvers<void>();
    const look = () => {
      if (!isSo()) return false;
      happened.resolve();
      return true;
    };
    this.#awaited.set(look, happened.reject);
    if (!this.#isRunning) this.#run().catch((error) => this.#awaited.forEach((reject) => reject(error)));
    await happened.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let steps = 0; this.#awaited.size > 0; steps++) {
      if (steps > stepsMax) throw new Error(`After ${stepsMax} steps somebody still waits for an answer`);
      this.#step();
      for (const look of [...this.#awaited.keys()]) if (look()) this.#awaited.delete(look);
      // A client that got its output may send again before the next step.
      await Promise.resolve();
    }
    this.#isRunning = false;
  }

  #step(): void {
    const world = this.#world;
    for (const client of world.clients) {
      if (!client.alive || client.gone) continue;
      for (const address of client.core.wanted()) world.connect(client, address);
    }
    const deliverable = world.deliverable();
    if (deliverable.length === 0 || this.#random.chance(0.05)) this.#lull();
    if (deliverable.length > 0) this.#random.pick(deliverable)();
    else this.#pass(this.#random.pick([1, 6, 100]));
    if (deliverable.length < 2 || this.#random.chance(0.4)) world.turnOfAll();
  }

  #lull(): void {
    for (const replica of this.#world.living) this.#world.lull(replica);
  }

  /** Delivers all that is on its way, until all replicas are in the same state. */
  #rest(): void {
    const world = this.#world;
    for (let round = 0; round < roundsMax; round++) {
      world.turnOfAll();
      const deliverable = world.deliverable();
      if (deliverable.length === 0 && !world.living.some(({ wantsLull }) => wantsLull)) return;
      if (deliverable.length === 0) this.#lull();
      for (const deliver of deliverable) deliver();
    }
    throw new Error(`After ${roundsMax} rounds messages still go round`);
  }

  #pass(ms: number): void {
    this.#world.nowMs += ms;
    for (const replica of this.#world.living) this.#world.tickReplica(replica);
    for (const client of this.#world.clients) if (client.alive) this.#world.tickClient(client);
  }
}
