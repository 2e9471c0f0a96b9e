import { assertEquals, assertStringIncludes } from "@std/assert";
import { cleanStopOf } from "../../src/cluster/cold_start_clean.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import { all, damaged, empty, file, inShort, plan, refusal, roles } from "./cold_starts.ts";

const stop = { v: 5, index: 100, requests: 50, digest: "00".repeat(8) };

/** The file of a member as it was at the stop. */
const whole = (id: number, more: Parameters<typeof file>[3] = {}) => file(id, 5, all, more);

Deno.test("planColdStart() starts from any one file after a clean stop, and lets the others join", () => {
  const cleanStop = stop;
  for (const here of [[0], [1], [2], [0, 1], [0, 2], [1, 2], all]) {
    const files = all.map((id) => here.includes(id) ? whole(id) : empty);
    assertEquals(roles(files, { cleanStop }), all.map((id) => here.includes(id) ? `recover ${id}` : "join"));
    const { cleanStop: after, leftOut, nextIncarnation } = plan(files, { cleanStop, viewFloor: 5 });
    assertEquals([after, leftOut, nextIncarnation], [undefined, all.filter((id) => !here.includes(id)), 1]);
  }
  const reason = `failed: ${damaged.kind === "damaged" ? damaged.reason : ""}`;
  assertEquals(roles([damaged, whole(1), empty], { cleanStop }), [reason, "recover 1", "join"]);
});

Deno.test("planColdStart() lets a file join that is older than the clean stop, and starts nothing from one", () => {
  const cleanStop = stop;
  // An older view of its own, the same view earlier, and a request without commands earlier.
  const olderOnes = [file(0, 3, [0]), whole(0, { executed: 90, requests: 45 }), whole(0, { requests: 49 })];
  for (const old of olderOnes) {
    assertEquals(roles([old, whole(1), empty], { cleanStop }), ["join", "recover 1", "join"]);
    const message = refusal([old, empty, damaged], { cleanStop });
    assertStringIncludes(
      message,
      'Cannot start from "some/d": it was stopped in good order in view 5 with 100 commands',
    );
    assertStringIncludes(message, `replica 0: it is older: it was in view ${old.found.v} with ${old.found.executed}`);
    assertStringIncludes(message, "  --force-from 0  continues from replica 0");
    assertEquals(inShort(plan([old, empty, empty], { cleanStop, forceFrom: 0 }).slots[0]), "recover 0");
  }
  const forced = plan([olderOnes[0], empty], { cleanStop, viewFloor: 5, forceFrom: 0 });
  assertEquals([forced.viewFloor, forced.cleanStop, forced.leftOut], [3, undefined, []]);
});

Deno.test("planColdStart() does not believe a mark that is older than a file", () => {
  const cleanStop = stop;
  const beyond = [whole(0, { executed: 101, requests: 51 }), whole(0, { pending: 1 }), whole(0, { accepted: 6 })];
  for (const more of beyond) {
    assertStringIncludes(refusal([more, whole(1), empty], { cleanStop, viewFloor: 5 }), "replica 2 is missing");
    assertEquals(roles([more, whole(1), whole(2)], { cleanStop }), ["recover 0", "recover 1", "recover 2"]);
  }
  assertEquals(roles([file(0, 6, [0]), whole(1), empty], { cleanStop }), ["recover 0", "join", "join"]);
});

Deno.test("planColdStart() refuses a file that contradicts the clean stop, and says what both say", () => {
  const other = whole(1, { digest: "01".repeat(8) });
  for (const files of [[whole(0), other, whole(2)], [empty, other, empty]]) {
    const message = refusal(files, { cleanStop: stop });
    assertStringIncludes(message, "the file of replica 1 contradicts the last stop");
    assertStringIncludes(message, `"some/d/cluster.db": 100 commands in view 5, digest ${stop.digest}`);
    assertStringIncludes(message, `"some/d/replica-1.db": 100 commands in view 5, digest ${"01".repeat(8)}`);
    assertStringIncludes(message, 'Move "some/d/replica-1.db" away');
  }
  assertEquals(inShort(plan([empty, other], { cleanStop: stop, forceFrom: 1 }).slots[1]), "recover 1");
});

Deno.test("planColdStart() needs no force after a clean stop", () => {
  const message = refusal([whole(0), empty, empty], { cleanStop: stop, forceFrom: 0 });
  assertStringIncludes(message, "--force-from 0 is not needed: the files that are there have everything");
});

Deno.test("planColdStart() needs those who have started after a clean stop, and not those who were left out", () => {
  const more = { leftOut: [2], viewFloor: 5 };
  assertEquals(roles([whole(0), whole(1), empty], more), ["recover 0", "recover 1", "join"]);
  // Its file is back, and cannot be that of a member any more.
  assertEquals(roles([whole(0), whole(1), whole(2)], more), ["recover 0", "recover 1", "join"]);
  assertStringIncludes(refusal([whole(0), empty, whole(2)], more), "replica 1 is missing");
});

Deno.test("planColdStart() begins with no file below the view of a clean stop, also when its mark is gone", () => {
  const message = refusal([file(0, 4, [0]), empty], { viewFloor: 5 });
  assertStringIncludes(message, "it was stopped in good order in view 5, and no file that is there has that much");
  // Copies from the flush before it have accepted something of that number, which may never have been decided.
  const copies = [file(0, 4, [0, 1], { accepted: 5 }), file(1, 4, [0, 1])];
  assertStringIncludes(refusal(copies, { viewFloor: 5 }), "it was stopped in good order in view 5");
  assertEquals(roles([file(0, 5, [0]), empty], { viewFloor: 5 }), ["recover 0", "join"]);
  assertEquals(roles([file(0, 5, [0, 1], { accepted: 6 }), file(1, 5, [0, 1])], { viewFloor: 5 }), [
    "recover 0",
    "recover 1",
  ]);
});

Deno.test("cleanStopOf() takes only members of one view that have the same, with nothing pending", () => {
  const founds = (...more: Partial<Found>[]) => all.map((id) => ({ ...whole(id).found, ...more[id] }));
  assertEquals(cleanStopOf(founds()), stop);
  assertEquals(cleanStopOf([file(1, 2, [1], { executed: 3 }).found]), { ...stop, v: 2, index: 3 });
  assertEquals(cleanStopOf([]), undefined);
  assertEquals(cleanStopOf(founds().slice(1)), undefined);
  assertEquals(cleanStopOf([...founds(), file(3, 5, all).found]), undefined);
  const differences: Partial<Found>[] = [
    { v: 4 },
    { executed: 99 },
    { requests: 51 },
    { pending: 1 },
    { digest: "1".repeat(16) },
    { highest: { v: 6, members: whole(0).found.highest.members } },
  ];
  for (const other of differences) {
    assertEquals(cleanStopOf(founds(other)), undefined);
    assertEquals(cleanStopOf(founds({}, {}, other)), undefined);
  }
  assertEquals(cleanStopOf([file(0, 0, []).found]), undefined);
});
