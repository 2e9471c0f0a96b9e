/**
 * Applies commands to machines that seal at different moments, and to one with a single log, and compares them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { itemsOf } from "../../../src/batch.ts";
import type { Sites } from "../../../src/database/store/sites.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { type Output, readOutput } from "../../../src/database/wire/outputs.ts";
import { batchOf } from "./memory.ts";
import type { Availability } from "../../../src/database/values.ts";
import { outputOf, SealingWorld, type SitesClass } from "./sealing_world.ts";

/** Numbers that look like chance, from a seed. @returns what gives one from 0 to below its argument. */
function chanceOf(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return (below) => {
    state = Math.imul(state ^ state >>> 15, 0x85ebca6b) + 0x6d2b79f5 | 0;
    return (state >>> 8) % below;
  };
}

/** Commands about two sites, and how many steps of sealing come after each: many reports, of few moments. */
export function fewSites(seed: number): [Command, number][] {
  const chance = chanceOf(seed);
  const pick = <T>(...all: T[]): T => all[chance(all.length)];
  const log: [Command, number][] = ["MIT", "A"].map((name) => [{ kind: "add", name, zip: "1", recordedAt: 1 }, 0]);
  for (let left = 150 + chance(150); left > 0; left--) log.push([command(), pick(0, chance(6), 200)]);
  return log;

  function command(): Command {
    const name = pick("Harvard University", "Harvard University", "A");
    const [kind, at] = [chance(19), 1 + chance(60)];
    if (kind < 12) {
      const texts = { note: pick(undefined, undefined, "x", "y"), who: pick(undefined, undefined, "x", "y") };
      const observedAt = chance(6) === 0 ? undefined : 1 + chance(60);
      return { kind: "set", name, value: pick<Availability>(1, 2, true), recordedAt: 100 + at, observedAt, ...texts };
    }
    if (kind < 14) {
      return { kind: pick("retract", "redact"), entry: chance(200), entrySite: pick(1, 1, 3), recordedAt: at };
    }
    if (kind < 17) {
      const limit = chance(2) === 0 ? undefined : 1 + chance(50);
      return { kind: "history-page", name, newestFirst: chance(2) === 0, bound: chance(200), limit };
    }
    if (kind === 17) return { kind: "merge", name: "A", into: "Harvard University", recordedAt: at };
    return { kind: "unmerge", name: "A", recordedAt: at };
  }
}

/** How often something was seen. */
export type Seen = Record<
  | "sealed"
  | "rewritten"
  | "blocks"
  | "oldEntries"
  | "ended"
  | "crowded"
  | "older"
  | "sameOld"
  | "markedOld"
  | "shownOld",
  number
>;

/** Nothing was seen. */
export function newSeen(): Seen {
  return {
    sealed: 0,
    rewritten: 0,
    blocks: 0,
    oldEntries: 0,
    ended: 0,
    crowded: 0,
    older: 0,
    sameOld: 0,
    markedOld: 0,
    shownOld: 0,
  };
}

/** The index of the last old entry. */
function lastOld(last: number, entries: number): number {
  return Math.max(0, Math.ceil(last / entries) - 2) * entries;
}

/**
 * Compares machines of which one never seals, one seals as told, and one at once; and one in which nothing is ever old.
 *
 * @param log commands, and how many steps of sealing come after each.
 */
export function checkSealing(
  machine: SitesClass,
  log: readonly (readonly [Command, number])[],
  segmentEntries: number,
  seen: Seen,
): void {
  const [never, some, always] = [1, 2, 3].map(() => new SealingWorld({ segmentEntries }, machine));
  const whole = new SealingWorld({}, machine).sites;
  for (const [command, steps] of log) {
    const bytes = batchOf(command);
    const expected = never.sites.apply(bytes);
    for (const world of [some, always]) assertEquals(world.sites.apply(bytes), expected, JSON.stringify(command));
    const output = readOutput([...itemsOf(expected)][0]);
    const old = lastOld(never.sites.lastEntry, segmentEntries);
    note(seen, command, output, old);
    assertEquals(never.sites.unsealed !== undefined, old > 0);
    // What depends on what is old changes nothing.
    if (output.status === "refused" || output.status === "older") assert(never.sites.lastEntry === whole.lastEntry);
    else compare(command, output, readOutput([...itemsOf(whole.apply(bytes))][0]));
    assertEquals(never.sites.lastEntry, whole.lastEntry);
    some.step(steps);
    always.settle();
  }
  for (const world of [never, some]) assertEquals(world.digests(), always.digests());
  for (const { sites } of [never, some, always]) checkHistories(sites, whole);
  seen.sealed += some.sealed;
  seen.rewritten += some.rewritten;
  seen.blocks += some.reader.blocks;
}

/**
 * Compares a machine that has sealed all that is old with one that never seals, where the entries of a site are in
 * several blocks of each segment.
 *
 * @returns how many blocks were read.
 */
