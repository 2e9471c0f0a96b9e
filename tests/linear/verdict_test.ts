import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../../src/simulator/random.ts";
import { hasReturned, type Verdict } from "./checker.ts";
import { askedAtRandom, operation, PlainSite, trueHistory } from "./histories.ts";
import { type Operation, type Outcome, SiteModel, type State } from "./site_model.ts";
import { checkSites, HistoryError, shortened, verdictOn } from "./verdict.ts";

const unknown: Outcome = { kind: "unknown" };
const done = (value: number, entry: number): Outcome => ({ kind: "done", value, entry });
const shows = (value: number, entry?: number): Outcome => ({ kind: "shows", value, entry });
const added = operation(0, 1, 2, { kind: "add" }, done(0, 1));
const set = (client: number, from: number, to: number, value: number, outcome: Outcome, more: object = {}) =>
  operation(client, from, to, { kind: "set", value, ...more }, outcome);
const view = (client: number, from: number, to: number, outcome: Outcome) =>
  operation(client, from, to, { kind: "view" }, outcome);

const histories: readonly [name: string, verdict: Verdict, operations: readonly Operation[]][] = [
  ["nothing", "linearizable", []],
  ["a read of what was written", "linearizable", [added, set(0, 3, 4, 5, done(5, 2)), view(1, 5, 6, shows(5, 2))]],
  ["a stale read", "not linearizable", [
    added,
    set(0, 3, 4, 5, done(5, 2)),
    set(0, 5, 6, 6, done(6, 3)),
    view(1, 7, 8, shows(5, 2)),
  ]],
  ["a read of the old value during the write", "linearizable", [
    added,
    set(0, 3, 4, 5, done(5, 2)),
    set(0, 5, 9, 6, done(6, 3)),
    view(1, 7, 8, shows(5, 2)),
  ]],
  ["a read of the new value and then one of the old, during the write", "not linearizable", [
    added,
    set(0, 3, 4, 5, done(5, 2)),
    set(0, 5, 13, 6, done(6, 3)),
    view(1, 7, 8, shows(6, 3)),
    view(1, 9, 10, shows(5, 2)),
  ]],
  ["a lost update: two on one condition", "not linearizable", [
    added,
    set(0, 3, 6, 5, done(5, 2), { if: 0 }),
    set(1, 4, 7, 6, done(6, 3), { if: 0 }),
  ]],
  ["of two on one condition one wins", "linearizable", [
    added,
    set(0, 3, 6, 5, done(5, 2), { if: 0 }),
    set(1, 4, 7, 6, { kind: "conflict", value: 5, entry: 2 }, { if: 0 }),
  ]],
  ["a conflict where the condition holds", "not linearizable", [
    added,
    set(1, 4, 7, 6, { kind: "conflict", value: 0, entry: 0 }, { if: 0 }),
  ]],
  ["a double execution: a command is told of its own effect", "not linearizable", [
    added,
    set(0, 3, 6, 5, { kind: "conflict", value: 5, entry: 2 }, { if: 0 }),
  ]],
  ["a double execution: set again over another's", "not linearizable", [
    added,
    set(0, 3, 4, 5, done(5, 2)),
    set(1, 5, 6, 6, done(6, 3)),
    view(1, 7, 8, shows(5, 4)),
  ]],
  ["changed and changed back", "not linearizable", [
    added,
    set(0, 3, 4, 5, done(5, 2)),
    set(1, 5, 6, 6, done(6, 3)),
    set(1, 7, 8, 5, done(5, 4)),
    set(0, 9, 10, 7, done(7, 5), { ifEntry: 2 }),
  ]],
  ["an unknown outcome that takes effect late", "linearizable", [
    added,
    set(0, 3, Infinity, 5, unknown),
    set(1, 4, 5, 6, done(6, 3)),
    view(1, 6, 7, shows(6, 3)),
    view(1, 8, 9, shows(5, 4)),
  ]],
  ["an unknown outcome that takes no effect", "linearizable", [
    added,
    set(0, 3, Infinity, 5, unknown),
    view(1, 8, 9, shows(0, 0)),
  ]],
  ["an unknown outcome that takes effect before it was asked", "not linearizable", [
    added,
    view(1, 3, 4, shows(5, 2)),
    set(0, 5, Infinity, 5, unknown),
  ]],
  ["an unknown outcome that takes effect twice", "not linearizable", [
    added,
    set(0, 3, Infinity, 5, unknown),
    view(1, 6, 7, shows(5, 2)),
    set(1, 8, 9, 6, done(6, 3)),
    view(1, 10, 11, shows(5, 4)),
  ]],
  ["an unknown report that has two names", "not linearizable", [
    added,
    set(0, 3, Infinity, 5, unknown),
    view(1, 6, 7, shows(5, 2)),
    view(1, 8, 9, shows(5, 3)),
  ]],
  ["an unknown condition on an unknown report", "linearizable", [
    added,
    set(0, 3, Infinity, 5, unknown),
    set(1, 4, Infinity, 6, unknown, { if: 5 }),
    view(2, 6, 7, { kind: "shows", value: 6 }),
  ]],
  ["a value that nobody has written", "not linearizable", [added, view(1, 3, 4, shows(9, 2))]],
  ["a site that was there and is not", "not linearizable", [added, view(1, 3, 4, { kind: "absent" })]],
  ["a site that is added twice", "not linearizable", [added, operation(1, 3, 4, { kind: "add" }, done(0, 2))]],
  ["a site that is added while it is looked at", "linearizable", [
    operation(0, 1, 6, { kind: "add" }, done(0, 1)),
    view(1, 2, 3, { kind: "absent" }),
    operation(1, 4, 5, { kind: "add" }, { kind: "exists", value: 0 }),
  ]],
];

