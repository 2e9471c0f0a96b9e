/** A journal is executed again by whatever program opens the file, and its digests are of the outputs. */

import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import { Sites } from "../../../src/database/store/sites.ts";
import { replicaFile } from "../../../src/storage/store_tables.ts";
import { batchOf } from "./memory.ts";

Deno.test("outputs are those that files of this version have digests of: for others it needs another version", () => {
  const name = "Harvard University";
  const recordedAt = 1_000;
  const outputs = new Sites().apply(batchOf(
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
    version: 4,
    digest: "7426ab7da751d3ec",
  });
});
