/** No output says what is sealed, or when; and the walks over segments find the entries that one log has. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { commands } from "../arbitraries.ts";
import { Sites } from "../../../src/database/store/sites.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { checkLongRuns, checkRedactions, checkSealing, fewSites, newSeen } from "./sealing_checks.ts";
import { outputOf, SealingWorld } from "./sealing_world.ts";

const name = "Harvard University";

Deno.test("what is sealed, and when, changes no output, and one log for all gives the same outputs", () => {
  const seen = newSeen();
  const steps = fc.oneof(fc.constant(0), fc.nat(6), fc.constant(200));
  const logs = fc.array(fc.tuple(commands, steps), { minLength: 40, maxLength: 240, size: "max" });
  fc.assert(
    fc.property(logs, fc.constantFrom(4, 8), (log, segmentEntries) => {
      checkSealing(Sites, log, segmentEntries, seen);
    }),
    { numRuns: 40, endOnFailure: true },
  );
  assert(seen.sealed > 0, JSON.stringify(seen));
});

Deno.test("the same of few sites with many reports of few moments", () => {
  const seen = newSeen();
  for (let seed = 1; seed <= 8; seed++) checkSealing(Sites, fewSites(seed), seed % 2 === 0 ? 4 : 8, seen);
  // Each way of reading old entries was taken.
  const { sealed, rewritten, blocks, oldEntries, crowded, sameOld, markedOld, shownOld } = seen;
  const ways = [sealed, rewritten, blocks, oldEntries, crowded, sameOld, markedOld, shownOld];
  assert(ways.every((count) => count > 0), JSON.stringify(seen));
});

Deno.test("the same of sites with entries in several blocks of a segment", () => {
  for (const seed of [1, 2]) assert(checkLongRuns(Sites, seed) > 200);
});

/** A world of segments of 4 entries, and one with the same that seals nothing. */
function twins(): [SealingWorld, SealingWorld] {
  return [new SealingWorld({ segmentEntries: 4 }), new SealingWorld({ segmentEntries: 4 })];
}

/** The output of a command in both worlds, of which the first one has sealed all that is old. */
function same([sealing, other]: readonly [SealingWorld, SealingWorld], command: Command) {
  const output = outputOf(sealing.sites, command);
  assertEquals(outputOf(other.sites, command), output);
  sealing.settle();
  return output;
}

/** Has another site report until there are that many entries. */
function fill(worlds: readonly [SealingWorld, SealingWorld], entries: number): void {
  while (worlds[0].sites.lastEntry < entries) same(worlds, { kind: "set", name: "B", value: 1, recordedAt: 50 });
}

Deno.test("a page of history looks into 16 old segments, and says where the next one continues", () => {
  const worlds = twins();
  same(worlds, { kind: "add", name: "B", zip: "1", recordedAt: 1 });
  same(worlds, { kind: "set", name, value: 1, recordedAt: 2 });
  // Entries 1 and 3 of the site are in segment 1. Then come 49 segments without it.
  fill(worlds, 200);
  same(worlds, { kind: "set", name, value: 2, recordedAt: 60 });
  fill(worlds, 260);
  const page = (newestFirst: boolean, bound: number) => {
    const output = same(worlds, { kind: "history-page", name, newestFirst, bound });
    assert(output.status === "entries");
    return [output.entries.map(({ index }) => index), output.more, output.next];
  };
  // Nothing says where a site is next: entry 4 is in segment 1, and 16 segments end with entry 64.
  assertEquals(page(false, 3), [[], true, 64]);
  assertEquals(page(false, 0), [[1, 3], true, undefined]);
  assertEquals(page(false, 64), [[], true, 128]);
  assertEquals(page(false, 192), [[201], false, undefined]);
  // The newest entry leads to those before it.
  assertEquals(page(true, 0), [[201, 3, 1], false, undefined]);
  assertEquals(page(true, 201), [[], true, 137]);
  assertEquals(page(true, 20), [[3, 1], false, undefined]);
  // A page with very many entries of a site ends after 16 times 16 entries, and what its first block has more.
  const others = same(worlds, { kind: "history-page", name: "B", newestFirst: true, bound: 0 });
  assert(others.status === "entries" && others.more && others.entries.length < 100);
});

