/**
 * Scenarios: a known history as a text, run step by step against the simulated cluster.
 *
 * A scenario begins with the reason for it, in lines with `#`; then comes one verb a line (see {@link
 * Scenario.perform}); then `---`, and below it what must happen, line for line: each verb again, and below it
 * everything that it caused. The checkers of the simulator watch every step, and `expect` says what else must hold.
 *
 * A process that a verb touches acts at once: what one `deliver` brings is one turn of its receiver. Nothing moves by
 * itself: frames travel by `deliver` and `settle`, and time passes by `tick` and `run`.
 *
 * @module
 */

import { replicaTickMs } from "../../src/limits.ts";
import type { Connection, SimClient, SimReplica } from "../simulator/world.ts";
import { World, type WorldOptions } from "../simulator/world.ts";
import { performDurable } from "./durable_words.ts";
import { expectation } from "./expectations.ts";
import { forge } from "./forge.ts";
import { performSealed } from "./sealed_words.ts";
import { count, ScenarioError } from "./words.ts";

const separator = "---\n";

/** The two parts of a scenario's text. */
export function partsOf(text: string): { script: string; golden: string } {
  const at = text.indexOf(separator);
  return at < 0
    ? { script: text, golden: "" }
    : { script: text.slice(0, at), golden: text.slice(at + separator.length) };
}

/** A scenario's text with another trace. */
export function withTrace(text: string, trace: string): string {
  return partsOf(text).script + separator + trace;
}

/**
 * Runs a scenario and returns its trace.
 *
 * @param world makes the world, if it is to be another one.
 * @throws {ScenarioError} if an `expect` does not hold, or a line makes no sense; the message names the line.
 * @throws {Violation} if a claim does not hold.
 */
export function runScenario(text: string, world?: (options: WorldOptions) => World): string {
  const scenario = new Scenario(world);
  partsOf(text).script.split("\n").forEach((line, at) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    try {
      scenario.perform(line.trim());
    } catch (error) {
      if (error instanceof Error) {
        const last = scenario.trace.slice(-20).join("\n");
        error.message = `line ${at + 1}, "${line}": ${error.message}\nIt came to this:\n${last}`;
      }
      throw error;
    }
  });
  scenario.finish();
  return scenario.trace.map((line) => line + "\n").join("");
}

/** A world that a script drives. */
export class Scenario {
  /** What happened so far. */
  readonly trace: string[] = [];
  /** Clients that were expected to lose their session; nobody else may. */
  readonly lossesExpected = new Set<string>();
  #world: World | undefined;
  readonly #made: (options: WorldOptions) => World;
  readonly #held = new Set<string>();
  // The replicas that fail in their next turn, and after how many effects.
  readonly #dying = new Map<string, number>();

  /** @param world makes the world, if it is to be another one. */
  constructor(world: (options: WorldOptions) => World = (options) => new World(options)) {
    this.#made = world;
  }

