/** A journal is executed again by whatever program opens the file, and its digests are of the outputs. */

import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import { Sites } from "./machine.ts";
import { replicaFile } from "../../../src/storage/store_tables.ts";
import { itemsOf } from "../../../src/batch.ts";
import { type Command, commandKinds, knowsIds, knowsSources } from "../../../src/database/wire/commands.ts";
import { readOutput } from "../../../src/database/wire/outputs.ts";
import { applyAll, batchOf, bytesOf } from "./memory.ts";

Deno.test("outputs are those that files of this version have digests of: for others it needs another version", () => {
  const name = "Harvard University";
  const recordedAt = 1_000;
  const outputs = new Sites().apply(earlier(
    { kind: "set", name, value: 5, recordedAt },
    { kind: "set", name, value: 6, if: 4, recordedAt },
    { kind: "set", name, value: 6, unit: "doses", observedAt: 900, who: "Ann", source: "s", note: "n", recordedAt },
    { kind: "set", name, value: 6, unit: "doses", observedAt: 900, recordedAt },
    { kind: "set", name, value: true, observedAt: 100 * recordedAt ** 3, recordedAt },
    { kind: "set", name: "nowhere", value: 5, recordedAt },
    { kind: "add", name, zip: "02138", recordedAt },
    { kind: "add", name: "", zip: "02138", recordedAt },
    { kind: "add", name: "Rite Aid", zip: "08332", recordedAt },
    { kind: "document", name: "Rite Aid", document: "{}", recordedAt },
    { kind: "retire", name: "Rite Aid", reason: "closed", recordedAt },
    { kind: "set", name: "Rite Aid", value: 5, recordedAt },
    { kind: "view", name: "Rite Aid" },
    { kind: "details", name: "Rite Aid" },
    { kind: "reopen", name: "Rite Aid", recordedAt },
    { kind: "list-page", limit: 0, available: false, retired: true },
    { kind: "history-page", name, bound: 0, newestFirst: false, limit: 0 },
    { kind: "changes-page", after: 0, limit: 0 },
    { kind: "summary" },
    Uint8Array.of(),
  ));
  const digest = createHash("sha256").update(outputs).digest("hex").slice(0, 16);
  assertEquals({ oldest: replicaFile.oldestVersion, version: replicaFile.version, digest }, {
    oldest: 3,
    version: 9,
    digest: "7426ab7da751d3ec",
  });
});

Deno.test("a command of an earlier version knows no ids, adds a look-alike, and is told of none", () => {
  const sites = new Sites();
  const read = (command: Command) => readOutput([...itemsOf(sites.apply(earlier(command)))][0]).status;
  assertEquals(read({ kind: "set", name: "id:1", value: 5, recordedAt: 1 }), "unknown");
  assertEquals(read({ kind: "view", name: "harvard university" }), "unknown");
  assertEquals(read({ kind: "add", name: "harvard university", zip: "02138", recordedAt: 1 }), "done");
  assertEquals(read({ kind: "merge", name: "harvard university", into: "id:1", recordedAt: 1 }), "invalid");
  // For a client of today, both are there.
  const restored = new Sites();
  restored.restore(sites.snapshot());
  const merge = { kind: "merge", name: "harvard university", into: "id:1", recordedAt: 1 } as const;
  const [output] = applyAll(restored, merge);
  assertEquals([output.status, restored.lastEntry], ["done", 3]);
});

/** Commands as earlier versions wrote them. */
function earlier(...commands: (Command | Uint8Array)[]): Uint8Array {
  return batchOf(...commands.map((command) => {
    const bytes = command instanceof Uint8Array ? command.slice() : bytesOf(command);
    if (bytes.length === 0) return bytes;
    // A page of a list ends with what it is of, and a document begins with more marks.
    const [kind, nameBytes] = [bytes[0] & ~(knowsIds | knowsSources), bytes[1]];
    bytes[0] = kind;
    if (kind === commandKinds["list-page"]) return bytes.subarray(0, -1);
    if (kind !== commandKinds.document) return bytes;
    return Uint8Array.of(...bytes.subarray(0, nameBytes + 3), ...bytes.subarray(nameBytes + 4));
  }));
}
