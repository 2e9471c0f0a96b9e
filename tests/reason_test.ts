import { assertEquals } from "@std/assert";
import { reasonOf } from "../src/reason.ts";

Deno.test("reasonOf() leaves out the call of the operating system, and nothing else", () => {
  const cases: [error: unknown, reason: string][] = [
    [new Error("No such file or directory (os error 2): open 'x'"), "No such file or directory (os error 2)"],
    [new Error("File exists (os error 17): mkdir 'a b's\nc'"), "File exists (os error 17)"],
    [new Error("Is a directory (os error 21): rename 'a' -> 'b'"), "Is a directory (os error 21)"],
    [new Error("No space left on device (os error 28)"), "No space left on device (os error 28)"],
    [new Error("it is a directory: open 'x'"), "it is a directory: open 'x'"],
    ["so", "so"],
  ];
  for (const [error, reason] of cases) assertEquals(reasonOf(error), reason);
});

Deno.test({
  name: "reasonOf() knows how Deno writes it (needs --allow-read)",
  ignore: Deno.permissions.querySync({ name: "read" }).state !== "granted",
  fn: () => {
    for (const open of [Deno.openSync, Deno.readFileSync, Deno.statSync]) {
      try {
        open("/nowhere/it's here");
      } catch (error) {
        assertEquals(reasonOf(error), "No such file or directory (os error 2)");
        continue;
      }
      throw new Error("It is there");
    }
  },
});
