/** Snapshots of a state whose old segments are sealed: they name these, and have the rest of the log. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { itemsOf } from "../../../src/batch.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "../../../src/database/store/sites.ts";
import { allOf, restoreAll } from "../../../src/snapshot.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { commands } from "../arbitraries.ts";
import { batchOf } from "./memory.ts";
import { SealingWorld } from "./sealing_world.ts";

/** Outputs of commands that read, each of a request of its own, since it may read a bounded number of old segments. */
function outputs(sites: Sites): Uint8Array[] {
  const names = ["Harvard University", ...[1, 2, 3, 4, 5, 6, 7, 8].map((k) => `id:${k}`)];
  const asked: Command[] = [
    { kind: "list-page", detail: "full", retired: true },
    { kind: "summary" },
    { kind: "changes-page", after: Math.max(0, sites.lastEntry - 4) },
    ...names.flatMap((name): Command[] => [
      { kind: "details", name },
      { kind: "history-page", name, newestFirst: true, bound: 0 },
      { kind: "history-page", name, newestFirst: false, bound: 0 },
      { kind: "sources", name, site: 0, skip: 0 },
    ]),
  ];
  return asked.map((command) => [...itemsOf(sites.apply(batchOf(command)))][0].slice());
}

/** Few entries in each segment; old ones count a third. */
const parts = { segmentEntries: 4, documentBytes: 200, oldBytesPerByte: 3 };

/** The same without its key: few commands with the same keys are executed, and few entries are sealed then. */
function withoutKey(command: Command): Command {
  return Object.fromEntries(Object.entries(command).filter(([name]) => name !== "key")) as unknown as Command;
}

Deno.test("a snapshot of a state that has sealed its old segments is read again, whatever was sealed of them", () => {
  let sealed = 0;
  const list = fc.array(commands, { minLength: 150, maxLength: 200 });
  fc.assert(
    fc.property(list, list, fc.boolean(), fc.nat(60), fc.nat(60), (first, after, hasKeys, steps, more) => {
      const before = hasKeys ? first : first.map(withoutKey);
      const world = new SealingWorld({ ...parts });
      const { sites, reader } = world;
      const apply = (each: Sites, all: readonly Command[]) => all.map((command) => each.apply(batchOf(command)));
      apply(sites, before);
      world.step(10 * steps);
      const frozen = sites.freeze();
      const expected = outputs(sites);
      const { logSize } = sites;
      const part = frozen.take(100);
      const named = sites.named.map(({ number, kind }) => [kind, number]);
      const head = { last: sites.lastEntry, named };
      const untouched = new Sites({ packing: zstdPacking, reader, ...parts });
      restoreAll(untouched.restoring(), sites.snapshot());
      // The files that the snapshot names stay, whatever is done to the state meanwhile.
      apply(sites, after.filter(({ kind }) => kind !== "redact"));
      world.step(10 * more);
      const restored = new Sites({ packing: zstdPacking, reader, ...parts });
      const restoring = restored.restoring();
      restoring.push(part);
      restoring.push(allOf(frozen));
      restoring.finish();
      assertEquals({ last: restored.lastEntry, named: restored.named.map(({ number, kind }) => [kind, number]) }, head);
      assertEquals(outputs(restored), expected);
      assertEquals(restored.logSize, logSize, "how full it is depends on what was sealed");
      assertEquals(restored.snapshot(), untouched.snapshot());
      // And it continues as the state that it was taken of has.
      const changes = after.filter(({ kind }) => kind !== "redact");
      assertEquals(apply(restored, changes), apply(untouched, changes));
      assertEquals(outputs(restored), outputs(sites));
      sealed += named.length;
    }),
    { numRuns: 40 },
  );
  assert(sealed > 15, `${sealed} segments were sealed`);
});

Deno.test("how long a snapshot is about follows from what is in memory, and not from what was sealed", () => {
  const world = new SealingWorld({ segmentEntries: 256, documentBytes: 4096 });
  const { sites } = world;
  const name = "Harvard University";
  for (let at = 1; at <= 20_000; at++) {
    const command: Command = at % 10 === 0
      ? { kind: "document", name, document: `${at} `.repeat(40), recordedAt: at }
      : { kind: "set", name, value: at, recordedAt: at };
    sites.apply(batchOf(command));
    world.step(10);
  }
  const bytes = allOf(sites.freeze()).length;
  assert(sites.named.length > 140, `${sites.named.length} segments were sealed`);
  const { estimate } = sites.freeze();
  assert(estimate > bytes / 2 && estimate < 2 * bytes, `${estimate} of ${bytes} bytes`);
});
