// Node's own assertions watch ours here: a broken assertion cannot pass its own test.
import { AssertionError as NodeAssertionError, deepEqual, equal as same, ok, throws } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import * as std from "@std/assert";

/** Runs something that must fail as an assertion does; returns the message without colours. */
function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    ok(error instanceof std.AssertionError, `"${error}" is not an AssertionError`);
    same(error.name, "AssertionError");
    return stripVTControlCharacters(error.message);
  }
  throw new NodeAssertionError({ message: "nothing was thrown" });
}

/** The same for what fails later. */
async function laterFailure(run: () => Promise<unknown>): Promise<string> {
  const outcome = await run().then(() => undefined, (error: unknown) => error);
  return failure(() => {
    if (outcome !== undefined) throw outcome;
  });
}

class Point {
  #hidden: number;
  constructor(readonly x: number, hidden = 0) {
    this.#hidden = hidden;
  }
  get even(): boolean {
    return this.#hidden % 2 === 0;
  }
}

class Corner extends Point {}

const sign = Symbol("sign");
const callback = () => {};
const thrown = new Error("thrown");

/** A value that holds itself. */
function loop(name: string): object {
  const it: Record<string, unknown> = { name };
  it.self = it;
  return it;
}

const equals: [string, unknown, unknown][] = [
  ["numbers", 1, 1],
  ["NaN", NaN, NaN],
  ["0 and -0", 0, -0],
  ["bigints", 3n, 3n],
  ["a function", callback, callback],
  ["a symbol", sign, sign],
  ["objects in any order", { a: 1, b: [2] }, { b: [2], a: 1 }],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["symbol keys", { [sign]: 1 }, { [sign]: 1 }],
  ["dates", new Date(5), new Date(5)],
  ["invalid dates", new Date(NaN), new Date(NaN)],
  ["patterns", /a/g, /a/g],
  ["URLs", new URL("http://a/b"), new URL("http://a/b")],
  ["times of day", Temporal.PlainTime.from("12:00"), Temporal.PlainTime.from("12:00:00")],
  ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ["parts of buffers", Uint8Array.of(0, 1, 2).subarray(1), Uint8Array.of(1, 2)],
  ["floats", Float64Array.of(NaN, 0), Float64Array.of(NaN, -0)],
  ["buffers", Uint8Array.of(1).buffer, Uint8Array.of(1).buffer],
  ["sets in any order", new Set([1, "a"]), new Set(["a", 1])],
  ["sets of objects", new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 2 }, { a: 1 }])],
  ["maps in any order", new Map([["a", [1]], ["b", [2]]]), new Map([["b", [2]], ["a", [1]]])],
  ["maps with objects as keys", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]])],
  ["instances", new Point(1), new Point(1)],
  ["an error and itself", thrown, thrown],
  ["values that hold themselves", loop("a"), loop("a")],
  ["a hole and its absence at the end", [1], Object.assign([1], { length: 2 })],
];

const differences: [string, unknown, unknown][] = [
  ["a number and its text", 1, "1"],
  ["null and undefined", null, undefined],
  ["null and an object", null, {}],
  ["two functions", () => {}, () => {}],
  ["undefined and absent", { a: undefined }, {}],
  ["undefined and another key", { a: undefined }, { b: undefined }],
  ["orders of a list", [1, 2], [2, 1]],
  ["a list and an object", [], {}],
  ["a date and its text", new Date(5), "1970"],
  ["dates", new Date(5), new Date(6)],
  ["flags of patterns", /a/g, /a/i],
  ["times of day", Temporal.PlainTime.from("12:00"), Temporal.PlainTime.from("12:01")],
  ["bytes and their list", Uint8Array.of(1), [1]],
  ["bytes and signed bytes", Uint8Array.of(1), Int8Array.of(1)],
  ["lengths", Uint8Array.of(1), Uint8Array.of(1, 0)],
  ["sets", new Set([{ a: 1 }]), new Set([{ a: 2 }])],
  ["a set and a map", new Set(), new Map()],
  ["values of a map", new Map([["a", 1]]), new Map([["a", 2]])],
  ["an absent key of a map", new Map([["a", undefined]]), new Map([["b", undefined]])],
  ["instances", new Point(1), new Point(2)],
  ["getters", new Point(1, 0), new Point(1, 1)],
  ["an instance and fields", new Point(1), { x: 1 }],
  ["a class and its parent", new Corner(1), new Point(1)],
  ["messages", new Error("a"), new Error("b")],
  ["values that hold themselves", loop("a"), loop("b")],
];

for (const [name, a, b] of equals) {
  Deno.test(`equal() takes as the same: ${name}`, () => {
    ok(std.equal(a, b));
    ok(std.equal(b, a));
    std.assertEquals(a, b);
    failure(() => std.assertNotEquals(a, b));
  });
}

for (const [name, a, b] of differences) {
  Deno.test(`equal() tells apart: ${name}`, () => {
    ok(!std.equal(a, b));
    ok(!std.equal(b, a));
    std.assertNotEquals(a, b);
    ok(failure(() => std.assertEquals<unknown>(a, b)).startsWith("Values are not equal."));
  });
}

