/**
 * A lesson: a small cluster that runs the real protocol, one step after the other, for people who watch.
 *
 * A step is one thing that happens: a message arrives, a person does something, time passes. Messages take their time,
 * which the seed draws, and arrive in that order unless the person picks one. The same seed and the same actions give
 * the same lesson, so that going back is doing the first actions again.
 *
 * @module
 */

import {
  lessonClientsMax,
  lessonReplicasEverMax,
  lessonReplicasMax,
  lessonValueMax,
  lessonWaitingMax,
  lullMs,
  replicaTickMs,
  suspectAfterMs,
} from "../limits.ts";
import type { Message } from "../protocol/wire/messages.ts";
import { Flights } from "./flights.ts";
import type { LessonPicture, LessonStep } from "./picture.ts";
import { arrival, messageText } from "./words.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";
import { Random } from "../simulator/random.ts";
import { outputBytesMax, setCommand } from "./register.ts";
import { isReplica, LessonError, TellingWorld } from "./telling_world.ts";
import type { Way } from "../simulator/way.ts";

export { LessonError };

/** How a lesson begins. */
export interface LessonOptions {
  readonly replicas: number;
  readonly clients: number;
  /** An integer that decides how long each message takes. */
  readonly seed: number;
}

/** What a person, or the play button, does. */
export type LessonAction =
  /** Whatever comes next by itself. */
  | { readonly kind: "next" }
  /** This message arrives now. */
  | { readonly kind: "deliver"; readonly flight: number }
  | { readonly kind: "submit"; readonly client: string; readonly value: number }
  /** A client asks for the value of the register. */
  | { readonly kind: "read"; readonly client: string }
  /** A process crashes, hangs, or continues. */
  | { readonly kind: "crash" | "hang" | "wake"; readonly name: string }
  | { readonly kind: "newcomer" }
  | { readonly kind: "client" };

type Process = SimClient<number> | SimReplica;

/** What a step begins with. */
interface Begun extends Pick<LessonStep, "kind" | "at" | "flight" | "rule" | "words"> {
  /** Nothing comes of the message that arrived. */
  readonly isIgnored?: boolean;
}

/** The launcher's word that a replica is dead, on its way to another one. */
interface Word {
  readonly to: SimReplica;
  readonly dead: SimReplica;
  readonly due: number;
}

/** A lesson under way. */
export class Lesson extends TellingWorld {
  /** The steps, from the first one on. */
  readonly steps: LessonStep[] = [];
  /** The action of each step. */
  readonly actions: LessonAction[] = [];
  readonly #random: Random;
  readonly #flights: Flights;
  #words: Word[] = [];
  // Since when, in simulated ms, a replica hangs.
  readonly #hungSince = new Map<SimReplica, number>();

  /** A lesson that begins when all clients have met all replicas. */
  constructor({ replicas, clients, seed }: LessonOptions) {
    super();
    this.#random = new Random(seed);
    const textOf = (message: Message) => messageText(message, this.nameOf);
    this.#flights = new Flights(() => this.#random.between(2, 6), textOf);
    this.startCluster(replicas);
    for (let number = 1; number <= clients; number++) this.#addClient();
    this.#turn();
    for (let deliver; (deliver = this.deliverable()[0]) !== undefined;) {
      deliver();
      this.#turn();
    }
    this.#flights.look(this.ways(), 0);
  }

  /** The same lesson again, up to a step. */
  static again(options: LessonOptions, actions: readonly LessonAction[]): Lesson {
    const lesson = new Lesson(options);
    for (const action of actions) lesson.perform(action);
    return lesson;
  }

  /** Nothing is under way, and nobody waits. */
  get isQuiet(): boolean {
    const isBusy = (replica: SimReplica) => {
      const { joining, pending } = replica.core.status();
      return replica.stopped || replica.wantsLull || joining || isFrozen(replica) || pending > 0;
    };
    const waits = ({ core }: SimClient<number>) => core.wakeAt() !== undefined || core.inspect().waitsFor !== undefined;
    return this.#words.length === 0 && this.#open().length === 0 && !this.living.some(isBusy) &&
      !this.clients.some((client) => isRunning(client) && waits(client));
  }

