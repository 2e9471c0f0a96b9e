/**
 * Each rule of what a site shows of its sources is needed: if it is broken, the property test that compares the
 * database with a model fails.
 */

import fc from "fast-check";
import type { MachineParts } from "../../src/database/store/machine_parts.ts";
import type { Sites } from "../../src/database/store/sites.ts";
import { machineParts } from "../database/store/machine.ts";
import { agree, strandCommands } from "../database/store/strand_commands.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const combination = "database/store/combination.ts";
const reports = "database/store/reports.ts";
const strands = "database/store/strands.ts";
const changes = "database/store/changes.ts";
const log = "database/store/site_log.ts";

const mutants: readonly Mutant[] = [
  {
    name: "the strand whose report came last decides, whatever was observed later",
    file: strands,
    from: "this.strandAsOf(strand) - this.strandAsOf(other) || this.index",
    to: "this.index",
  },
  {
    name: "the strand that had the first report decides for ever",
    file: strands,
    from: "if (before === noStrand || this.isNewer(strand, before)) {",
    to: "if (before === noStrand) {",
  },
  {
    name: "a confirmation makes nothing newer",
    file: strands,
    from: "return Math.max(this.floats[own + observedAtAt], this.floats[own + checkedAtAt]);",
    to: "return this.floats[own + observedAtAt];",
    seed: 4,
  },
  {
    name: "products of all sources are shown together",
    file: combination,
    from: " || integers[numbers + sourceAt] !== source",
    to: "",
  },
  {
    name: "what is about no product counts among products",
    file: combination,
    from: "integers[numbers + productAt] === noText || ",
    to: "",
  },
  {
    name: "products belong together for ever",
    file: combination,
    from: "const isTogether = ownObservedAt >= from || ownCheckedAt >= from;",
    to: "const isTogether = true;",
  },
  {
    name: "products belong together for a little less than a day",
    file: combination,
    from: "const isTogether = ownObservedAt >= from || ownCheckedAt >= from;",
    to: "const isTogether = ownObservedAt > from || ownCheckedAt > from;",
    seed: 10,
  },
  { name: "doses do not add up", file: combination, from: "unit === doses ? sum : largest", to: "largest", seed: 6 },
  { name: "appointments add up", file: combination, from: "unit === doses ? sum : largest", to: "sum" },
  {
    name: "a sum has no end",
    file: combination,
    from: "sum = Math.min(Number.MAX_SAFE_INTEGER, sum + availability);",
    to: "sum += availability;",
    seed: 12,
  },
  { name: "unknown ones count", file: combination, from: "if (availability === unknown) continue;", to: "" },
  {
    name: "counts of different units are compared",
    file: combination,
    from: "if (areCounts && areSameUnit) return count;",
    to: "if (areCounts) return count;",
  },
  {
    name: "none is False, also of counts",
    file: combination,
    from: "return areCounts ? 0 : none;",
    to: "return none;",
    seed: 7,
  },
  {
    name: "the report that is shown is that of the strand that decides",
    file: combination,
    from: "if (integers[numbers + indexAt] > index) {",
    to: "if (false) {",
  },
  {
    name: "an older report of the same source takes the place of a newer one",
    file: reports,
    from: "if (strands.index(strand) !== 0 && observedAt < strands.strandAsOf(strand)) return;\n    strands.report",
    to: "strands.report",
  },
  {
    name: "a report that is a part of what is shown is out of date",
    file: reports,
    from: "if (observedAt >= newest) return true;",
    to: "return observedAt >= newest;",
  },
  {
    name: "a new report keeps the confirmation of the one before",
    file: strands,
    from: "this.floats[floats + checkedAtAt] = 0;",
    to: "",
    seed: 16,
  },
  {
    name: "changedAt is that of the last report",
    file: strands,
    from: "if (!isSame) this.floats[floats + changedAtAt] = observedAt;",
    to: "this.floats[floats + changedAtAt] = observedAt;",
    seed: 3,
  },
  {
    name: "what the only source says has changed with its last report",
    file: "database/store/site_table.ts",
    from: "if (isSame) this.#stays(site, observedAt);",
    to: "if (false) this.#stays(site, observedAt);",
    seed: 7,
  },
  {
    name: "a confirmation confirms another value",
    file: changes,
    from:
      "if (said === undefined || said.availability !== entry.availability || said.unit !== entry.unit) return false;",
    to: "if (said === undefined) return false;",
  },
  {
    name: "what is confirmed already is confirmed again",
    file: changes,
    from: "if (time <= asOf) {",
    to: "if (time < asOf) {",
    seed: 3,
  },
  {
    name: "an older observation confirms",
    file: changes,
    from: "if (time < observedAt) return false;",
    to: "",
    seed: 6,
  },
  {
    name: "a document is compared with that of all sources",
    file: changes,
    from: "this.#fields.knowsSources ? reports.documentOf(entry) : table.document(site)",
    to: "table.document(site)",
  },
  {
    name: "an older feed changes the document",
    file: changes,
    from: "if (isOlder) return this.#answers.done(effects.outOfDate, known.index, root);",
    to: "",
  },
  {
    name: "an extra document takes the place of others",
    file: reports,
    from: "const isPrimary = !isExtra || this.#isWithoutPrimary(site);",
    to: "const isPrimary = true;",
  },
  {
    name: "merged sites show what was observed last, whatever was confirmed",
    file: reports,
    from: "return table.hasStrands(site) ? this.strands.asOf(table.strands(site)) : table.observedAt(site);",
    to: "return table.observedAt(site);",
  },
  {
    name: "reports about different products say the same",
    file: "database/store/aside_index.ts",
    from: " && a.product.equals(b.product);",
    to: ";",
  },
  {
    name: "a source that is not the only one is taken for it",
    file: log,
    from: "if (isSimple && reports.isFromOnlySource(entry)) return",
    to: "if (isSimple) return",
  },
];

/** Most are caught by a few hundred, some with a seed of their own; a confirmation of a confirmed report is rare. */
const runs = 60_000;

testEachIsNeeded("each rule of what a site shows of its sources is needed", mutants, (mutant) => {
  const Changed = modulesWith(mutant)("src/database/store/sites.ts").Sites as new (parts: MachineParts) => Sites;
  const property = fc.property(
    strandCommands,
    (commands) => agree(new Changed(machineParts), new Changed(machineParts), commands),
  );
  return fc.check(property, { numRuns: mutant === undefined ? 50 : runs, endOnFailure: true, seed: mutant?.seed ?? 1 })
    .failed;
});