Deno.test("what needs more than 64 blocks is refused, and changes nothing", () => {
  const worlds = twins();
  same(worlds, { kind: "add", name: "B", zip: "1", recordedAt: 1 });
  for (let at = 0; at < 300; at++) {
    same(worlds, { kind: "set", name, value: at, recordedAt: 10_000 + at, observedAt: 1000 + at });
  }
  const late = (observedAt: number) => same(worlds, { kind: "set", name, value: 7, recordedAt: 20_000, observedAt });
  const { lastEntry } = worlds[0].sites;
  // The first of these is 74 segments before the tail, the second one 63.
  const refused = late(1001);
  assert(refused.status === "refused", JSON.stringify(refused));
  assertEquals(worlds[0].sites.lastEntry, lastEntry);
  assertEquals(late(1050).status, "done");
  // It is found again, and the one that was there first.
  const again = same(worlds, { kind: "set", name, value: 7, recordedAt: 20_001, observedAt: 1050 });
  assert(again.status === "done" && again.effect === "same" && again.entry === lastEntry + 1);
  const first = same(worlds, { kind: "set", name, value: 50, recordedAt: 20_001, observedAt: 1050 });
  assert(first.status === "done" && first.effect === "same" && first.entry === 53);
});

Deno.test("a report that is taken back is replaced by one of the last 32 old segments with the site", () => {
  for (const [segments, value] of [[20, 5], [60, "unknown"]] as const) {
    const worlds = twins();
    same(worlds, { kind: "add", name: "B", zip: "1", recordedAt: 1 });
    same(worlds, { kind: "set", name, value: 5, recordedAt: 2, observedAt: 2 });
    const last = 4 * segments + 1;
    while (worlds[0].sites.lastEntry < last - 1) {
      // Confirmations are entries, and no reports.
      const recordedAt = 10 + worlds[0].sites.lastEntry;
      same(worlds, { kind: "set", name, value: 5, recordedAt, confirms: true });
    }
    const report = same(worlds, { kind: "set", name, value: 9, recordedAt: 9000, observedAt: 9000 });
    assert(report.status === "done");
    const output = same(worlds, { kind: "retract", entry: report.entry, recordedAt: 9001 });
    assert(output.status === "done", JSON.stringify(output));
    assertEquals(output.state.availability, value);
  }
});

Deno.test("what was redacted before, while or after it was sealed is sealed as the same", () => {
  assert(checkRedactions(Sites) > 20);
});

Deno.test("only the next old segment is sealed, or one that was", () => {
  const world = new SealingWorld({ segmentEntries: 4 });
  const { sites } = world;
  assertEquals([sites.unsealed, sites.unsealedBytes], [undefined, 0]);
  const message = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };
  assertEquals(message(() => sites.sealing()), "No segment of documents is old and not sealed");
  for (let at = 0; at < 14; at++) outputOf(sites, { kind: "set", name, value: at, recordedAt: at });
  assertEquals(sites.unsealed, { kind: 1, number: 1 });
  assert(sites.unsealedBytes > 0);
  const ref = (number: number) => ({ kind: 1, number, digest: new Uint8Array(32) });
  assertEquals(message(() => sites.sealed(ref(2))), "segment 2 is not to be sealed");
  assertEquals(message(() => sites.sealed(ref(0))), "segment 0 is not to be sealed");
  world.settle();
  assertEquals(sites.named.map(({ number }) => number), [1, 2]);
  assertEquals([sites.unsealed, sites.unsealedBytes], [undefined, 0]);
});
