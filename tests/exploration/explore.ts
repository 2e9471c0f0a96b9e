/**
 * Every schedule of a small world, and the claims in each of its states.
 *
 * @module
 */

import type { Kind } from "../../src/protocol/wire/messages.ts";
import type { Size } from "./size.ts";
import { type Move, SmallWorld, type State } from "./small_world.ts";

/** A claim does not hold. */
export class Counterexample extends Error {
  override name = "Counterexample";
}

/** The extent of an exploration. */
export interface Exploration {
  /** Different states. */
  readonly states: number;
  /** Ways from one to the next. */
  readonly moves: number;
  /** States in which nothing can happen but a crash. */
  readonly ends: number;
  /** Different states of single processes. */
  readonly processStates: number;
  /** The kinds of messages that were sent. */
  readonly kinds: ReadonlySet<Kind>;
  /** The longest way that was taken. */
  readonly depth: number;
}

/** How long it may take. */
export interface ExploreOptions {
  /** Gives up after this many states. */
  readonly statesMax?: number;
  /** Is told from time to time how many states are known. */
  readonly onProgress?: (states: number) => void;
}

interface Place {
  readonly state: State;
  readonly moves: Move[];
  /** What happened next. */
  by?: Move;
}

/**
 * Looks at every state of a world that can be reached, once.
 *
 * @throws {Counterexample} if a claim does not hold, with the way that leads there.
 * @throws {RangeError} if there are more states than that.
 */
export function explore(size: Size, { statesMax = Infinity, onProgress }: ExploreOptions = {}): Exploration {
  const world = new SmallWorld(size);
  const known = new Set<string>([world.key(world.start)]);
  const way: Place[] = [{ state: world.start, moves: world.moves(world.start) }];
  const fail = (claim: string): never => {
    const story = way.flatMap(({ state, by }) => by === undefined ? [] : [`  ${world.describe(state, by)}`]);
    throw new Counterexample(`${claim}, after\n${story.join("\n")}`);
  };
  let [moves, ends, depth] = [0, 0, 0];
  while (way.length > 0) {
    const place = way[way.length - 1];
    const move = place.moves.pop();
    if (move === undefined) {
      way.pop();
      continue;
    }
    moves++;
    place.by = move;
    let next: State;
    try {
      next = world.after(place.state, move);
    } catch (error) {
      fail(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      throw error;
    }
    const key = world.key(next);
    if (known.has(key)) continue;
    known.add(key);
    if (known.size % 100_000 === 0) onProgress?.(known.size);
    if (known.size > statesMax) throw new RangeError(`There are over ${statesMax} states`);
    if (move.kind !== "crash") checkStep(place.state, next, move.process, fail);
    const after = world.moves(next);
    if (after.every(({ kind }) => kind === "crash")) {
      ends++;
      checkEnd(world, next, fail);
    }
    way.push({ state: next, moves: after });
    depth = Math.max(depth, way.length);
  }
  const { processStates, kinds } = world;
  return { states: known.size, moves, ends, processStates, kinds, depth };
}

/** The claims that must hold after each step of a process. */
function checkStep(before: State, { processes }: State, process: number, fail: (claim: string) => never): void {
  const { fault, log, outputs } = processes[process];
  if (fault !== undefined) fail(`A process stops: ${fault}`);
  for (let at = before.processes[process].log.length; at < log.length; at++) {
    const entry = log[at];
    if (log.findIndex(({ request }) => request === entry.request) !== at) fail(`(d) executed twice: ${entry.text}`);
    for (const other of processes) {
      const there = other.log.at(at);
      if (there !== undefined && there.text !== entry.text) fail(`(a) "${entry.text}" and "${there.text}"`);
    }
  }
  const writes = outputs.filter(({ read }) => read === undefined);
  for (const { read, index } of outputs) {
    const own = read === undefined ? 0 : writes[read.after - 1]?.index ?? 0;
    if (read !== undefined && index < own) fail(`(c) a value at ${index}, and its client had changed ${own} before`);
  }
  for (const { index, seenBefore, read } of outputs.slice(before.processes[process].outputs.length)) {
    if (index < seenBefore || (index === seenBefore && read === undefined)) {
      fail(`(c) an ${read === undefined ? "output" : "value"} at ${index}, and ${seenBefore} was seen before`);
    }
    if (read !== undefined && index === 0) continue;
    if (!processes.some(({ log }) => (log.at(-1)?.index ?? 0) >= index)) fail(`(a) nobody has executed ${index}`);
  }
}

/** The claims that must hold where nothing can happen any more. */
function checkEnd(world: SmallWorld, { processes }: State, fail: (claim: string) => never): void {
  const living = processes.filter(({ isDead }, at) => world.isReplica(at) && !isDead);
  const executed = Math.max(...living.map(({ log }) => log.at(-1)?.index ?? 0));
  processes.forEach(({ outputs, isDead }, at) => {
    for (const { index } of outputs) if (index > executed) fail(`(b) what was seen at ${index} is lost`);
    if (world.isReplica(at) || isDead) return;
    if (outputs.length < world.size.commands + (world.size.reads ?? 0)) fail(`(e) ${world.names[at]} waits for ever`);
  });
}
