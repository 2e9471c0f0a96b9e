import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import { CommandFields, describeCommand, readCommand } from "../../../src/database/wire/command_fields.ts";
import { type Command, knowsIds, knowsSources } from "../../../src/database/wire/commands.ts";
import { commands } from "../arbitraries.ts";
import { bytesOf } from "../store/memory.ts";

const recordedAt = 1_790_000_000_000;

Deno.test("readCommand() gives back what writeCommand() was given", () => {
  fc.assert(fc.property(commands, (command) => assertEquals(readCommand(bytesOf(command)), command)));
});

Deno.test("The bytes of each command are pinned", () => {
  const all = { who: "W", source: "S", note: "N" };
  const key = { hash: new Uint8Array(16).fill(0xab), request: new Uint8Array(8).fill(0xcd) };
  const keyHex = "ab".repeat(16) + "cd".repeat(8);
  const pinned: [Command, string][] = [
    [{ kind: "list-page" }, "31000000000000"],
    [{ kind: "list-page", after: "Ab", limit: 300 }, "31024162ac0200000000"],
    [{ kind: "list-page", detail: "full", zip: "021", available: true, retired: true }, "3100000203fd0700"],
    [{ kind: "view", name: "é" }, "3202c3a9"],
    [{ kind: "set", name: "A", value: false, recordedAt: 1 }, "130141000001"],
    [{ kind: "set", name: "A", value: true, recordedAt: 1 }, "130141000101"],
    [{ kind: "set", name: "A", value: "unknown", recordedAt: 1 }, "130141000301"],
    [{ kind: "set", name: "A", value: 5, recordedAt }, "13014100020580d8c1a28c34"],
    [
      { kind: "set", name: "A", value: 5, unit: "appointments", recordedAt: 9, observedAt: 8, if: 7, ...all },
      "1301417d02050908020701570153014e",
    ],
    [{ kind: "set", name: "A", value: 5, recordedAt: 1, ifEntry: 300 }, "13014180020501ac02"],
    [
      { kind: "set", name: "A", value: 5, recordedAt: 9, observedAt: 8, if: true, ifEntry: 0, note: "N" },
      "130141e1020509080100014e",
    ],
    [{ kind: "add", name: "A", zip: "02138", recordedAt: 1 }, "14014100fa9d0601"],
    [{ kind: "retire", name: "A", reason: "N", recordedAt: 1, who: "W" }, "15014128010157014e"],
    [{ kind: "reopen", name: "A", recordedAt: 1, ...all }, "160141380101570153014e"],
    [{ kind: "document", name: "A", document: "{}", recordedAt: 1, source: "S" }, "3701411000027b7d010153"],
    [{ kind: "details", name: "A" }, "380141"],
    [{ kind: "history-page", name: "A", newestFirst: true, bound: 3, limit: 4 }, "390141010304"],
    [{ kind: "changes-page", after: 3 }, "3a000300"],
    [{ kind: "summary" }, "3b00"],
    [{ kind: "edit", name: "A", edits: { name: "B", zip: "02138" }, recordedAt: 1 }, "1c014100030142fa9d0601"],
    [
      { kind: "edit", name: "A", edits: { identifiers: [{ system: "s", value: "v" }] }, recordedAt: 1, who: "W" },
      "1c014108040401730176010157",
    ],
    [{ kind: "merge", name: "A", into: "B", recordedAt: 1 }, "1d014100014201"],
    [{ kind: "unmerge", name: "A", recordedAt: 1, note: "N" }, "1e01412001014e"],
    [{ kind: "set", name: "A", value: 5, recordedAt: 1, product: "P" }, "33014100010205010150"],
    [
      { kind: "set", name: "A", value: 5, recordedAt: 9, observedAt: 8, confirms: true, product: "P", by: "T", ...all },
      "33014139070205" + "0908" + "0157" + "0153" + "014e" + "0150" + "0154",
    ],
    [{ kind: "merge", name: "A", into: "B", recordedAt: 1, by: "T" }, "3d014100040142010154"],
    [
      { kind: "document", name: "A", document: "{}", recordedAt: 2, observedAt: 1, extra: true },
      "3701410108027b7d0201",
    ],
    [{ kind: "list-page", product: "P", source: "S" }, "310000000000" + "03" + "0150" + "0153"],
    [{ kind: "retract", entry: 300, recordedAt: 1, note: "N" }, "520020ac0201014e"],
    [{ kind: "retract", entry: 300, entrySite: 2, recordedAt: 1, by: "T" }, "72000024ac0202010154"],
    [{ kind: "set", name: "A", value: 5, recordedAt: 1, key }, "3301410040020501" + keyHex],
    [{ kind: "reopen", name: "A", recordedAt: 1, by: "T", key }, "360141004401" + "0154" + keyHex],
    [{ kind: "redact", entry: 300, entrySite: 2, recordedAt: 1, ...all }, "73003820ac0202010157" + "0153" + "014e"],
  ];
  for (const [command, hex] of pinned) assertEquals(bytesOf(command).toHex(), hex, JSON.stringify(command));
});

