import { assert, assertEquals } from "@std/assert";
import {
  commandKinds,
  highKind,
  knowsIds,
  knowsSources,
  lowKind,
  mayChange,
  outputBytesMax,
  writeCommand,
} from "../../../src/database/wire/commands.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { batchBytesMax, commandsPerRequestMax, pagesPerRequestMax } from "../../../src/limits.ts";
import { bytesOf } from "../store/memory.ts";

Deno.test("mayChange() tells reads from everything else", () => {
  const reads = ["list-page", "view", "details", "history-page", "changes-page", "summary", "sources", "find"];
  for (const [kind, byte] of Object.entries(commandKinds)) {
    const head = (byte & lowKind) | (byte > lowKind ? highKind : 0);
    for (const known of [0, knowsIds, knowsIds | knowsSources]) {
      assertEquals([kind, mayChange(new Uint8Array([head | known, 0]))], [kind, !reads.includes(kind)]);
    }
  }
  for (const bytes of [[], [0], [16], [32], [51], [116], [255]]) assert(mayChange(new Uint8Array(bytes)));
});

Deno.test("A full request of reports fits a batch with the announced outputs, their lengths included", () => {
  for (const kind of ["set", "add", "retire", "reopen", "document", "summary"] as const) {
    assert((outputBytesMax(kind) + 4) * commandsPerRequestMax <= batchBytesMax, kind);
  }
  assertEquals(outputBytesMax("list-page") * pagesPerRequestMax, batchBytesMax);
  assert(outputBytesMax("view") * 512 <= batchBytesMax);
});

Deno.test("writeCommand() takes an empty text as an absent one", () => {
  const written = bytesOf({ kind: "set", name: "A", value: 1, recordedAt: 1, who: "", source: "", note: "" });
  assertEquals(written, bytesOf({ kind: "set", name: "A", value: 1, recordedAt: 1 }));
  const writer = new ByteWriter();
  writeCommand(writer, { kind: "retire", name: "A", reason: "", recordedAt: 1 });
  assertEquals(writer.copy().toHex(), "1501410001");
});
