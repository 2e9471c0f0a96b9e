import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { describeOutput } from "../../../src/database/wire/output_words.ts";
import { type Output, readOutput } from "../../../src/database/wire/outputs.ts";
import { Sites } from "../store/machine.ts";
import { itemsOf } from "../../../src/batch.ts";
import { commands } from "../arbitraries.ts";
import { batchOf } from "../store/memory.ts";

const name = "Harvard University";

/** What these commands are answered with. */
function outputsOf(...commands: Command[]): Uint8Array[] {
  return [...itemsOf(new Sites().apply(batchOf(...commands)))];
}

/** The same of a log with two entries a segment. */
function lastOfSmall(...commands: Command[]): Uint8Array {
  return [...itemsOf(new Sites({ segmentEntries: 2 }).apply(batchOf(...commands)))][commands.length - 1];
}

/** What the last of these commands is answered with. */
function lastOf(...commands: Command[]): Uint8Array {
  return outputsOf(...commands)[commands.length - 1];
}

const set = { kind: "set", name, value: 5, recordedAt: 300 } as const;
const identifiers = [{ system: "s", value: "v" }];
const edit = { kind: "edit", name, edits: { name: "B", zip: "750", identifiers }, recordedAt: 1 } as const;
const add = { kind: "add", name: "A", zip: "1", recordedAt: 1 } as const;
const merge = { kind: "merge", name: "A", into: name, recordedAt: 1 } as const;
const confirm = { ...set, observedAt: 301, confirms: true, recordedAt: 302 } as const;
const document = { kind: "document", name, document: "{}", recordedAt: 300 } as const;
const publish = { kind: "publish", name, locationId: "a", recordedAt: 1 } as const;
const retract = { kind: "retract", entry: 2, recordedAt: 1 } as const;
const redact = { kind: "redact", entry: 2, recordedAt: 1 } as const;
const retire = { kind: "retire", name, reason: "no", recordedAt: 301 } as const;