Deno.test("equal() refuses what it cannot look into", () => {
  throws(() => std.equal(new WeakMap(), new WeakMap()), new TypeError("Cannot compare WeakMap instances"));
  throws(() => std.equal(new WeakSet(), new WeakSet()), new TypeError("Cannot compare WeakSet instances"));
});

Deno.test("assertEquals() shows both values line by line", () => {
  same(
    failure(() => std.assertEquals({ a: 1, b: [1, 2] }, { b: [1, 3], a: 1 }, "why")),
    "Values are not equal: why\n\n\n    [Diff] Actual / Expected\n\n\n" +
      "    {\n      a: 1,\n      b: [\n        1,\n-       2,\n+       3,\n      ],\n    }\n",
  );
  ok(failure(() => std.assertEquals("a\nb\nc", "a\nx\nc")).includes("    a\\n\n-   b\\n\n+   x\\n\n    c\n"));
});

Deno.test("assertNotEquals() and assertStrictEquals() show the values", () => {
  same(failure(() => std.assertNotEquals("a", "a", "why")), `Expected actual: "a" not to be: "a": why`);
  const object = {};
  std.assertStrictEquals(object, object);
  std.assertStrictEquals(NaN, NaN);
  ok(failure(() => std.assertStrictEquals(0, -0)).startsWith("Values are not strictly equal.\n"));
  same(
    failure(() => std.assertStrictEquals({}, {}, "why")),
    "Values have the same structure but are not reference-equal: why\n\n    {}\n",
  );
});

Deno.test("assert() takes what is truthy", () => {
  std.assert(1);
  std.assert("a");
  same(failure(() => std.assert(0)), "");
  same(failure(() => std.assert("", "why")), "why");
});

Deno.test("fail() always fails", () => {
  same(failure(() => std.fail()), "Failed assertion.");
  same(failure(() => std.fail("why")), "Failed assertion: why");
});

Deno.test("assertStringIncludes() and assertMatch() look into a text", () => {
  std.assertStringIncludes("abc", "b");
  std.assertMatch("abc", /^a/);
  same(failure(() => std.assertStringIncludes("abc", "d", "why")), `Expected actual: "abc" to contain: "d": why`);
  same(failure(() => std.assertMatch("abc", /^b/)), `Expected actual: "abc" to match: "/^b/".`);
});

Deno.test("assertThrows() returns what was thrown", () => {
  const error = new RangeError("too far");
  const throwing = () => {
    throw error;
  };
  same(std.assertThrows(throwing), error);
  const caught: RangeError = std.assertThrows(throwing, RangeError, "far");
  same(caught, error);
  same(std.assertThrows(throwing, Error), error);
  same(failure(() => std.assertThrows(() => 1)), "Expected function to throw.");
  same(failure(() => std.assertThrows(() => 1, Error, "far", "why")), "Expected function to throw: why");
  same(
    failure(() => std.assertThrows(throwing, TypeError, "far", "why")),
    `Expected error to be instance of "TypeError", but was "RangeError": why`,
  );
  same(
    failure(() => std.assertThrows(throwing, RangeError, "near")),
    `Expected error message to include "near", but got "too far".`,
  );
});

Deno.test("assertThrows() takes a value that is not an error, unless a class is asked for", () => {
  const text: unknown = "text";
  const throwing = () => {
    throw text;
  };
  same(std.assertThrows(throwing), "text");
  same(failure(() => std.assertThrows(throwing, Error)), "A non-Error object was thrown.");
});

Deno.test("assertRejects() returns what the promise rejects with", async () => {
  const error = new RangeError("too far");
  const rejecting = () => Promise.reject(error);
  same(await std.assertRejects(rejecting), error);
  const caught: RangeError = await std.assertRejects(rejecting, RangeError, "far");
  same(caught, error);
  same(await laterFailure(() => std.assertRejects(() => Promise.resolve())), "Expected function to reject.");
  same(
    await laterFailure(() => std.assertRejects(rejecting, TypeError)),
    `Expected error to be instance of "TypeError", but was "RangeError".`,
  );
  same(
    await laterFailure(() => std.assertRejects(rejecting, RangeError, "near", "why")),
    `Expected error message to include "near", but got "too far": why`,
  );
  same(
    await laterFailure(() => std.assertRejects(() => Promise.reject("text"), Error)),
    "A non-Error object was rejected.",
  );
});

Deno.test("assertRejects() wants a promise", async () => {
  const throwing = () => {
    throw new Error("at once");
  };
  const expected = "Function throws when expected to reject.";
  same(await laterFailure(() => std.assertRejects(throwing)), expected);
  const notPromise = (() => 1) as unknown as () => Promise<unknown>;
  same(await laterFailure(() => std.assertRejects(notPromise)), expected);
  const thenable = { then: (_: unknown, reject: (error: unknown) => void) => reject(thrown) } as PromiseLike<unknown>;
  same(await std.assertRejects(() => thenable), thrown);
});

Deno.test("AssertionError keeps its cause", () => {
  const error = new std.AssertionError("why", { cause: 1 });
  ok(error instanceof Error);
  deepEqual([error.name, error.message, error.cause], ["AssertionError", "why", 1]);
});
