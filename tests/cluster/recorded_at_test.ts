import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { recordedAtOf } from "../../src/cluster/recorded_at.ts";
import type { Command } from "../../src/database/wire/commands.ts";
import { batchOf } from "../net/raw_client.ts";

const name = "MIT";

Deno.test("recordedAtOf() gives the latest time that commands say they were recorded at", () => {
  const set = (recordedAt: number): Command => ({ kind: "set", name, value: 1, recordedAt });
  assertEquals(recordedAtOf(batchOf(set(5))), 5);
  assertEquals(recordedAtOf(batchOf(set(5), set(9), set(7))), 9);
  assertEquals(recordedAtOf(batchOf(set(2 ** 53 - 1))), 2 ** 53 - 1);
  const others: readonly Command[] = [
    { kind: "add", name, zip: "02139", recordedAt: 1 },
    { kind: "retire", name, reason: "closed", recordedAt: 2 },
    { kind: "reopen", name, recordedAt: 3, who: "ann", source: "s", note: "n", by: "ann" },
    { kind: "document", name, document: "{}", recordedAt: 4, observedAt: 3 },
    {
      kind: "edit",
      name,
      edits: { name: "M.I.T.", zip: "1", identifiers: [{ system: "s", value: "v" }] },
      recordedAt: 5,
    },
    { kind: "merge", name, into: "id:1", recordedAt: 6 },
    { kind: "unmerge", name, recordedAt: 7 },
    { kind: "publish", name, locationId: "x", recordedAt: 8 },
    { kind: "retract", entry: 1, entrySite: 1, recordedAt: 9 },
    { kind: "redact", entry: 1, recordedAt: 10 },
  ];
  assertEquals(others.map((command) => recordedAtOf(batchOf(command))), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("recordedAtOf() gives nothing for what changes nothing, and for malformed commands", () => {
  assertEquals(recordedAtOf(new Uint8Array(0)), undefined);
  assertEquals(recordedAtOf(batchOf({ kind: "view", name }, { kind: "summary" })), undefined);
  const batch = new ByteWriter();
  for (const bytes of [[], [0], [255], [3], [19, 1]]) batch.blob(Uint8Array.from(bytes));
  assertEquals(recordedAtOf(batch.view()), undefined);
  batch.raw(batchOf({ kind: "set", name, value: 1, recordedAt: 5 }));
  assertEquals(recordedAtOf(batch.view()), 5);
});