Deno.test("The bytes of each output are pinned", () => {
  const pinned: [Uint8Array, string][] = [
    [lastOf({ kind: "view", name }), "804201fa9d0600000000"],
    [lastOf(set, { kind: "view", name }), "804201fa9d0605ac02000200"],
    [
      lastOf({ ...set, observedAt: 299, who: "W", source: "S", note: "N", unit: "doses" }, { kind: "view", name }),
      "804601fa9d0605ab02000239ac0201570153014e",
    ],
    [lastOf({ kind: "list-page" }), `0112${hexOf(name)}fa9d060200${"00"}00`],
    [lastOf({ kind: "list-page", detail: "state" }), `8d12${hexOf(name)}4201fa9d06000000${"00"}00`],
    [
      lastOf(retire, { kind: "list-page", detail: "full", retired: true }),
      `8e12${hexOf(name)}5201fa9d06000000026e6f0000000000${"00"}00`,
    ],
    [lastOf({ kind: "view", name: "x" }), "02"],
    [lastOf({ kind: "view", name: name.toUpperCase() }), `0f0112${hexOf(name)}`],
    [lastOf({ kind: "merge", name, into: "x", recordedAt: 1 }), "10"],
    [lastOf({ kind: "view", name: "id:1" }), `80c20112${hexOf(name)}fa9d0600000000`],
    [lastOf(edit), "070302c2010142d60d00" + "00"],
    [
      lastOf(edit, { kind: "details", name: "B" }),
      "8c4201d60d00000000" + "00" + "0401730176" + "00" + "00",
    ],
    [lastOf(edit, { kind: "changes-page", after: 1 }), "0a0002450101420107" + "01" + "42" + "d60d" + "0401730176"],
    [lastOf(add, merge), "070303c20112" + hexOf(name) + "fa9d060000"],
    [lastOf(add, merge, { kind: "changes-page", after: 2 }), `0a000346020141010112${hexOf(name)}`],
    [lastOf(add, merge, { kind: "details", name }), "8c4201fa9d060000000000000102014100"],
    [lastOf({ kind: "add", name, zip: "1", recordedAt: 1 }), "034201fa9d060000"],
    [lastOf(set), "0700024201fa9d0605ac02"],
    [lastOf({ ...set, value: true }), "0700024101fa9d06ac02"],
    [lastOf({ ...set, value: "unknown" }), "0700024301fa9d06ac02"],
    [lastOf({ ...set, if: true }), "08004201fa9d060000"],
    [lastOf(set, { ...set, ifEntry: 1 }), "08024201fa9d0605ac02"],
    [lastOf(retire, set), "095201fa9d060000026e6f"],
    [lastOf({ kind: "changes-page", after: 0 }), `0a0001400112${hexOf(name)}00fa9d06`],
    [
      lastOf(set, { kind: "history-page", name, newestFirst: true, bound: 0, limit: 1 }),
      `0a0102410112${hexOf(name)}ac020205`,
    ],
    [lastOf(retire, { kind: "changes-page", after: 1 }), `0a0002620112${hexOf(name)}ad02026e6f`],
    [lastOf({ kind: "summary" }), "0b01000124"],
    [
      lastOf({ kind: "document", name, document: "{}", recordedAt: 1 }, { kind: "details", name }),
      "8c6201fa9d0600000000027b7d000000",
    ],
    [lastOf({ ...set, product: "P", by: "T" }), "8700024201fa9d0605ac0200"],
    [lastOf(set, confirm), "8704034201fa9d0605ac02ad02"],
    [lastOf(set, confirm, { kind: "view", name }), "804201fa9d0605ac02ad020200"],
    [
      lastOf({ ...set, product: "P", by: "T" }, { kind: "changes-page", after: 1 }),
      `0a0002c1100112${hexOf(name)}ac02420501500154`,
    ],
    [lastOf(set, confirm, { kind: "changes-page", after: 2 }), `0a0003c0010112${hexOf(name)}ae02ad0200`],
    [
      lastOf({ ...document, observedAt: 299, extra: true }, { kind: "changes-page", after: 1 }),
      `0a0002c4200112${hexOf(name)}ac02027b7dd704`,
    ],
    [lastOf({ kind: "sources", name, site: 0, skip: 0 }), "110000"],
    [lastOf(set, { kind: "sources", name, site: 0, skip: 0 }), "110000020005" + "02" + "ac02ac02"],
    [
      lastOf(
        { ...set, observedAt: 299, product: "P", by: "T", who: "W", source: "S", note: "N", unit: "doses" },
        document,
        {
          kind: "sources",
          name,
          site: 0,
          skip: 0,
        },
      ),
      "110000" + "362e" + "01530150" + "05" + "02" + "ab02ab02ac020157014e0154" + "8300" + "00" + "027b7d",
    ],
    [lastOf(publish), `16030201614201fa9d060000`],
    [lastOf(publish, publish), `16020201614201fa9d060000`],
    [lastOf(publish, { kind: "details", name }), "8c4201fa9d06000000000000000161"],
    [lastOf(publish, { kind: "changes-page", after: 1 }), `0a0002c0020112${hexOf(name)}010161`],
    [lastOf(publish, add, { ...publish, name: "A" }), `15c20112${hexOf(name)}fa9d060000`],
    [lastOf(edit, { kind: "find", identifier: identifiers[0] }), "9400c2010142d60d000000"],
    [lastOf(edit, { kind: "find", identifier: { system: "s", value: "w" } }), "94"],
    [
      lastOf(add, { ...edit, name: "A", edits: { identifiers } }, merge, { kind: "find", identifier: identifiers[0] }),
      `94020141c20112${hexOf(name)}fa9d06000000`,
    ],
    [lastOf(set, retract), `070303c20112${hexOf(name)}fa9d060000`],
    [lastOf(set, retract, retract), `070203c20112${hexOf(name)}fa9d060000`],
    [
      lastOf(set, retract, { kind: "changes-page", after: 1 }),
      `0a0002c1400112${hexOf(name)}ac020205` + `03c0030112${hexOf(name)}010201`,
    ],
    [
      lastOf(set, set, { ...retract, entry: 3 }, { kind: "changes-page", after: 3 }),
      `0a0004c0030112${hexOf(name)}0103` + "03" + `02410112${hexOf(name)}ac020205`,
    ],
    [lastOf(retract), "17"],
    [lastOf({ ...retract, entry: 1 }), "18"],
    [lastOf({ ...retract, entry: 1, entrySite: 2 }), "17"],
    [lastOfSmall(set, set, set, set, set, { ...retract, entry: 2 }), "1902"],
    [lastOfSmall(set, set, set, set, set, { kind: "changes-page", after: 1 }), "1902"],
    [
      lastOfSmall(set, set, set, set, set, { ...retract, entry: 2, entrySite: 1 }),
      `870307c20112${hexOf(name)}fa9d0605ac0200`,
    ],
    [lastOf({ ...set, who: "W", note: "N" }, redact), `070303c20112${hexOf(name)}fa9d0605ac02`],
    [
      lastOf({ ...set, who: "W", note: "N" }, redact, { kind: "changes-page", after: 1 }),
      `0a0002c1800112${hexOf(name)}ac020205` + `03c0040112${hexOf(name)}010200`,
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
    fc.tuple(fc.integer({ min: 0, max: 17 }), fc.uint8Array({ maxLength: 40 })).map(([status, rest]) =>
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
    ["12", "there is no output of status 18"],
    ["8a", "there is no output of status 138"],
    ["1100000301", "the bytes end too early"],
    ["1100000380", "the marks of a source are 128"],
    ["07050202fa9d0605ac02", "there is no such effect"],
    ["030efa9d060000", "a unit is of kind 3"],
    ["0a03", "the end of a page is 3"],
    ["0a02", "the bytes end too early"],
    ["0a020500", "1 bytes are left"],
    ["0a00018015", "an entry begins with 128 and 21"],
    ["0a00018000", "an entry begins with 128 and 0"],
    ["0a00018101", "an entry begins with 129 and 1"],
    ["0a00018105", "an entry begins with 129 and 5"],
    ["0a00018120", "an entry begins with 129 and 32"],
    ["0a000184200141000000", "the time of a document is 0"],
    ["0a0001050141000000", "the marks of an edit are 0"],
    ["0a0001050141000800", "the marks of an edit are 8"],
    ["0c4201fa9d0600000000000a", "a site has 10 aliases"],
    ["0a00018004014100" + "0102", "a flag is 2"],
    ["0a00018003014100" + "0104", "what a source shows then is 4"],
    ["0a00018003014100" + "0103" + "01000141000b", "what a source shows then is 3"],
    ["0a00010101410080", "the bits of a report are 128"],
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
    [lastOf({ kind: "view", name: "harvard University" }), 'unknown site, like "Harvard University"'],
    [lastOf({ kind: "merge", name, into: "x", recordedAt: 1 }), "unknown site"],
    [lastOf({ ...add, name }), "exists already, ZIP 02138, availability 0"],
    [lastOf({ ...set, if: true }), "conflict, ZIP 02138, availability 0"],
    [lastOf(set, { ...set, ifEntry: 0 }), "conflict with entry 2, ZIP 02138, availability 5"],
    [lastOf(retire, set), "not done, ZIP 02138, availability 0, retired: no"],
    [new Uint8Array([4, 4, 110, 111, 10, 33]), "invalid: no\\u000a!"],
    [
      new Uint8Array([6]),
      "refused: the database is full: its history has no more room (status says how much), or its sites have more " +
      "than 1 GiB; see docs/operations/full_log.md",
    ],
    [new Uint8Array([26]), "another request came with the key"],
    [new Uint8Array([4 | 64, 1, 110]), "again: invalid: n"],
    [new Uint8Array([99]), "malformed output of 1 bytes: there is no output of status 99"],
  ];
  for (const [bytes, line] of lines) assertEquals(describeOutput(bytes), line);
});