export function checkLongRuns(machine: SitesClass, seed: number): number {
  const chance = chanceOf(seed);
  const segmentEntries = 700;
  const worlds = [1, 2].map(() => new SealingWorld({ segmentEntries }, machine));
  const [never, always] = worlds;
  const same = (command: Command): Output => {
    const [expected, actual] = worlds.map(({ sites }) => outputOf(sites, command));
    assertEquals(actual, expected, JSON.stringify(command));
    return expected;
  };
  same({ kind: "add", name: "A", zip: "1", recordedAt: 1 });
  same({ kind: "add", name: "Z", zip: "1", recordedAt: 1 });
  const names = ["Harvard University", "Harvard University", "A", "Z"];
  const set = (observedAt: number): Command => {
    // A block ends with 64 KiB of notes.
    const note = `${chance(2)}`.repeat(270);
    return { kind: "set", name: names[chance(4)], value: chance(2), recordedAt: 10_000, observedAt, note };
  };
  while (never.sites.lastEntry < 4 * segmentEntries) {
    // Observations go forward, and some come late.
    same(set(Math.ceil(never.sites.lastEntry / 3) + (chance(5) === 0 ? 0 : 30)));
  }
  always.settle();
  for (let at = 0; at < 200; at++) {
    same(set(1 + chance(1000)));
    const [bound, limit] = [chance(never.sites.lastEntry + 2), 1 + chance(40)];
    const [name, newestFirst] = [names[chance(4)], chance(2) === 0];
    same({ kind: "history-page", name, newestFirst, bound, limit });
    same({ kind: "redact", entry: 1 + chance(2000), entrySite: 1 + chance(3), recordedAt: 10_000 });
  }
  for (const newestFirst of [false, true]) {
    assertEquals(historyOf(always.sites, names[0], newestFirst), historyOf(never.sites, names[0], newestFirst));
  }
  assertEquals(always.digests(), never.digests());
  return always.reader.blocks;
}

/**
 * Whenever entries are redacted, before, while or after they are sealed: outputs are the same at once, and the digests
 * are once all was sealed.
 *
 * @returns how many segments were written again.
 */
export function checkRedactions(machine: SitesClass): number {
  let rewritten = 0;
  const digests = new Set<string>();
  for (let steps = 0; steps <= 40; steps++) {
    const worlds = [1, 2].map(() => new SealingWorld({ segmentEntries: 4 }, machine));
    const [some, never] = worlds;
    const same = (command: Command) => {
      const [actual, expected] = worlds.map(({ sites }) => outputOf(sites, command));
      assertEquals(actual, expected, JSON.stringify(command));
    };
    const report = (at: number): Command => {
      const who = at % 3 === 0 ? "Ann" : `person ${at}`;
      const observedAt = at % 4 === 0 ? 10 : 100 + at;
      const note = at % 5 === 0 ? undefined : `note ${at}`;
      return { kind: "set", name: "Harvard University", value: at, recordedAt: 200 + at, observedAt, note, who };
    };
    for (let at = 0; at < 30; at++) same(report(at));
    some.step(steps);
    for (const entry of [2, 3, 5, 9, 14, 15]) same({ kind: "redact", entry, entrySite: 1, recordedAt: 300 });
    // Nobody reports the same as a note that is gone, also where it still is in a file.
    for (let at = 0; at < 30; at++) same(report(at));
    some.settle();
    for (let at = 0; at < 30; at++) same(report(at));
    assertEquals(some.digests(), never.digests());
    digests.add(never.digests().join());
    rewritten += some.rewritten;
  }
  assertEquals(digests.size, 1);
  return rewritten;
}

function note(seen: Seen, command: Command, output: Output, old: number): void {
  if (output.status === "refused") seen.crowded++;
  if (output.status === "older") seen.older++;
  if (output.status === "entries") {
    seen.oldEntries += output.entries.filter(({ index }) => index <= old).length;
    seen.shownOld += output.entries.filter((entry) =>
      entry.kind === "retracted" && typeof entry.shows === "object" && entry.shows.index <= old
    ).length;
    if (output.next !== undefined) {
      seen.ended++;
    }
  }
  if (output.status !== "done") return;
  if (command.kind === "set" && output.effect === "same" && output.entry <= old) seen.sameOld++;
  const isMark = command.kind === "retract" || command.kind === "redact";
  if (isMark && output.effect === "changed" && command.entry <= old) seen.markedOld++;
}

/** Compares an output with that of a machine in which nothing is old. */
function compare(command: Command, output: Output, whole: Output): void {
  if (output.status === "entries" && whole.status === "entries" && output.more) {
    // The page may have ended early.
    assertEquals(output.entries, whole.entries.slice(0, output.entries.length), JSON.stringify(command));
    return;
  }
  if (output.status === "summary" && whole.status === "summary") {
    assertEquals({ ...output, logBytes: 0 }, { ...whole, logBytes: 0 });
    return;
  }
  // If several reports say the same, the output may name any of them.
  const isSame = output.status === "done" && output.effect === "same" && command.kind === "set";
  if (isSame && whole.status === "done") assertEquals({ ...output, entry: 0 }, { ...whole, entry: 0 });
  else assertEquals(output, whole, JSON.stringify(command));
}

/** Page by page, the histories of all sites are those of a machine in which nothing is old. */
function checkHistories(sites: Sites, whole: Sites): void {
  const list = outputOf(whole, { kind: "list-page", retired: true });
  assert(list.status === "page");
  for (const { name } of list.sites) {
    for (const newestFirst of [false, true]) {
      assertEquals(historyOf(sites, name, newestFirst), historyOf(whole, name, newestFirst), name);
    }
  }
}

function historyOf(sites: Sites, name: string, newestFirst: boolean): unknown[] {
  const entries: unknown[] = [];
  for (let [bound, left] = [0, 1000];; left--) {
    assert(left > 0, "a history has no end");
    const output = outputOf(sites, { kind: "history-page", name, newestFirst, bound });
    assert(output.status === "entries");
    entries.push(...output.entries);
    if (!output.more) return entries;
    const next = output.entries.at(-1)?.index ?? output.next;
    assert(next !== undefined && (newestFirst && bound > 0 ? next < bound : next > bound), "a page gets no further");
    bound = next;
  }
}
