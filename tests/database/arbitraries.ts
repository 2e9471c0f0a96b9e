/**
 * Commands for property tests: about few sites, at few times, so that they meet.
 *
 * @module
 */

import fc from "fast-check";
import { compareNames } from "../../src/database/name_order.ts";
import type { Command } from "../../src/database/wire/commands.ts";
import type { Availability, Unit } from "../../src/database/values.ts";
import { keyOf } from "./store/model_keys.ts";

/** Names of which some exist, soon or from the beginning; their orders by UTF-16 unit and by code point differ. */
export const names: fc.Arbitrary<string> = fc.constantFrom(
  "Harvard University",
  "a",
  "A",
  "\uffee",
  "💉",
  "b".repeat(200),
  "harvard\u00a0 university",
  "c",
  "C\u200b",
  "id:1",
  "id:2",
  "id:3",
);

/** Any availability, most of them few. */
export const availabilities: fc.Arbitrary<Availability> = fc.oneof(
  fc.constantFrom<Availability>(0, 1, 5, true, false, "unknown"),
  fc.maxSafeNat(),
);

const units = fc.constantFrom<Unit | undefined>(undefined, "doses", "appointments");

/** Times of which many are the same; some are far ahead of others. */
export const times: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 12 }).map((step) => 1_790_000_000_000 + step * 100_000),
);

const texts = fc.constantFrom<string | undefined>(undefined, undefined, "x", "État", "薬局".repeat(10));

const products = fc.constantFrom<string | undefined>(undefined, undefined, "208", "Moderna");

const flags = fc.constantFrom<true | undefined>(undefined, undefined, true);

const origins = {
  recordedAt: times,
  who: texts,
  source: texts,
  note: texts,
  by: fc.constantFrom(undefined, undefined, undefined, "token"),
  key: fc.constantFrom(undefined, undefined, undefined, undefined, 1, 2, 3),
};

const limits = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });

/** A command without what is undefined in it, and with the key of its number. */
function tidy(command: object): Command {
  const said = Object.fromEntries(Object.entries(command).filter(([, value]) => value !== undefined));
  const key = "key" in said ? { key: keyOf(said.key as number, said as unknown as Command) } : {};
  return { ...said, ...key } as unknown as Command;
}

/** What a site of a short log may show, and what it surely does not. */
const shownEntries = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 20 }), weight: 9 }, fc.maxSafeNat());

const conditions = fc.oneof(
  fc.constant({}),
  fc.record({ if: availabilities }),
  fc.record({ ifEntry: shownEntries }),
  fc.record({ if: availabilities, ifEntry: shownEntries }),
);

/** Reports, more of them than of anything else. */
export const sets: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant("set"),
  name: names,
  value: availabilities,
  observedAt: fc.option(times, { nil: undefined }),
  unit: units,
  product: products,
  confirms: flags,
  ...origins,
}).chain((set) => conditions.map((condition) => tidy({ ...set, ...condition })));

/** Commands that change something, except for `set`. */
export const changes: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("add"), name: names, zip: fc.constantFrom("0", "02139", "0213912345"), ...origins }),
  fc.record({
    kind: fc.constant("retire"),
    name: names,
    reason: fc.constantFrom("closed", "moved away"),
    recordedAt: times,
    who: texts,
    source: texts,
    by: origins.by,
    key: origins.key,
  }),
  fc.record({ kind: fc.constant("reopen"), name: names, ...origins }),
  fc.record({
    kind: fc.constant("edit"),
    name: names,
    edits: fc.record({
      name: names,
      zip: fc.constantFrom("0", "02139"),
      identifiers: fc.uniqueArray(
        fc.record({ system: fc.constantFrom("b", "a", "\uffee", "💉"), value: fc.constantFrom("", "1", "22") }),
        { selector: ({ system }) => system, maxLength: 3 },
      ).map((identifiers) => identifiers.toSorted((a, b) => compareNames(a.system, b.system))),
    }, { requiredKeys: [] }).filter((edits) => Object.keys(edits).length > 0),
    unique: fc.constantFrom(undefined, true),
    ...origins,
  }),
  fc.record({ kind: fc.constant("publish"), name: names, locationId: fc.constantFrom("a", "a-2", "0."), ...origins }),
  fc.record({
    kind: fc.constantFrom("retract", "redact"),
    entry: fc.nat(40),
    // Half of all entries are of the first site.
    entrySite: fc.option(fc.constantFrom(1, 1, 1, 2, 3), { nil: undefined }),
    ...origins,
  }),
  fc.record({ kind: fc.constant("merge"), name: names, into: names, ...origins }),
  fc.record({ kind: fc.constant("unmerge"), name: names, ...origins }),
  fc.record({
    kind: fc.constant("document"),
    name: names,
    document: fc.constantFrom("{}", "[1,\n2]", "x".repeat(63), "x".repeat(64)),
    observedAt: fc.option(times.filter((time) => time > 0), { nil: undefined }),
    extra: flags,
    ...origins,
  }),
).map(tidy);

/** Commands that change nothing. */
export const queries: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constantFrom("view", "details"), name: names }),
  fc.record({
    kind: fc.constant("list-page"),
    after: fc.option(names, { nil: undefined }),
    limit: limits,
    detail: fc.constantFrom(undefined, "state", "full"),
    zip: fc.constantFrom(undefined, undefined, "0", "02", "02138", "9"),
    available: fc.constantFrom(undefined, true),
    retired: fc.constantFrom(undefined, true),
    product: products,
    source: texts,
  }),
  fc.record({
    kind: fc.constant("history-page"),
    name: names,
    newestFirst: fc.boolean(),
    bound: fc.integer({ min: 0, max: 60 }),
    limit: limits,
  }),
  fc.record({ kind: fc.constant("sources"), name: names, site: fc.constantFrom(0, 0, 1, 3), skip: fc.constant(0) }),
  fc.record({ kind: fc.constant("changes-page"), after: fc.integer({ min: 0, max: 60 }), limit: limits }),
  fc.constant({ kind: "summary" }),
  fc.record({
    kind: fc.constant("find"),
    identifier: fc.record({ system: fc.constantFrom("a", "💉"), value: fc.constantFrom("1", "22") }),
  }),
).map(tidy);

/** Any command that breaks no rule. */
export const commands: fc.Arbitrary<Command> = fc.oneof(
  { arbitrary: sets, weight: 5 },
  { arbitrary: changes, weight: 3 },
  { arbitrary: queries, weight: 2 },
);
