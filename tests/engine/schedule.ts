/**
 * One schedule: nodes and clients on an engine that does everything wrong, until all of it heals; then everything must
 * come right.
 *
 * @module
 */

import { Random } from "../../src/simulator/random.ts";
import { claim, Claims } from "./claims.ts";
import { Agenda } from "./events.ts";
import { type Counts, FakeEngine } from "./fake_engine.ts";
import { drawFaults, noFaults } from "./faults.ts";
import { SimClient } from "./sim_client.ts";
import { SimNode } from "./sim_node.ts";

/** Simulated milliseconds in which things go wrong. */
const troubledMs = 2_000;

/** Simulated milliseconds after which everything must have come right. */
const calmMs = 20_000;

/** How many things may happen in a schedule: more would be a loop. */
const stepsMax = 200_000;

/** What a schedule was like. */
export interface Outcome {
  readonly counts: Counts;
  /** How many commands were executed. */
  readonly commands: number;
}

/**
 * Runs the schedule of a seed.
 *
 * @throws {ClaimError} if a claim does not hold; any other error is a fault as well.
 */
export function runSeed(seed: number): Outcome {
  const random = new Random(seed);
  const faults = drawFaults(random);
  const agenda = new Agenda();
  const claims = new Claims();
  const counts: Counts = new Map();
  const count = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const engine = new FakeEngine(random, agenda, faults, counts);
  let starts = 0;
  let commands = 0;
  const start = () => new SimNode(`node${++starts}`, random.between(-2_000, 2_000), engine, agenda, claims);
  const nodes = Array.from({ length: random.between(1, 3) }, start);
  const addresses = nodes.map((_, at) => `node:${at + 1}`);
  const refused = new Set<string>();
  const aheadMs = new Map<number, number>();
  const clients = Array.from({ length: random.between(1, 4) }, () =>
    new SimClient({
      random,
      claims,
      agenda,
      engine,
      addresses,
      refused,
      nodeAt: (address) => nodes[addresses.indexOf(address)],
      newCommand: (ms) => {
        aheadMs.set(++commands, agenda.nowMs + ms);
        return commands;
      },
      recordedAtMs: (command) => 1_000_000 + (aheadMs.get(command) ?? 0),
      count,
    }));

  let isTroubled = true;
  const everyOften = (ms: () => number, run: () => void) => {
    const again = () => {
      run();
      if (isTroubled) agenda.after(ms(), again);
    };
    if (Number.isFinite(ms())) agenda.after(ms(), again);
  };
  everyOften(() => faults.crashMs, () => {
    if (!isTroubled) return;
    const at = random.below(nodes.length);
    nodes[at].crash();
    count("crash");
    nodes[at] = start();
  });
  for (const client of clients) {
    const act = () => {
      client.act();
      agenda.after(random.chance(0.3) ? random.between(1, 5) : random.between(5, 120), act);
    };
    agenda.after(50, act);
  }
  if (faults.hour > 0) {
    everyOften(() => 50, () => {
      if (!isTroubled || !random.chance(faults.hour)) return;
      agenda.nowMs += 3_600_000 + 60_000;
      count("hour");
    });
  }

  agenda.after(troubledMs, () => {
    isTroubled = false;
    engine.faults = noFaults;
    for (const client of clients) client.isCalm = true;
  });
  for (let steps = 0; isTroubled; steps++) {
    claim(steps < stepsMax && agenda.next(), "the schedule does not end");
  }
  const endMs = agenda.nowMs + calmMs;
  const whyNot = (): string | undefined => {
    for (const client of clients) if (client.waitsFor !== undefined) return client.waitsFor;
    const last = engine.records.length;
    const behind = nodes.find(({ core }) => core.place.n < last);
    return behind && `node ${behind.name} has come to record ${behind.core.place.n} of ${last}`;
  };
  for (let steps = 0;; steps++) {
    const why = whyNot();
    if (why === undefined) break;
    claim(steps < stepsMax && agenda.nowMs < endMs, `nothing comes right any more: ${why}`);
    agenda.next();
  }
  const [first] = nodes;
  for (const { core, name } of nodes) {
    const isSame = core.place.n !== first.core.place.n ||
      core.replay.executor.digest === first.core.replay.executor.digest;
    claim(isSame, `nodes ${first.name} and ${name} have different digests after record ${core.place.n}`);
  }
  return { counts, commands: claims.length };
}