  /** The world; made by the verb `replicas`. */
  get world(): World {
    if (this.#world === undefined) throw new ScenarioError("begin with: replicas N");
    return this.#world;
  }

  /** Performs one line of a script. */
  perform(line: string): void {
    this.trace.push(`> ${line}`);
    const [verb, ...words] = line.split(/\s+/);
    switch (verb) {
      // replicas N [durable]: starts a cluster of N replicas r0, r1, ...; where all replicas are dead, a new one at
      // their addresses.
      case "replicas":
        return this.#replicas(count(words[0]), words[1] === "durable");
      // newcomer R: starts a replica that asks to be let in, with links to all that live; R is the next free name.
      case "newcomer":
        return this.#newcomer(words[0]);
      // client NAME [id N]: starts a client; the id, which decides ties, is the number in the name, or N.
      // With n members, member number (id modulo n) is its answerer.
      case "client":
        return this.#client(words[0], count(words[2] ?? words[0].slice(1)));
      // twin C: another process begins to use the session of C; its name is that of C with an apostrophe.
      case "twin":
        this.world.addTwin(this.client(words[0]));
        return;
      // connect C all | R...: the client opens links: all that it wants, or to these replicas.
      case "connect":
        return this.#connect(this.client(words[0]), words.slice(1));
      // submit C [N]: the client submits N commands (1), and sends what it may. submit C N late: it sends nothing
      // before its next turn.
      case "submit":
        this.world.submit(this.client(words[0]), count(words[1] ?? "1"));
        if (words[2] !== "late") this.#turn(words[0]);
        return;
      // end C: the client ends its session.
      case "end":
        this.client(words[0]).core.end();
        return this.#turn(words[0]);
      // deliver A>B [N | all] [new] [late]: the next N frames (1) on the way from A to B arrive, and B acts once; where
      // there are several links, the oldest goes first, or with `new` only the newest counts. With `late`, B does not
      // act before its next turn.
      case "deliver":
        this.#deliver(words[0], words.includes("new"), words.slice(1).find(isAmount) ?? "1");
        if (!words.includes("late")) this.#turn(endsOf(words[0])[1]);
        return;
      // hold A>B...: frames from A to B do not travel by themselves any more.
      case "hold":
        return words.forEach((way) => this.#held.add(way));
      // release A>B...: they do again.
      case "release":
        return words.forEach((way) => {
          if (!this.#held.delete(way)) throw new ScenarioError(`"${way}" is not held`);
        });
      // read C [N]: the client submits N commands that change nothing (1), and asks what it may.
      case "read":
        for (let k = count(words[1] ?? "1"); k > 0; k--) this.world.read(this.client(words[0]));
        return this.#turn(words[0]);
      // settle [still]: whatever is on its way arrives, and what comes of it, until all is quiet. When nothing is on
      // its way, there is a lull for each replica that waits for one; not with `still`. No time passes.
      case "settle":
        return this.#settle(words[0] !== "still");
      // lull R [N]: nothing has happened at R for about a millisecond, N times (1); it waits for that each time.
      case "lull":
        for (let k = count(words[1] ?? "1"); k > 0; k--) this.#lull(this.replica(words[0]));
        return;
      // tick MS [X]: time passes, and nothing arrives; then the timer of everybody, or only of X, goes off.
      case "tick":
        return this.#tick(count(words[0]), words[1]);
      // run MS: time passes in steps of a replica's tick, and all that is on its way arrives.
      case "run":
        return this.#run(count(words[0]));
      // crash X: the process dies, and what is on its way from it is lost. crash X keep N: the first N frames of each
      // of its links still arrive. crash X keep Y:N...: the first N of the link to Y, and nothing of the others. crash
      // X after N: it performs N effects of its next turn, and dies.
      case "crash":
        return this.#crash(words[0], words[1], words.slice(2));
      // break C R [keep N]: their link breaks; of each direction the first N frames (0) still arrive.
      case "break":
        return this.world.breakLink(this.connection(words[0], words[1]), () => count(words[3] ?? "0"));
      // stop X: the process does not run: it takes nothing and does nothing, and its timers do not go off.
      case "stop":
        this.#process(words[0]).stopped = true;
        return;
      // wake X: it runs again.
      case "wake":
        this.#process(words[0]).stopped = false;
        return;
      // word R: the launcher tells all living replicas that R is dead. word R to S: only S.
      case "word":
        return this.#word(this.replica(words[0]), words[2]);
      // forge A>B KIND field=value...: see forge.ts.
      case "forge":
        return forge(this, endsOf(words[0]), words[1], words.slice(2));
      // room R no: the disk of R has too little room for changes, and R acts. room R: it has room again.
      case "room":
        this.world.room(this.replica(words[0]), words[1] === "no");
        return this.#turn(words[0]);
      // halt R: the replica is going to halt, which is not a violation.
      case "halt":
        this.world.mayHalt.add(this.replica(words[0]).id);
        return;
      // count: begins to count messages for `expect sent`.
      case "count":
        return this.world.sent.clear();
      // expect ...: see expectations.ts.
      case "expect":
        return expectation(this, words);
      // With disks: see durable_words.ts. With sealed history: see sealed_words.ts.
      default:
        if (performDurable(this, verb, words) || performSealed(this, verb, words)) return;
        throw new ScenarioError(`There is no verb "${verb}"`);
    }
  }

  /** Called after the last line. */
  finish(): void {
    for (const { name, lost } of this.world.clients) {
      if (lost !== undefined && !this.lossesExpected.has(name)) {
        throw new ScenarioError(`${name} has lost its session, and nobody expected it: ${lost}`);
      }
    }
  }

  /** The replica of this name. */
  replica(name: string): SimReplica {
    const found = this.world.replicas.find((replica) => replica.name === name);
    if (found === undefined) throw new ScenarioError(`There is no replica "${name}"`);
    return found;
  }

  /** The client of this name. */
  client(name: string): SimClient {
    const found = this.world.clients.find((client) => client.name === name);
    if (found === undefined) throw new ScenarioError(`There is no client "${name}"`);
    return found;
  }

  /** The newest link between the two that is not over. */
  connection(client: string, replica: string): Connection {
    const found = this.#connections(client, replica).at(-1);
    if (found === undefined) throw new ScenarioError(`${client} has no link to ${replica}`);
    return found;
  }

  #connections(client: string, replica: string): Connection[] {
    return this.world.connections.filter((connection) =>
      connection.client.name === client && connection.replica.name === replica && connection.replica.alive &&
      !(connection.toReplica.isOver && connection.toClient.isOver)
    );
  }

  #process(name: string): SimReplica | SimClient {
    return name.startsWith("r") ? this.replica(name) : this.client(name);
  }

  #replicas(replicas: number, durable: boolean): void {
    if (this.#world === undefined) {
      const trace = (line: string) => this.trace.push(line);
      this.#world = this.#made({ replicas, durable, codec: true, lossAllowed: true, trace });
    } else {
      if (this.world.living.length > 0) throw new ScenarioError("a replica lives");
      this.world.startCluster(replicas);
    }
  }

