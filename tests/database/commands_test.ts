import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../src/bytes.ts";
import { type Command, commandKinds, describeCommand, mayChange, readCommand } from "../../src/database/commands.ts";
import { bytesOf } from "./memory.ts";

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("list-page" as const) }),
  fc.record({ kind: fc.constant("list-page" as const), after: names, limit: fc.integer({ min: 1 }) }),
  fc.record({ kind: fc.constant("view" as const), name: names }),
  fc.record({ kind: fc.constant("set" as const), name: names, value: fc.oneof(fc.maxSafeNat(), fc.boolean()) }),
  fc.record({ kind: fc.constant("add" as const), name: names, zip: fc.stringMatching(/^[0-9]{1,10}$/) }),
);

Deno.test("readCommand() gives back what writeCommand() was given", () => {
  fc.assert(fc.property(commands, (command) => assertEquals(readCommand(bytesOf(command)), command)));
});

Deno.test("The bytes of each command are pinned", () => {
  const pinned: [Command, string][] = [
    [{ kind: "list-page" }, "010000"],
    [{ kind: "list-page", after: "Ab", limit: 300 }, "01024162ac02"],
    [{ kind: "view", name: "é" }, "0202c3a9"],
    [{ kind: "set", name: "A", value: false }, "03014100"],
    [{ kind: "set", name: "A", value: true }, "03014101"],
    [{ kind: "set", name: "A", value: 5 }, "0301410205"],
    [{ kind: "add", name: "A", zip: "02138" }, "040141fa9d06"],
  ];
  for (const [command, hex] of pinned) assertEquals(bytesOf(command).toHex(), hex);
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

Deno.test("readCommand() throws nothing but DecodeError, and describeCommand() nothing, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 40 })).map(([kind, rest]) =>
      new Uint8Array([kind, ...rest])
    ),
  );
  fc.assert(fc.property(hostile, (bytes) => {
    const line = describeCommand(bytes);
    // deno-lint-ignore no-control-regex
    assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line));
    try {
      assertEquals(readCommand(bytesOf(readCommand(bytes))), readCommand(bytes));
    } catch (error) {
      assert(error instanceof DecodeError);
      assert(line.startsWith("malformed command"));
    }
  }));
});

Deno.test("describeCommand() is what a person would type", () => {
  const lines: [Command, string][] = [
    [{ kind: "list-page" }, "list-page"],
    [{ kind: "list-page", after: 'A "b"', limit: 7 }, 'list-page after "A \\"b\\"" limit 7'],
    [{ kind: "view", name: "Harvard University" }, 'view "Harvard University"'],
    [{ kind: "set", name: "Harvard University", value: 5 }, 'set "Harvard University" 5'],
    [{ kind: "set", name: "x\n\u202e", value: true }, 'set "x\\n\\u202e" True'],
    [{ kind: "add", name: "薬局", zip: "00501" }, 'add "薬局" 00501'],
  ];
  for (const [command, line] of lines) assertEquals(describeCommand(bytesOf(command)), line);
  assertEquals(
    describeCommand(new Uint8Array([9])),
    "malformed command of 1 bytes: there is no command of kind 9",
  );
});

Deno.test("mayChange() tells reads from everything else", () => {
  assert(!mayChange(bytesOf({ kind: "list-page" })));
  assert(!mayChange(bytesOf({ kind: "view", name: "x" })));
  assert(mayChange(bytesOf({ kind: "set", name: "x", value: 1 })));
  assert(mayChange(bytesOf({ kind: "add", name: "x", zip: "1" })));
  assertEquals(Object.keys(commandKinds).length, 4, "a new kind of command needs a line here");
});
