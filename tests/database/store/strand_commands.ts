/**
 * Commands about two sites that several sources report of, for property tests: sources, products, units, confirmations,
 * documents, merges, and times around a day apart, in any order.
 *
 * @module
 */

import fc from "fast-check";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { Sites } from "../../../src/database/store/sites.ts";
import { applyOne } from "./memory.ts";
import { Model } from "./model.ts";

const recordedAt = 1_790_000_000_000;
const hour = 3_600_000;

const names = fc.constantFrom("Harvard University", "Harvard University", "MIT");
const sources = fc.constantFrom<string | undefined>(undefined, "a", "b");
const products = fc.constantFrom<string | undefined>(undefined, "207", "208", "Novavax");
const values = fc.constantFrom(0, 1, 5, 2 ** 53 - 1, true, false, "unknown" as const);
const units = fc.constantFrom(undefined, "doses", "doses", "appointments");
const times = fc.integer({ min: 0, max: 16 }).map((step) => recordedAt - 4 * hour * step);
const flag = fc.constantFrom(undefined, true, true);

function tidy(command: object): Command {
  return Object.fromEntries(Object.entries(command).filter(([, value]) => value !== undefined)) as unknown as Command;
}

const report = fc.record({
  kind: fc.constant("set"),
  name: names,
  value: values,
  unit: units,
  source: sources,
  product: products,
  confirms: flag,
  observedAt: fc.option(times, { nil: undefined, freq: 6 }),
  recordedAt: fc.constantFrom(recordedAt, recordedAt - 30 * hour),
  who: fc.constantFrom(undefined, "Ann"),
  by: fc.constantFrom(undefined, "token"),
  ifEntry: fc.option(fc.nat(12), { nil: undefined, freq: 9 }),
});
const document = fc.record({
  kind: fc.constant("document"),
  name: names,
  document: fc.constantFrom("{}", "[]"),
  source: sources,
  extra: flag,
  observedAt: fc.option(times, { nil: undefined }),
  recordedAt: fc.constant(recordedAt),
});
const other = fc.oneof(
  fc.constantFrom(
    { kind: "add", name: "MIT", zip: "02139", recordedAt },
    { kind: "merge", name: "MIT", into: "Harvard University", recordedAt },
    { kind: "unmerge", name: "MIT", recordedAt },
    { kind: "retire", name: "MIT", reason: "gone", recordedAt },
    { kind: "reopen", name: "MIT", recordedAt },
    { kind: "summary" },
  ),
  fc.record({
    kind: fc.constant("list-page"),
    source: sources,
    product: products,
    available: flag,
    detail: fc.constantFrom(undefined, "state", "full"),
  }),
  fc.record({ kind: fc.constantFrom("view", "details"), name: names }),
  fc.record({ kind: fc.constant("sources"), name: names, site: fc.constant(0), skip: fc.constant(0) }),
);

const note = fc.constantFrom(undefined, undefined, "come in");
const mark = fc.record({
  kind: fc.constantFrom("retract", "redact", "redact"),
  entry: fc.integer({ min: 3, max: 14 }),
  recordedAt: fc.constant(recordedAt),
});

/** Some of these commands. */
export const strandCommands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof({ arbitrary: report, weight: 6 }, { arbitrary: document, weight: 1 }, { arbitrary: other, weight: 3 })
    .map(tidy),
  { minLength: 1, maxLength: 30, size: "max" },
);

/** The same with notes, and with reports that are taken back or redacted among them. */
export const markedCommands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ report, note }).map(({ report, note }) => ({ ...report, note })), weight: 6 },
    { arbitrary: document, weight: 1 },
    { arbitrary: other, weight: 3 },
    { arbitrary: mark, weight: 2 },
  ).map(tidy),
  { minLength: 1, maxLength: 30, size: "max" },
);

/** Executes commands, and then all that can be asked, and fails unless the model says the same each time. */
export function agree(sites: Sites, restored: Sites, commands: readonly Command[]): void {
  const model = new Model();
  const add = { kind: "add", name: "MIT", zip: "02139", recordedAt } as const;
  for (const command of [add, ...commands]) model.check(command, applyOne(sites, command));
  restored.restore(sites.snapshot());
  for (const name of ["Harvard University", "MIT"]) {
    for (const each of [sites, restored]) {
      for (const kind of ["details", "sources"] as const) {
        const command = kind === "details" ? { kind, name } : { kind, name, site: 0, skip: 0 };
        model.check(command, applyOne(each, command));
      }
      const history = { kind: "history-page", name, newestFirst: false, bound: 0 } as const;
      model.check(history, applyOne(each, history));
    }
  }
}
