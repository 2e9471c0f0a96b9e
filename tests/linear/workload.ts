/**
 * What clients do all at once: they add sites, set them with and without conditions, and look at them.
 *
 * The sites come in groups: a group is worked on for a while and then left for the next one, so that the history of
 * each site stays short enough to be checked, and operations whose outcome is unknown, which may take effect at any
 * later time, do not add up. Before a group is checked, each of its sites is looked at once more.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";
import type { RecordedClient } from "./recorder.ts";

/** Sites of a group. */
const sitesOfGroup = 4;

/** Milliseconds that a client waits at most between two operations. */
const pauseMsMax = 6;

/** Milliseconds that a client waits after it could not send anything. */
const strandedMs = 50;

/** A group of sites. */
export interface Group {
  readonly name: string;
  /** Their names, in the order of a list. */
  readonly sites: readonly string[];
  /** How many operations were begun. */
  begun: number;
  /** How many of these have not returned. */
  open: number;
}

/** The groups, one after the other. */
export class Groups {
  readonly #operationsMax: number;
  #count = 0;
  #current: Group;
  readonly #left: Group[] = [];
  readonly #prefix: string;
  #values = 100;

  /**
   * @param operationsMax how many operations a group takes.
   * @param prefix with what the names of groups begin.
   */
  constructor(operationsMax: number, prefix = "group ") {
    this.#operationsMax = operationsMax;
    this.#prefix = prefix;
    this.#current = this.#next();
  }

  /** A value that nobody has set. */
  freshValue(): number {
    return this.#values++;
  }

  /** The group that the next operation is for. */
  current(): Group {
    if (this.#current.begun >= this.#operationsMax) this.leave();
    return this.#current;
  }

  /** Moves to the next group. */
  leave(): void {
    this.#left.push(this.#current);
    this.#current = this.#next();
  }

  /** Takes those out that were left, and of which all operations have returned. */
  takeSettled(): Group[] {
    const settled = this.#left.filter(({ open }) => open === 0);
    for (const group of settled) this.#left.splice(this.#left.indexOf(group), 1);
    return settled;
  }

  #next(): Group {
    const name = `${this.#prefix}${`${++this.#count}`.padStart(6, "0")}`;
    const sites = Array.from({ length: sitesOfGroup }, (_, k) => `${name}, site ${k}`);
    return { name, sites, begun: 0, open: 0 };
  }
}

/**
 * Does one operation after the other until `isOver`; ends early where the client was killed.
 *
 * @param wait waits between two operations, for a number of milliseconds.
 */
export async function work(
  client: RecordedClient,
  groups: Groups,
  random: Random,
  isOver: () => boolean,
  wait = pause,
): Promise<void> {
  let last: Group | undefined;
  while (!isOver()) {
    const group = groups.current();
    if (group !== last) client.forget();
    last = group;
    group.begun++;
    group.open++;
    try {
      await act(client, group, random, groups);
    } finally {
      group.open--;
    }
    // While nobody answers, it would ask again and again.
    if (client.isStranded) await wait(strandedMs);
    if (random.chance(0.7)) await wait(random.below(pauseMsMax + 1));
  }
}

/** Looks at each site of a group once more. */
export async function lookAgain(client: RecordedClient, { sites }: Group): Promise<void> {
  await Promise.all(sites.map((site) => client.view(site)));
}

async function act(client: RecordedClient, group: Group, random: Random, groups: Groups): Promise<void> {
  const site = random.pick(group.sites);
  const known = client.known(site);
  // Small values come back, so that what was changed and changed back can be met.
  const value = random.chance(0.3) ? random.below(3) : groups.freshValue();
  switch (random.weighted([known === undefined ? 3 : 0.2, 5, 4, 3, 3, 1])) {
    case 0:
      return await client.add(site);
    case 1:
      return await client.view(site);
    case 2:
      return await client.set(site, value);
    case 3:
      return await client.set(site, value, { if: known?.value ?? 0 });
    case 4:
      return await client.set(site, value, { ifEntry: known?.entry ?? 0 });
    default:
      return await client.list(group.name, group.sites);
  }
}

/** Waits; 0 ms: not at all. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
