import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { describeOutput, type Output, readOutput } from "../../../src/database/wire/outputs.ts";
import { Sites } from "../../../src/database/store/sites.ts";
import { itemsOf } from "../../../src/batch.ts";
import { commands } from "../arbitraries.ts";
import { batchOf } from "../store/memory.ts";

const name = "Harvard University";

/** What these commands are answered with. */
function outputsOf(...commands: Command[]): Uint8Array[] {
  return [...itemsOf(new Sites().apply(batchOf(...commands)))];
}

/** What the last of these commands is answered with. */
function lastOf(...commands: Command[]): Uint8Array {
  return outputsOf(...commands)[commands.length - 1];
}

const set = { kind: "set", name, value: 5, recordedAt: 300 } as const;
const retire = { kind: "retire", name, reason: "no", recordedAt: 301 } as const;

Deno.test("The bytes of each output are pinned", () => {
  const pinned: [Uint8Array, string][] = [
    [lastOf({ kind: "view", name }), "0002fa9d06000000"],
    [lastOf(set, { kind: "view", name }), "0002fa9d0605ac020200"],
    [
      lastOf({ ...set, observedAt: 299, who: "W", source: "S", note: "N", unit: "doses" }, { kind: "view", name }),
      "0006fa9d0605ab020239ac0201570153014e",
    ],
    [lastOf({ kind: "list-page" }), `0112${hexOf(name)}fa9d060200${"00"}00`],
    [lastOf({ kind: "list-page", detail: "state" }), `0d12${hexOf(name)}02fa9d060000${"00"}00`],
    [
      lastOf(retire, { kind: "list-page", detail: "full", retired: true }),
      `0e12${hexOf(name)}12fa9d060000026e6f0000${"00"}00`,
    ],
    [lastOf({ kind: "view", name: "x" }), "02"],
    [lastOf({ kind: "add", name, zip: "1", recordedAt: 1 }), "0302fa9d060000"],
    [lastOf(set), "07000202fa9d0605ac02"],
    [lastOf({ ...set, value: true }), "07000201fa9d06ac02"],
    [lastOf({ ...set, value: "unknown" }), "07000203fa9d06ac02"],
    [lastOf({ ...set, if: true }), "080002fa9d060000"],
    [lastOf(set, { ...set, ifEntry: 1 }), "080202fa9d0605ac02"],
    [lastOf(retire, set), "0912fa9d060000026e6f"],
    [lastOf({ kind: "changes-page", after: 0 }), `0a00010012${hexOf(name)}00fa9d06`],
    [
      lastOf(set, { kind: "history-page", name, newestFirst: true, bound: 0, limit: 1 }),
      `0a01020112${hexOf(name)}ac020205`,
    ],
    [lastOf(retire, { kind: "changes-page", after: 1 }), `0a00022212${hexOf(name)}ad02026e6f`],
    [lastOf({ kind: "summary" }), "0b01000124"],
    [
      lastOf({ kind: "document", name, document: "{}", recordedAt: 1 }, { kind: "details", name }),
      "0c22fa9d06000000027b7d",
    ],
  ];
  for (const [bytes, hex] of pinned) assertEquals(bytes.toHex(), hex, describeOutput(bytes));
});

function hexOf(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

Deno.test("readOutput() throws nothing but DecodeError, and describeOutput() nothing, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.integer({ min: 0, max: 15 }), fc.uint8Array({ maxLength: 40 })).map(([status, rest]) =>
      new Uint8Array([status, ...rest])
    ),
    // An output with a flipped bit.
    fc.tuple(fc.array(commands, { minLength: 1, maxLength: 10 }), fc.nat()).map(([commands, at]) => {
      const bytes = lastOf(...commands).slice();
      bytes[(at >> 3) % bytes.length] ^= 1 << (at & 7);
      return bytes;
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const line = describeOutput(bytes);
      // deno-lint-ignore no-control-regex
      assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line));
      let output: Output | undefined;
      try {
        output = readOutput(bytes);
      } catch (error) {
        assert(error instanceof DecodeError, String(error));
      }
      assertEquals(line.startsWith("malformed output"), output === undefined);
    }),
    { numRuns: 500 },
  );
});

