import { assertEquals } from "@std/assert";
import { nearest } from "../../src/front/nearest.ts";

const known = ["list", "view", "set", "add", "history", "--observed-at", "--after"];

Deno.test("nearest() finds the word with a letter wrong, missing, too many or swapped", () => {
  const cases = [
    ["lost", "list"],
    ["lis", "list"],
    ["listt", "list"],
    ["lsit", "list"],
    ["LIST", "list"],
    ["hsitroy", "history"],
    ["--observedat", "--observed-at"],
    ["--affter", "--after"],
  ];
  for (const [typed, meant] of cases) assertEquals(nearest(typed, known), meant, typed);
});

Deno.test("nearest() guesses nothing where nothing is near", () => {
  for (const typed of ["", "x", "remove", "listing", "8892", "a".repeat(10_000)]) {
    assertEquals(nearest(typed, known), undefined, typed);
  }
});

Deno.test("nearest() takes the nearer of two, and the first of two that are as near", () => {
  assertEquals(nearest("bat", ["cat", "bart", "bat"]), "bat");
  assertEquals(nearest("bat", ["cat", "rat"]), "cat");
});
