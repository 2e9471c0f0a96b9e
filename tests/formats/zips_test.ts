import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import { InputRefusal } from "../../src/formats/problems.ts";
import { readPostalCode, stateOfZip } from "../../src/formats/zips.ts";

function read(value: unknown, state?: string, isOurs = false): [string, ProblemKind[]] {
  const kinds: ProblemKind[] = [];
  return [readPostalCode(value, state, isOurs, (kind) => kinds.push(kind)), kinds];
}

Deno.test("stateOfZip() knows the state of a ZIP code", () => {
  const cases = ["02138 MA", "08332 NJ", "00601 PR", "00501 NY", "06390 NY", "06391 CT", "10001 NY", "20001 DC"];
  for (const each of [...cases, "33301 FL", "75001 TX", "88510 TX", "99503 AK", "90210 CA", "96701 HI", "96910 GU"]) {
    const [zip = "", state] = each.split(" ");
    assertEquals(stateOfZip(zip), state, zip);
  }
  for (const zip of ["", "0", "00001", "2138", "021380"]) assertEquals(stateOfZip(zip), undefined, zip);
});

Deno.test("readPostalCode() puts zeros back only where one state allows one ZIP code", () => {
  assertEquals(read("8332", "NJ"), ["08332", ["zip-lost-zero"]]);
  assertEquals(read("83323762", "NJ"), ["08332", ["zip-lost-zero", "zip-plus-four"]]);
  assertEquals(read("083323762", "NJ"), ["08332", ["zip-plus-four"]]);
  assertEquals(read("802", "VI"), ["00802", ["zip-lost-zero"]]);
  assertEquals(read(" 08332 ", "NJ"), ["08332", []]);
  const refused: [unknown, string?][] = [["8332"], ["8332", "NY"], ["8332", "MA"], ["833", "NJ"], ["123456", "NJ"]];
  for (
    const [value, state] of [...refused, ["K1A 0B1"], ["0833x", "NJ"], [{}], [true], [-8332, "NJ"], [8332.5, "NJ"]]
  ) {
    const error = assertThrows(() => read(value, state as string | undefined), InputRefusal);
    assertEquals(error.kind, "zip-invalid", String(value));
  }
});

Deno.test("readPostalCode() takes what a database has as it is", () => {
  assertEquals(read("2138", "MA", true), ["2138", ["zip-length"]]);
  assertEquals(read("021380001", undefined, true), ["021380001", ["zip-length"]]);
  assertEquals(read("02138-0001", undefined, true), ["02138", ["zip-plus-four"]]);
});

Deno.test("readPostalCode() never makes a ZIP code of another state", () => {
  for (let zip = 0; zip < 100_000; zip += 7) {
    const text = String(zip);
    for (const state of ["MA", "NJ", "PR", "CT"]) {
      try {
        const [made, kinds] = read(text, state);
        if (kinds.includes("zip-lost-zero")) assertEquals(stateOfZip(made), state);
        assert(made.endsWith(text));
      } catch (error) {
        assert(error instanceof InputRefusal);
      }
    }
  }
});