Deno.test("readOutput() refuses an output that is cut or followed by anything", () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 20 }), (commands) => {
      const bytes = lastOf(...commands);
      const { status } = readOutput(bytes);
      assertThrows(() => readOutput(bytes.subarray(0, -1)), DecodeError);
      // A page of entries may have one more; what stands here is none.
      assertThrows(() => readOutput(new Uint8Array([...bytes, 0])), DecodeError, undefined, status);
    }),
  );
});

Deno.test("readOutput() refuses what nobody writes", () => {
  const refused: [hex: string, message: string][] = [
    ["0f", "there is no output of status 15"],
    ["07040202fa9d0605ac02", "there is no such effect"],
    ["0342fa9d060000", "the bits of a state are 66"],
    ["030efa9d060000", "a unit is of kind 3"],
    ["0a02", "a flag is 2"],
    ["0a00014012", "the first byte of an entry is 64"],
    ["0a000105014100", "there is no entry of kind 5"],
    ["0a00010101410040", "the bits of a report are 64"],
    ["0002fa9d0600000202", "the marks of a report are 2"],
    ["010003", "the end of a page is 3"],
    ["010001", "a page does not say where the next one begins"],
    ["01000200", "a page does not say where the next one begins"],
  ];
  for (const [hex, message] of refused) {
    assertThrows(() => readOutput(Uint8Array.fromHex(hex)), DecodeError, message, hex);
  }
});

Deno.test("describeOutput() is one line for a log", () => {
  const add = { kind: "add", name: "A", zip: "1", recordedAt: 1 } as const;
  const lines: [Uint8Array, string][] = [
    [lastOf(set, { kind: "view", name }), "ok, ZIP 02138, availability 5"],
    [lastOf({ ...set, unit: "doses" }, { kind: "details", name }), "details, ZIP 02138, availability 5 doses"],
    [lastOf({ kind: "list-page" }), "page of 1 site"],
    [lastOf(add, { kind: "list-page", limit: 1 }), "page of 1 site, more follow"],
    [lastOf({ kind: "changes-page", after: 0 }), "page of 1 entry"],
    [lastOf(add, { kind: "changes-page", after: 0, limit: 1 }), "page of 1 entry, more follow"],
    [lastOf(set, { kind: "changes-page", after: 0 }), "page of 2 entries"],
    [lastOf(retire, { kind: "summary" }), "1 site, 1 retired, 2 entries of 53 bytes"],
    [lastOf({ ...set, value: "unknown" }), "ok as entry 2, ZIP 02138, availability Unknown"],
    [lastOf(set, { ...set, observedAt: 1 }), "out of date, kept as entry 3, ZIP 02138, availability 5"],
    [lastOf(set, { ...set, observedAt: 300 }), "the same as entry 2, ZIP 02138, availability 5"],
    [lastOf({ kind: "reopen", name, recordedAt: 1 }), "the same, ZIP 02138, availability 0"],
    [lastOf({ kind: "view", name: "x" }), "unknown site"],
    [lastOf({ ...add, name }), "exists already, ZIP 02138, availability 0"],
    [lastOf({ ...set, if: true }), "conflict, ZIP 02138, availability 0"],
    [lastOf(set, { ...set, ifEntry: 0 }), "conflict with entry 2, ZIP 02138, availability 5"],
    [lastOf(retire, set), "not done, ZIP 02138, availability 0, retired: no"],
    [new Uint8Array([4, 4, 110, 111, 10, 33]), "invalid: no\\u000a!"],
    [
      new Uint8Array([6]),
      "refused: the database is full: it has room for 1 GiB of entries and for 1 GiB of sites; export the " +
      "sites and import them into a new cluster",
    ],
    [new Uint8Array([99]), "malformed output of 1 bytes: there is no output of status 99"],
  ];
  for (const [bytes, line] of lines) assertEquals(describeOutput(bytes), line);
});