  /**
   * Does one thing.
   *
   * @returns the step; undefined if nothing is left to happen by itself.
   * @throws {LessonError} if it cannot be done now; nothing has happened then.
   */
  perform(action: LessonAction): LessonStep | undefined {
    const begun = this.#begin(action);
    if (begun === undefined) return undefined;
    const { isIgnored = false, ...first } = begun;
    this.#turn();
    this.sweep();
    const lost = this.#flights.look(this.ways(), this.#now).filter(({ id }) => id !== first.flight?.id);
    const { words, marks } = this.takeHappened();
    const isView = marks.some(({ kind }) => kind === "view");
    const after = isIgnored ? [] : this.afterwards(first, isView);
    const lostWords = lost.length === 1 ? "One message is lost with it." : `${lost.length} messages are lost with it.`;
    const step: LessonStep = {
      step: this.#now,
      ...first,
      words: [...first.words, ...words, ...after, ...lost.length > 0 ? [lostWords] : []],
      lost,
      marks,
      clocks: this.clocks(),
    };
    this.steps.push(step);
    this.actions.push(action);
    return step;
  }

  /** Everything that there is to see now. */
  picture(): LessonPicture {
    return {
      step: this.steps.length,
      nowMs: this.nowMs,
      quiet: this.isQuiet,
      clients: this.clientPictures(),
      replicas: this.replicaPictures(),
      flights: [...this.#flights],
    };
  }

  // ---- What can be done ----

  #begin(action: LessonAction): Begun | undefined {
    switch (action.kind) {
      case "next":
        return this.#next();
      case "deliver":
        return this.#pick(action.flight);
      case "submit":
        return this.#submit(action.client, action.value);
      case "read":
        return this.#read(action.client);
      case "crash":
        return this.#crash(this.processNamed(action.name));
      case "hang":
        return this.#hang(this.processNamed(action.name));
      case "wake":
        return this.#wake(this.processNamed(action.name));
      case "newcomer": {
        if (this.living.length >= lessonReplicasMax) {
          throw new LessonError(`There are ${lessonReplicasMax} replicas already: crash one first`);
        }
        if (this.replicas.length >= lessonReplicasEverMax) {
          throw new LessonError(
            `A lesson has ${lessonReplicasEverMax} replicas at most, living or not: begin another one`,
          );
        }
        const { name } = this.startNewcomer()!;
        return { kind: "start", at: name, rule: "V9", words: [`${name} starts, and asks all others to let it in.`] };
      }
      case "client": {
        const name = this.#addClient();
        return { kind: "start", at: name, rule: "C1", words: [`${name} starts, and connects to every replica.`] };
      }
    }
  }

