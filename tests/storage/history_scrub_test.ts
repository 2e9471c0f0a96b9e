/** A scrub reads all history in a week, never fast, and finds what is damaged. It has no clock: the tests are one. */

import { assert, assertEquals } from "@std/assert";
import { Scrub, scrubBytesPerSecond, scrubMs } from "../../src/storage/history_scrub.ts";
import { documents, HistoryWorld, isRedacted, one, oneRedacted, soundHistory, two } from "./history_world.ts";

const all = [one, two, documents];
const parts = all.reduce((sum, { blocks }) => sum + 1 + blocks.length, 0);

/** Steps until a round has ended. Returns the times of its steps. */
function round(scrub: Scrub, start: number, late = 0): number[] {
  const times: number[] = [];
  const { rounds } = scrub;
  for (let now = start; scrub.rounds === rounds;) {
    times.push(now);
    assert(times.length < 1000, "the round has no end");
    now = Math.max(scrub.step(now), now + late);
  }
  return times;
}

Deno.test("a scrub reads each part once a week, evenly, and finds what is damaged", () => {
  const world = new HistoryWorld(soundHistory, all);
  const begun = 1_000;
  const scrub = new Scrub(world.store, begun);
  world.files.readBytes = 0;
  const times = round(scrub, begun);
  assertEquals(times.length, parts + 1, "each footer, each block, and the end");
  const bytes = all.reduce((sum, sealed) => sum + sealed.bytes.length, 0);
  assert(world.files.readBytes >= bytes);
  assert(Math.abs(times.at(-1)! - begun - scrubMs) < 1, "a round takes a week");
  for (const [at, time] of times.entries()) {
    if (at > 0) assert(time - times[at - 1] <= scrubMs / 2, `step ${at} comes late`);
  }
  assertEquals(world.store.damages, []);
  world.files.flip(two.name, two.blocks[0].length + 1);
  world.files.flip(documents.name, documents.start + 1);
  const next = round(scrub, begun + scrubMs);
  assertEquals(world.store.damages.map(({ kind, number, part }) => [kind, number, part]), [
    [1, 2, 1],
    [2, 1, "footer"],
  ]);
  // The blocks behind the damaged one were read; those behind the damaged footer cannot be.
  assertEquals(next.length, parts + 1 - documents.blocks.length);
  assertEquals(world.store.cachedBytes, 0);
});

Deno.test("a scrub that is late catches up, and never reads more than 2 MB in a second", () => {
  const world = new HistoryWorld(soundHistory, all);
  const scrub = new Scrub(world.store, 0);
  const begun = 3 * scrubMs;
  let now = begun;
  while (scrub.rounds === 0) {
    world.files.readBytes = 0;
    const before = now;
    now = scrub.step(now);
    const read = Math.max(
      ...all.flatMap(({ blocks, bytes, start }) => [bytes.length - start, ...blocks.map((b) => b.length)]),
    );
    assert(world.files.readBytes <= 2 * read, "a step reads more than a part");
    if (scrub.rounds === 0) assert(now > before, "a step is due at once");
  }
  const bytes = all.reduce((sum, sealed) => sum + sealed.bytes.length, 0);
  const least = 1000 * bytes / scrubBytesPerSecond;
  assert(now - begun >= 0.99 * least && now - begun < 1.2 * least, `${now - begun} ms, and not ${least}`);
});

Deno.test("a scrub begins where it is told, follows a redaction, and waits where there is nothing", () => {
  const world = new HistoryWorld(soundHistory, all);
  world.files.flip(documents.name, 5);
  const scrub = new Scrub(world.store, 0, 0.7);
  for (let step = 0; step < 2; step++) scrub.step(step);
  assertEquals(world.store.damages.length, 1, "it has begun with the documents");
  while (scrub.step(0) < scrubMs && world.store.damages.length === 1) if (scrub.rounds > 0) break;
  const other = new HistoryWorld(soundHistory, [one]);
  const following = new Scrub(other.store, 0);
  for (let step = 0; step < 2; step++) following.step(0);
  other.run(other.store.redact(1, isRedacted));
  other.commit(oneRedacted);
  assertEquals(round(following, 0).length, 1 + 3 + 1, "it begins the segment again");
  assertEquals(other.store.damages, []);
  const empty = new HistoryWorld(soundHistory, []);
  const idle = new Scrub(empty.store, 5);
  assert(idle.step(5) > 5);
  assertEquals(idle.rounds, 0);
});
