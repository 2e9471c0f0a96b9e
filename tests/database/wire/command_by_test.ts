import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { byOf } from "../../../src/database/wire/command_by.ts";
import { type AnyCommand, type Command, commandKinds, isChange } from "../../../src/database/wire/commands.ts";
import { commands } from "../arbitraries.ts";
import { bytesOf } from "../store/memory.ts";

Deno.test("byOf() is what a command says of the token, wherever its bytes are", () => {
  fc.assert(fc.property(commands, fc.nat(5), (command, start) => {
    const bytes = bytesOf(command);
    const { by }: AnyCommand = command;
    const padded = new Uint8Array([...new Uint8Array(start).fill(0x33), ...bytes, 0x33, 0x33]);
    assertEquals(byOf(padded, start, start + bytes.length), by);
    assertEquals(byOf(bytes), by);
  }));
});

Deno.test("byOf() says nothing of queries and of malformed commands", () => {
  const withBy: Command = { kind: "set", name: "A", value: 1, recordedAt: 1, by: "Ann" };
  assertEquals(byOf(bytesOf(withBy)), "Ann");
  // A query after it has nothing of it.
  const query: Command = { kind: "view", name: "A" };
  assertEquals([byOf(bytesOf(query)), isChange(commandKinds.view)], [undefined, false]);
  assertEquals([byOf(new Uint8Array()), byOf(bytesOf(withBy).slice(0, -1))], [undefined, undefined]);
  const badText = bytesOf(withBy);
  badText[badText.length - 1] = 0xff;
  assertEquals(byOf(badText), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void byOf(bytes)));
});