  /** Whatever is due first: a message, the launcher's word, or else a moment or more time passes. */
  #next(): Begun | undefined {
    const dueOf = (way: Way) => this.#flights.next(way).due;
    const [first] = this.#open().sort((a, b) => dueOf(a) - dueOf(b));
    const due = first === undefined ? Infinity : dueOf(first);
    const word = this.#words.find((word) => word.due < due);
    if (word !== undefined) return this.#say(word);
    if (first !== undefined) return this.#deliver(first);
    return this.isQuiet ? undefined : this.#moment() ?? this.#pass();
  }

  #pick(id: number): Begun {
    const flight = [...this.#flights].find((flight) => flight.id === id);
    if (flight === undefined) throw new LessonError(`No message ${id} is on its way`);
    const way = this.ways().find((way) => way.pipe.hasNext && this.#flights.next(way) === flight);
    if (way === undefined) {
      throw new LessonError("Links are first in, first out: an earlier message of this link must arrive first");
    }
    if (!way.isOpen) throw new LessonError(`${flight.to} does not read from ${flight.from} now`);
    return this.#deliver(way);
  }

  #deliver(way: Way): Begun {
    const flight = this.#flights.next(way);
    const message = way.pipe.peek();
    const { from, to } = flight;
    const ignored = this.ignored(to, message);
    const [rule, words] = arrival(from, to, message, this.nameOf);
    this.#flights.take(way);
    way.deliver();
    const arrived = { kind: "arrival", at: to, flight } as const;
    if (ignored === undefined) return { ...arrived, rule, words: [words] };
    return { ...arrived, rule, isIgnored: true, words: [`${to} gets ${flight.kind} from ${from}, ${ignored}.`] };
  }

  #say(word: Word): Begun {
    const { to, dead } = word;
    this.#words = this.#words.filter((other) => other !== word);
    this.say(to, dead);
    const isSure = to.ended.has(dead.id) || !to.from.has(dead.id);
    const wait = isSure ? "" : " It first takes what is still on its way from it.";
    const words = [`The launcher tells ${to.name} that the process of ${dead.name} is gone.${wait}`];
    return { kind: "word", at: to.name, rule: "V1", words };
  }

  /** Nothing more arrives: a moment later, replicas do what they have put off until then. Undefined: nothing is. */
  #moment(): Begun | undefined {
    const waiting = () =>
      this.living.filter((replica) => replica.wantsLull && isRunning(replica) && !isFrozen(replica));
    const first = waiting();
    if (first.length === 0) return undefined;
    const words = [`${this.#silence()} A moment passes.`, ...this.whyAnswererWaits()];
    const sent = this.sentInAll;
    // Those that are not the answerer are patient: a moment is as long as it takes until something comes of it.
    for (let now = first; now.length > 0 && this.sentInAll === sent; now = waiting()) {
      this.nowMs += lullMs;
      for (const replica of now) this.lull(replica);
      this.#turn();
    }
    return { kind: "time", rule: "R5", words };
  }

  #silence(): string {
    return [...this.#flights].length === 0 ? "No message is on its way." : "No message can arrive now.";
  }

  /** The next timer goes off, or the launcher loses its patience. */
  #pass(): Begun {
    const wakes = this.clients.filter(isRunning).map((client) => client.core.wakeAt() ?? Infinity);
    const before = this.nowMs;
    this.nowMs = Math.max(before, Math.min(before + replicaTickMs, ...wakes));
    for (const replica of this.living) if (!replica.stopped) this.tickReplica(replica);
    for (const client of this.clients) if (isRunning(client)) this.tickClient(client);
    for (const [replica, since] of this.#hungSince) {
      if (this.nowMs - since < suspectAfterMs || this.#isLast(replica)) continue;
      const words = [
        `${replica.name} has been silent for ${suspectAfterMs / 1_000} s while others answered: the launcher kills it.`,
      ];
      this.#kill(replica);
      return { kind: "crash", at: replica.name, words };
    }
    return { kind: "time", words: [`${this.#silence()} ${this.nowMs - before} ms pass.`, ...this.whyNothing()] };
  }

  #submit(name: string, value: number): Begun {
    const client = this.clientNamed(name);
    if (!Number.isSafeInteger(value) || value < 0 || value > lessonValueMax) {
      throw new LessonError(`The register takes integers from 0 to ${lessonValueMax}, not "${value}"`);
    }
    this.#check(client);
    const { mode } = client.core.inspect();
    this.submitCommand(client, setCommand(value), value, outputBytesMax);
    const [rule, then] = client.stopped
      ? [undefined, "It hangs, so it does not send that yet."]
      : mode === "active"
      ? ["C4", "It stamps a request with its clock, and sends it to all replicas."]
      : ["C3", "First it asks every replica for a floor."];
    return { kind: "submission", at: name, rule, words: [`You ask ${name} to set the register to ${value}. ${then}`] };
  }

  #read(name: string): Begun {
    const client = this.clientNamed(name);
    this.#check(client);
    const then = client.stopped
      ? "It hangs, so it does not ask yet."
      : client.waiting > 0
      ? "It asks the answerer alone, after what you have asked of it before."
      : "It needs no floor, and asks the answerer alone.";
    this.readCommand(client, setCommand(0), 0, outputBytesMax);
    const words = [`You ask ${name} for the value of the register. ${then}`];
    return { kind: "submission", at: name, rule: "C10", words };
  }

  /** @throws {LessonError} if the client takes nothing more. */
  #check({ name, alive, waiting, core }: SimClient<number>): void {
    if (!alive || core.inspect().mode === "over") throw new LessonError(`${name} is gone: add another client`);
    if (waiting < lessonWaitingMax) return;
    throw new LessonError(`${lessonWaitingMax} commands of ${name} are waiting already: play until some are done`);
  }

  // ---- Failures ----

  #crash(process: Process): Begun {
    const { name, alive } = process;
    if (!alive) throw new LessonError(`${name} has failed already`);
    const crash = { kind: "crash", at: name } as const;
    if (!isReplica(process)) {
      this.crashClient(process, this.#keep);
      return { ...crash, rule: "R6", words: [`${name} crashes; its links end, perhaps in the middle of a broadcast.`] };
    }
    if (this.#isLast(process)) throw new LessonError(`${name} is the last replica that has the data: it must not fail`);
    this.#kill(process);
    return { ...crash, rule: "V1", words: [`${name} crashes. The launcher will see it, and tell the others.`] };
  }

  #kill(replica: SimReplica): void {
    this.#hungSince.delete(replica);
    this.crashReplica(replica, this.#keep);
  }

  #hang(process: Process): Begun {
    const { name } = process;
    if (!isRunning(process)) throw new LessonError(`${name} is not running`);
    process.stopped = true;
    if (isReplica(process)) this.#hungSince.set(process, this.nowMs);
    return { kind: "hang", at: name, words: [`${name} hangs: it reads nothing, and sends nothing.`] };
  }

  #wake(process: Process): Begun {
    const { name, alive, stopped } = process;
    if (!alive || !stopped) throw new LessonError(`${name} does not hang`);
    process.stopped = false;
    if (isReplica(process)) this.#hungSince.delete(process);
    return { kind: "wake", at: name, words: [`${name} continues where it was.`] };
  }

  #isLast(replica: SimReplica): boolean {
    return !this.livingMembers.some((other) => other !== replica);
  }

  #keep = (length: number) => this.#random.between(0, length);

  // ---- What comes of it ----

  /** Everybody acts, and clients connect to whom they want. */
  #turn(): void {
    this.turnOfAll();
    for (const client of this.clients) {
      if (!isRunning(client)) continue;
      for (const address of client.core.wanted()) this.connect(client, address);
      this.turnOfClient(client);
    }
    this.#expectWords();
  }

  /** The launcher tells of a death whoever has to do with the dead one. */
  #expectWords(): void {
    const { living } = this;
    const members = new Set(living.flatMap((replica) => replica.core.status().members));
    this.#words = this.#words.filter(({ to }) => to.alive);
    for (const dead of this.replicas) {
      if (dead.alive) continue;
      for (const to of living) {
        if (to.said.has(dead.id) || !(to.from.has(dead.id) || members.has(dead.id))) continue;
        if (this.#words.some((word) => word.to === to && word.dead === dead)) continue;
        this.#words.push({ to, dead, due: this.#now + this.#random.between(2, 6) });
      }
    }
  }

  /** The number of the step that is being made. */
  get #now(): number {
    return this.steps.length + 1;
  }

  #open(): Way[] {
    return [...this.ways()].filter(({ isOpen }) => isOpen);
  }

  #addClient(): string {
    const number = this.clients.length + 1;
    if (number > lessonClientsMax) throw new LessonError(`A lesson has ${lessonClientsMax} clients at most`);
    return this.addClient(number.toString(16).padStart(8, "0").padEnd(32, "0"), `c${number}`).name;
  }
}

function isRunning({ alive, stopped }: { readonly alive: boolean; readonly stopped: boolean }): boolean {
  return alive && !stopped;
}

function isFrozen({ core }: SimReplica): boolean {
  return core.status().frozen;
}
