/** When a replica whose disk has the rules of an earlier version takes it over (rules D2 and D3). */

import { assertEquals } from "@std/assert";
import { entriesOf } from "../../../src/protocol/replica/journal.ts";
import type { Recovered, Standing } from "../../../src/protocol/replica/recovery.ts";
import type { DiskWrite } from "../../../src/protocol/replica/replica_events.ts";
import { WriteAhead } from "../../../src/protocol/replica/write_ahead.ts";
import { donorOf } from "./newcomer_stage.ts";

/** A disk with the state of an earlier version, and a replica that has read it. */
function renewed(isMember: boolean): WriteAhead {
  const order = donorOf(3);
  const recovered = { order, isRenewed: true, checkpointBytes: 100, journalBytes: 0 } as Recovered;
  const standing: Standing = {
    cluster: "c".repeat(32),
    id: 64,
    isMember,
    decision: undefined,
    promised: { n: 0, id: 0 },
    accepted: undefined,
    order,
  };
  return new WriteAhead(() => standing, isMember, recovered);
}

/** The kinds of what is to be written. */
function kindsOf(writes: readonly DiskWrite[]): string[] {
  return writes.flatMap((write) =>
    write.kind === "journal" ? Array.from(entriesOf(write.bytes), ({ kind }) => kind) : [write.kind]
  );
}

Deno.test("WriteAhead of a member writes what an earlier version has left again at once", () => {
  const disk = renewed(true);
  assertEquals(kindsOf(disk.take()), ["renewed", "reached", "checkpoint"]);
  assertEquals(kindsOf(disk.take()), []);
});

Deno.test("WriteAhead of a newcomer leaves what an earlier version has left until a donor feeds it", () => {
  const disk = renewed(false);
  assertEquals(kindsOf(disk.take()), []);
  assertEquals(disk.joins(64), false);
  // The disk says that the rules have changed before it says whose it is now.
  assertEquals(kindsOf(disk.take()), ["renewed", "joining", "reached", "checkpoint"]);
  disk.checkpointed();
  // The next donor feeds it from there.
  assertEquals([disk.joins(64), kindsOf(disk.take())], [true, ["joining", "reached"]]);
});

Deno.test("WriteAhead of a newcomer forgets what an earlier version has left once a donor has given its state", () => {
  const disk = renewed(false);
  disk.restoring(1, 10);
  disk.take();
  disk.restored();
  assertEquals(disk.joins(64), false);
  assertEquals(kindsOf(disk.take()), []);
  disk.checkpointed();
  assertEquals(kindsOf(disk.take()), ["joining", "reached"]);
});