  #client(name: string, number: number): void {
    if (!/^c\d+$/.test(name)) throw new ScenarioError(`"${name}" cannot name a client: use c and a number`);
    this.world.addClient(number.toString(16).padStart(8, "0").padEnd(32, "0"), name);
  }

  #connect(client: SimClient, to: readonly string[]): void {
    const wanted = client.core.wanted();
    const addresses = to[0] === "all" ? wanted : to;
    for (const address of addresses) {
      if (!wanted.includes(address)) throw new ScenarioError(`${client.name} wants no link to ${address}`);
      this.world.connect(client, address);
    }
    this.#turn(client.name);
  }

  /** The process acts, and may die of it. */
  #turn(name: string): void {
    const effects = this.#dying.get(name);
    this.#dying.delete(name);
    if (name.startsWith("r")) this.world.turnOfReplica(this.replica(name), effects);
    else this.world.turnOfClient(this.client(name), effects);
  }

  #turnOfAll(): void {
    for (const { name } of this.world.replicas) this.#turn(name);
    for (const { name } of this.world.clients) this.#turn(name);
  }

  #deliver(way: string, newest: boolean, amount: string): void {
    const [from, to] = endsOf(way);
    const wanted = amount === "all" ? Infinity : count(amount);
    let delivered = 0;
    while (delivered < wanted) {
      const deliver = this.#deliverable(from, to).at(newest ? -1 : 0);
      if (deliver === undefined) break;
      deliver();
      delivered++;
    }
    if (delivered === 0 || (wanted !== Infinity && delivered < wanted)) {
      throw new ScenarioError(`only ${delivered} frames can be delivered`);
    }
  }

  /** One for each link from one to the other that has something to deliver, the oldest link first. */
  #deliverable(from: string, to: string): (() => void)[] {
    return this.world.deliverable((a, b) => a === from && b === to);
  }

  #settle(hasLulls: boolean): void {
    for (let round = 0; round < 1_000; round++) {
      this.#turnOfAll();
      const deliverable = this.world.deliverable((from, to) => !this.#held.has(`${from}>${to}`));
      if (deliverable.length > 0) {
        for (const deliver of deliverable) deliver();
        continue;
      }
      const restless = this.world.living.filter(({ wantsLull, stopped }) => wantsLull && !stopped);
      if (restless.length === 0 || !hasLulls) return;
      this.trace.push("(lull)");
      for (const replica of restless) this.world.lull(replica);
    }
    throw new ScenarioError("messages go round for ever");
  }

  #lull(replica: SimReplica): void {
    if (!replica.wantsLull) throw new ScenarioError(`${replica.name} waits for no lull`);
    this.world.lull(replica);
    this.#turn(replica.name);
  }

  #tick(elapsedMs: number, only: string | undefined): void {
    const { world } = this;
    world.nowMs += elapsedMs;
    for (const replica of world.living) {
      if (!replica.stopped && (only ?? replica.name) === replica.name) world.tickReplica(replica);
    }
    for (const client of world.clients) {
      if (client.alive && !client.stopped && (only ?? client.name) === client.name) world.tickClient(client);
    }
    if (only === undefined) this.#turnOfAll();
    else this.#turn(only);
  }

  #run(elapsedMs: number): void {
    this.#settle(true);
    for (let passedMs = 0; passedMs < elapsedMs; passedMs += replicaTickMs) {
      this.#tick(Math.min(replicaTickMs, elapsedMs - passedMs), undefined);
      this.#settle(true);
    }
  }

  #crash(name: string, how: string | undefined, amounts: readonly string[]): void {
    if (how === "after") {
      this.#dying.set(name, count(amounts[0] ?? "0"));
      return;
    }
    const keep = keptBy(amounts);
    if (name.startsWith("r")) this.world.crashReplica(this.replica(name), keep);
    else this.world.crashClient(this.client(name), keep);
  }

  #word(dead: SimReplica, to: string | undefined): void {
    for (const replica of this.world.living) {
      if ((to ?? replica.name) !== replica.name || replica.said.has(dead.id)) continue;
      this.world.say(replica, dead);
      this.#turn(replica.name);
    }
  }

  #newcomer(name: string): void {
    const newcomer = this.world.startNewcomer();
    if (newcomer?.name !== name) throw new ScenarioError(`the next replica is "${newcomer?.name}"`);
    this.#turn(name);
  }
}

function isAmount(word: string): boolean {
  return word !== "new" && word !== "late";
}

/** How many frames of each link a crash leaves: `N`, or `Y:N...`; none if nothing is said. */
function keptBy(amounts: readonly string[]): (length: number, to: string) => number {
  if (amounts.length === 0) return () => 0;
  if (amounts.length === 1 && !amounts[0].includes(":")) {
    const all = count(amounts[0]);
    return () => all;
  }
  const kept = new Map(amounts.map((amount) => {
    const [to, frames] = amount.split(":");
    return [to, count(frames ?? "")];
  }));
  return (_, to) => kept.get(to) ?? 0;
}

function endsOf(way: string): [from: string, to: string] {
  const [from, to] = way.split(">");
  if (!to) throw new ScenarioError(`"${way}" is not two names with ">" between them`);
  return [from, to];
}