Deno.test("A plain report has nothing of the command that was read before it", () => {
  const all = { observedAt: 8, unit: "doses", if: 7, ifEntry: 6, who: "W", source: "S", note: "N", by: "T" } as const;
  // The one is read fast, the other is not.
  for (const value of [5, 500]) {
    const fields = new CommandFields();
    fields.read(bytesOf({ kind: "set", name: "A", value: 1, recordedAt, ...all, product: "P", confirms: true }));
    fields.read(bytesOf({ kind: "set", name: "A", value, recordedAt }));
    const { conditions, knowsSources, entry: { availability, isExplicit, unit, marked, more } } = fields;
    assertEquals([availability, isExplicit, unit, conditions, marked, more], [value, false, 0, 0, 0, 0]);
    const { who, source, note, product, by } = fields.entry;
    assertEquals([who, source, note, product, by].map(({ length }) => length), [0, 0, 0, 0, 0]);
    assert(!knowsSources);
  }
});

Deno.test("readCommand() refuses a command that is cut anywhere or followed by anything", () => {
  fc.assert(fc.property(commands, fc.nat(255), (command, byte) => {
    const bytes = bytesOf(command);
    for (let length = 0; length < bytes.length; length++) {
      assertThrows(() => readCommand(bytes.subarray(0, length)), DecodeError);
    }
    assertThrows(() => readCommand(new Uint8Array([...bytes, byte])), DecodeError);
  }));
});

Deno.test("readCommand() refuses what nobody writes", () => {
  const refused: [hex: string, message: string][] = [
    ["00", "there is no command of kind 0"],
    ["0c00", "there is no command of kind 12"],
    ["1f00", "there is no command of kind 31"],
    ["1001", "there is no command of kind 16"],
    ["1c01410000", "an edit changes nothing"],
    ["1c01410008", "what an edit changes is 8"],
    ["1c01410004010501", "the identifiers are malformed"],
    ["1c0141000408016201310161013101", "the identifiers are not in order"],
    ["03014180000180", "the bytes end too early"],
    ["0501418001", "the marks of a command are 128"],
    ["030141060001", "a unit is of kind 3"],
    ["030141000401", "an availability is of kind 4"],
    ["03014108000100", "a text that is there is empty"],
    ["03014108000101ff", "a text is not UTF-8"],
    ["0401410101", "the marks of a command are 1"],
    ["7f00", "there is no command of kind 127"],
    ["2201", "there is no command of kind 34"],
    ["7500", "there is no command of kind 117"],
    ["5000", "there is no command of kind 80"],
    ["520141000501", "a command about an entry names a site"],
    ["5300010501", "the marks of a command are 1"],
    ["720000200500", "the id of a site is 0"],
    ["7300002205", "the further marks of a command are 34"],
    ["330141002002050101", "the further marks of a command are 32"],
    ["9201", "there is no command of kind 146"],
    ["3301410000000001", "the further marks of a command are 0"],
    ["3301410008000001", "the further marks of a command are 8"],
    ["3d014100020142010154", "the further marks of a command are 2"],
    ["3701411002027b7d010153", "the further marks of a command are 2"],
    ["370141400002", "the marks of a command are 64"],
    ["3301410001020501" + "00", "a text that is there is empty"],
    ["31000000000004", "the filter of reports is 4"],
    ["04014100fa9d860001", "an integer is longer than it needs to be"],
    ["040141001401", "20 is not a ZIP code"],
    ["010000030000", "the detail of a list is 3"],
    ["010000000400", "the filter of a list is 4"],
    ["010000000001", "1 is not a ZIP code"],
    ["090141020304", "the order of a history is 2"],
    ["0a01410300", "a command about all sites names one"],
    ["0b0141", "a command about all sites names one"],
    ["0201ff", "a name is not UTF-8"],
  ];
  for (const [hex, message] of refused) {
    assertThrows(() => readCommand(Uint8Array.fromHex(hex)), DecodeError, message, hex);
  }
});

