/**
 * Histories that are made and not measured: written by hand, or by a site that executes operations one after the other.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";
import type { Asked, Operation, Outcome } from "./site_model.ts";

/** An operation of client `client`, called and returned at these moments. */
export function operation(
  client: number,
  calledAt: number,
  returnedAt: number,
  asked: Asked,
  outcome: Outcome,
): Operation {
  return { client, site: "S", calledAt, returnedAt, calledMs: calledAt, returnedMs: returnedAt, asked, outcome };
}

/** A site that executes operations one after the other, and tells what each comes to. */
export class PlainSite {
  #shown: { value: number; entry: number } | undefined;
  #entries = 0;

  execute(asked: Asked): Outcome {
    const shown = this.#shown;
    if (asked.kind === "add") {
      if (shown !== undefined) return { kind: "exists", value: shown.value };
      this.#shown = { value: 0, entry: 0 };
      return { kind: "done", value: 0, entry: ++this.#entries };
    }
    if (shown === undefined) return { kind: "absent" };
    if (asked.kind === "view") return { kind: "shows", ...shown };
    if (asked.kind === "list") return { kind: "shows", value: shown.value };
    const isMet = (asked.if ?? shown.value) === shown.value && (asked.ifEntry ?? shown.entry) === shown.entry;
    if (!isMet) return { kind: "conflict", ...shown };
    this.#shown = { value: asked.value, entry: ++this.#entries };
    return { kind: "done", ...this.#shown };
  }
}

/** How to make a history. */
export interface Making {
  readonly count: number;
  /** How many may overlap. */
  readonly clients: number;
  /** The part of the outcomes that is unknown. */
  readonly unknown: number;
  /** Whether no value is set twice. */
  readonly distinct: boolean;
}

/** A history that is linearizable: each operation is executed at a moment between its call and its return. */
export function trueHistory(random: Random, { count, clients, unknown, distinct }: Making): Operation[] {
  const site = new PlainSite();
  const made: { -readonly [K in keyof Operation]: Operation[K] }[] = [];
  /** By client: its operation that has not returned; and whether it was executed. */
  const open = new Map<number, { at: number; isExecuted: boolean }>();
  /** Those whose clients are gone: they may be executed at any time. */
  const late = new Set<number>();
  let names = clients;
  const active = Array.from({ length: clients }, (_, client) => client);
  for (let moment = 1; made.length < count || open.size > 0; moment++) {
    const place = random.below(active.length);
    const client = active[place];
    const own = open.get(client);
    if (late.size > 0 && random.chance(0.1)) {
      const at = random.pick([...late]);
      late.delete(at);
      site.execute(made[at].asked);
    } else if (own === undefined) {
      if (made.length >= count) continue;
      open.set(client, { at: made.length, isExecuted: false });
      const asked = askedAtRandom(random, distinct ? made.length + 10 : random.below(3));
      made.push(operation(client, moment, Infinity, asked, { kind: "unknown" }));
    } else if (!own.isExecuted && random.chance(unknown)) {
      open.delete(client);
      late.add(own.at);
      active[place] = names++;
    } else if (!own.isExecuted) {
      own.isExecuted = true;
      made[own.at].outcome = site.execute(made[own.at].asked);
    } else {
      open.delete(client);
      made[own.at].returnedAt = made[own.at].returnedMs = moment;
    }
  }
  return made;
}

/** Something to ask; conditions are small numbers. */
export function askedAtRandom(random: Random, value: number): Asked {
  switch (random.weighted([1, 4, 1, 4, 2, 2])) {
    case 0:
      return { kind: "add" };
    case 1:
      return { kind: "view" };
    case 2:
      return { kind: "list" };
    case 3:
      return { kind: "set", value };
    case 4:
      return { kind: "set", value, if: random.below(3) };
    default:
      return { kind: "set", value, ifEntry: random.below(4) };
  }
}