for (const [name, expected, operations] of histories) {
  Deno.test(`A history is ${expected}: ${name}`, () => {
    assertEquals(verdictOn(operations), expected);
    // The order in which they are given says nothing.
    assertEquals(verdictOn(operations.toReversed()), expected);
    if (expected === "linearizable") return;
    const smallest = shortened(operations);
    assertEquals(verdictOn(smallest), expected);
    for (const one of smallest.slice(1)) {
      assert(operations.some(({ calledAt }) => calledAt === one.calledAt), "it is a part of the history");
    }
  });
}

/** Whether some of those without an outcome, and all others, can be put in an order: tried one by one. */
function bruteForce(operations: readonly Operation[]): boolean {
  const model = new SiteModel(operations);
  const tryAll = (left: readonly Operation[], state: State): boolean => {
    if (!left.some(hasReturned)) return true;
    return left.some((next) => {
      if (left.some((other) => other !== next && other.returnedAt < next.calledAt)) return false;
      const after = model.step(state, next);
      return after !== undefined && tryAll(left.filter((other) => other !== next), after);
    });
  };
  return tryAll(operations, model.initial);
}

Deno.test("verdictOn() says the same as a search without memory, of 20,000 small histories that may be false", () => {
  const random = new Random(7);
  const counts = new Map<Verdict, number>();
  for (let round = 0; round < 20_000; round++) {
    const making = { count: random.between(1, 6), clients: 3, unknown: 0.2, distinct: random.chance(0.3) };
    const operations = [added, ...trueHistory(random, making)].slice(random.below(2));
    const spoiled = operations.map((one) => hasReturned(one) && random.chance(0.15) ? spoil(random, one) : one);
    const verdict = verdictOn(spoiled);
    assertEquals([round, verdict], [round, bruteForce(spoiled) ? "linearizable" : "not linearizable"]);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  for (const verdict of ["linearizable", "not linearizable"] as const) assert(counts.get(verdict)! > 2_000);
});

/** The same operation with any other outcome, which may happen to be true. */
function spoil(random: Random, one: Operation): Operation {
  const [value, entry] = [random.below(3), random.below(5)];
  const outcomes: readonly Outcome[] = one.asked.kind === "view"
    ? [shows(value, entry), { kind: "absent" }]
    : one.asked.kind === "list"
    ? [shows(value), { kind: "absent" }]
    : one.asked.kind === "add"
    ? [done(0, entry), { kind: "exists", value }]
    : [done(one.asked.value, entry), { kind: "conflict", value, entry }, { kind: "absent" }];
  return { ...one, outcome: random.pick(outcomes) };
}

Deno.test("verdictOn() takes every history of a site that executes one operation after the other", () => {
  const random = new Random(1);
  for (let round = 0; round < 100; round++) {
    const making = { count: 200, clients: random.between(1, 8), unknown: 0.03, distinct: random.chance(0.5) };
    assertEquals([round, verdictOn([...trueHistory(random, making)])], [round, "linearizable"]);
  }
});

/** Lies about a history in which no value is set twice; each returns the history with one lie, or undefined. */
const lies: readonly [
  name: string,
  lie: (random: Random, operations: readonly Operation[]) => Operation[] | undefined,
][] = [
  ["a read of a value that nobody has set", (random, operations) => {
    const views = operations.filter(({ outcome }) => outcome.kind === "shows");
    return views.length === 0 ? undefined : replaced(operations, random.pick(views), shows(1_000_000));
  }],
  ["a stale read", (random, operations) => {
    const sets = operations.filter(({ outcome, asked }) => outcome.kind === "done" && asked.kind === "set");
    const pairs = sets.flatMap((first) =>
      sets.filter((second) => second.calledAt > first.returnedAt).map((second) => [first, second] as const)
    );
    const stale = pairs.flatMap(([first, second]) =>
      operations.filter((look) => look.outcome.kind === "shows" && look.calledAt > second.returnedAt)
        .map((look) => [look, first] as const)
    );
    if (stale.length === 0) return undefined;
    const [look, { outcome }] = random.pick(stale);
    return outcome.kind === "done" ? replaced(operations, look, shows(outcome.value, outcome.entry)) : undefined;
  }],
  ["a lost update", (random, operations) => {
    // What a look has shown was never set.
    const seen = new Set(operations.map(({ outcome }) => outcome.kind === "shows" ? outcome.value : -1));
    const sets = operations.filter(({ asked }) => asked.kind === "set" && seen.has(asked.value));
    if (sets.length === 0) return undefined;
    const lost = random.pick(sets);
    return operations.filter((one) => one !== lost);
  }],
  ["a double execution", (random, operations) => {
    const sets = operations.filter(({ asked, outcome }) =>
      outcome.kind === "done" && asked.kind === "set" && (asked.if ?? asked.ifEntry) !== undefined
    );
    if (sets.length === 0) return undefined;
    const twice = random.pick(sets);
    if (twice.outcome.kind !== "done") return undefined;
    return replaced(operations, twice, { ...twice.outcome, kind: "conflict" });
  }],
  ["an entry of another report", (random, operations) => {
    const views = operations.filter(({ asked, outcome }) =>
      asked.kind === "view" && outcome.kind === "shows" && outcome.entry! > 0
    );
    if (views.length === 0) return undefined;
    const view = random.pick(views);
    if (view.outcome.kind !== "shows") return undefined;
    const told = operations.find(({ outcome, asked }) =>
      asked.kind === "set" && outcome.kind === "done" && outcome.value !== (view.outcome as { value: number }).value
    );
    if (told?.outcome.kind !== "done") return undefined;
    return replaced(operations, view, shows(view.outcome.value, told.outcome.entry));
  }],
];

function replaced(operations: readonly Operation[], one: Operation, outcome: Outcome): Operation[] {
  return operations.map((other) => other === one ? { ...one, outcome } : other);
}

for (const [name, lie] of lies) {
  Deno.test(`verdictOn() finds ${name} in every history, and shortened() a small part that shows it`, () => {
    const random = new Random(3);
    let lied = 0;
    for (let round = 0; round < 20; round++) {
      const making = { count: 100, clients: random.between(1, 5), unknown: 0.02, distinct: true };
      const lying = lie(random, trueHistory(random, making));
      if (lying === undefined) continue;
      lied++;
      assertEquals([round, verdictOn(lying)], [round, "not linearizable"]);
      const smallest = shortened(lying);
      assertEquals(verdictOn(smallest), "not linearizable");
      assert(smallest.length <= 12, `${smallest.length} operations of ${lying.length} are left in round ${round}`);
    }
    assert(lied > 5, `${lied} lies were told`);
  });
}

Deno.test("checkSites() looks at each site for itself, and says which one is wrong and why", () => {
  const good = [added, set(0, 3, 4, 5, done(5, 2))];
  const elsewhere = [added, view(1, 3, 4, shows(9, 2))].map((one) => ({
    ...one,
    site: "T",
    outcome: one.outcome.kind === "done" ? done(0, 9) : one.outcome,
  }));
  checkSites(good);
  const error = assertThrows(() => checkSites([...good, ...elsewhere]), HistoryError);
  assertEquals(error.message.split("\n"), [
    'Site "T": no order of these operations explains their outcomes (0 others left out)',
    "      1.000 ..      2.000 ms  client 0  add                          done value 0 entry 9",
    "      3.000 ..      4.000 ms  client 1  view                         shows value 9 entry 2",
  ]);
});

Deno.test("checkSites() finds that two operations were told of one entry", () => {
  const both = [added, set(0, 3, 4, 5, done(5, 2)), set(1, 5, 6, 6, done(6, 2))];
  assertThrows(() => checkSites(both), HistoryError, "Two operations were told that they made entry 2");
});

Deno.test("checkSites() fails where the search was given up", () => {
  const site = new PlainSite();
  site.execute({ kind: "add" });
  const random = new Random(5);
  const sets = Array.from({ length: 9 }, (_, k) => {
    const asked = askedAtRandom(random, k);
    return operation(k, 3, 4, asked, site.execute(asked));
  });
  checkSites([added, ...sets]);
  assertThrows(() => checkSites([added, ...sets], 5), HistoryError, "was given up");
});