Deno.test("readCommand() throws nothing but DecodeError, and describeCommand() nothing, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.integer({ min: 1, max: 127 }), fc.uint8Array({ maxLength: 40 })).map(([kind, rest]) =>
      new Uint8Array([kind, ...rest])
    ),
    // A command with a flipped bit.
    fc.tuple(commands, fc.nat()).map(([command, at]) => {
      const bytes = bytesOf(command);
      bytes[(at >> 3) % bytes.length] ^= 1 << (at & 7);
      return bytes;
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const line = describeCommand(bytes);
      // deno-lint-ignore no-control-regex
      assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line));
      try {
        // There is one way to write each command, beside those of earlier versions.
        const command = readCommand(bytes);
        const again = bytesOf(command);
        const isEarlier = ((bytes[0] ^ again[0]) & knowsSources) !== 0;
        if (isEarlier) assertEquals(readCommand(again), command);
        else assertEquals([bytes[0] | knowsIds, ...bytes.subarray(1)], [...again]);
      } catch (error) {
        assert(error instanceof DecodeError, String(error));
        assert(line.startsWith("malformed command"));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("describeCommand() is what a person would type", () => {
  const lines: [Command, string][] = [
    [{ kind: "list-page" }, "list-page"],
    [{ kind: "list-page", after: 'A "b"', limit: 7 }, 'list-page after "A \\"b\\"" limit 7'],
    [
      { kind: "list-page", detail: "state", zip: "021", available: true, retired: true },
      "list-page state zip 021 available retired too",
    ],
    [{ kind: "view", name: "Harvard University" }, 'view "Harvard University"'],
    [{ kind: "set", name: "Harvard University", value: 5, recordedAt: 1 }, 'set "Harvard University" 5 at 1'],
    [{ kind: "set", name: "x\n\u202e", value: true, recordedAt: 1 }, 'set "x\\n\\u202e" True at 1'],
    [
      { kind: "set", name: "A", value: 5, unit: "doses", if: "unknown", observedAt: 3, recordedAt: 4, note: "n" },
      'set "A" 5 doses if Unknown observed at 3 note "n" at 4',
    ],
    [
      { kind: "set", name: "A", value: 5, if: 4, ifEntry: 12, observedAt: 3, recordedAt: 4 },
      'set "A" 5 if 4 if entry 12 observed at 3 at 4',
    ],
    [{ kind: "set", name: "A", value: 5, ifEntry: 0, recordedAt: 4 }, 'set "A" 5 if entry 0 at 4'],
    [{ kind: "add", name: "薬局", zip: "00501", recordedAt: 1, who: "w" }, 'add "薬局" 00501 who "w" at 1'],
    [{ kind: "retire", name: "A", reason: "moved", recordedAt: 1 }, 'retire "A" because "moved" at 1'],
    [{ kind: "reopen", name: "A", recordedAt: 1, source: "s" }, 'reopen "A" source "s" at 1'],
    [{ kind: "document", name: "A", document: "{}", recordedAt: 1 }, 'document "A" of 2 characters at 1'],
    [{ kind: "details", name: "A" }, 'details "A"'],
    [{ kind: "history-page", name: "A", newestFirst: true, bound: 9, limit: 2 }, 'history-page "A" before 9 limit 2'],
    [{ kind: "changes-page", after: 9 }, "changes-page after 9"],
    [{ kind: "summary" }, "summary"],
    [
      {
        kind: "edit",
        name: "A",
        edits: { name: "B", zip: "1", identifiers: [{ system: "s", value: "v" }] },
        recordedAt: 1,
      },
      'edit "A" to "B" to ZIP 1 identifiers 1 at 1',
    ],
    [{ kind: "merge", name: "A", into: "id:1", recordedAt: 1 }, 'merge "A" into "id:1" at 1'],
    [{ kind: "unmerge", name: "A", recordedAt: 1 }, 'unmerge "A" at 1'],
  ];
  for (const [command, line] of lines) assertEquals(describeCommand(bytesOf(command)), line);
  assertEquals(
    describeCommand(new Uint8Array([99])),
    "malformed command of 1 bytes: there is no command of kind 99",
  );
});
