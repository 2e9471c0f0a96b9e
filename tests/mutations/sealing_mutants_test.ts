/**
 * Each rule of sealing entries, and of reading them over segments, is needed: if it is broken, machines that seal at
 * different moments differ, or differ from one in which nothing is old.
 */

import { checkLongRuns, checkRedactions, checkSealing, fewSites, newSeen } from "../database/store/sealing_checks.ts";
import type { SitesClass } from "../database/store/sealing_world.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [chains, log, sealing, history, open, sealed, same] = [
  "chains",
  "entry_log",
  "entry_sealing",
  "site_history",
  "open_run",
  "sealed_run",
  "same_reports",
].map((name) => `database/store/${name}.ts`);

const mutants: readonly Mutant[] = [
  {
    name: "the tail is one segment too short",
    file: "database/store/tail.ts",
    from: "Math.ceil(last / segmentEntries) - 2",
    to: "Math.ceil(last / segmentEntries) - 1",
  },
  {
    name: "a chain that begins again leads to nothing before it",
    file: chains,
    from: "entry.segmentBefore = table.lastSegment(site);",
    to: "entry.segmentBefore = 0;",
  },
  {
    name: "the link to the segment before is wrong",
    file: chains,
    from: "entry.segmentBefore = table.lastSegment(site);",
    to: "entry.segmentBefore = Math.max(1, table.lastSegment(site) - 1);",
  },
  {
    name: "the first entry of a chain forgets what was observed before it",
    file: chains,
    from: "entry.reachBefore = reach;",
    to: "entry.reachBefore = 0;",
  },
  {
    name: "the last entry of a segment is in the next one",
    file: log,
    from: "return Math.ceil(index / this.#entries);",
    to: "return Math.floor(index / this.#entries) + 1;",
  },
  {
    name: "a site that gets strands forgets where its last entry is",
    file: "database/store/site_table.ts",
    from: "this.#setLastSegment(site, this.lastSegment(site));",
    to: "",
  },
  {
    name: "a log is dropped before its segment was sealed",
    file: sealing,
    from: "const source = new OpenSource(",
    to: "this.#log.drop(); const source = new OpenSource(",
  },
  {
    name: "texts have other numbers in each segment",
    file: sealing,
    from: "entry.whoNumber = log.numberOf(place, read.who);",
    to: "entry.whoNumber = log.numberOf(place, read.who) === 0 ? 0 : 1;",
  },
  {
    name: "what is redacted while a segment is sealed stays in it",
    file: sealing,
    from: "this.#erased.set(number, this.#erasing.get(number) ?? 0);",
    to: "this.#erased.set(number, this.#redacted.get(number) ?? 0);",
  },
  {
    name: "blocks count if they are not in memory",
    file: history,
    from: "if (segment <= this.#log.lastOld) this.budget.spend();",
    to: "if (segment < this.#log.firstOpen) this.budget.spend();",
  },
  {
    name: "a hit of the filter is taken for the same report",
    file: same,
    from: "if (!run.mayHaveAside(report)) return 0;",
    to: "if (run.mayHaveAside(report)) return 1;\n    if (true) return 0;",
  },
  {
    name: "the filter is not asked",
    file: same,
    from: "if (!run.mayHaveAside(report)) return 0;",
    to: "if (true) return 0;",
  },
  {
    name: "a note that was redacted is found until its segment was written again",
    file: same,
    from: "return known.note.length > 0 && this.#redactions.has(known.index) ? 0 : known.index;",
    to: "return known.index;",
  },
  {
    name: "a sealed run leads one segment too far",
    file: sealed,
    from: "this.segment - link + 1",
    to: "Math.max(1, this.segment - link)",
  },
  {
    name: "a sealed run ends with the block that was read",
    file: sealed,
    from: "if (!this.#hasBefore) return noPlace;\n    this.#to(this.#number - 1);",
    to: "if (true) return noPlace;",
  },
  {
    name: "the block behind other sites is not looked into",
    file: sealed,
    from: "if (number < first && !this.#toFirstPart()) return noPlace;",
    to: "if (number < first) return noPlace;",
  },
  {
    name: "a run in memory is searched one entry too far",
    file: open,
    from: "if (next[key] < least) return;\n      this.#step(here.previous);",
    to: "if (next[key] + 1 < least) return;\n      this.#step(here.previous);",
  },
];

testEachIsNeeded("each rule of sealing entries is needed", mutants, (mutant) => {
  const Machine = modulesWith(mutant)("src/database/store/sites.ts").Sites as SitesClass;
  try {
    checkRedactions(Machine);
    for (let seed = 1; seed <= (mutant === undefined ? 2 : 16); seed++) {
      checkSealing(Machine, fewSites(seed), seed % 2 === 0 ? 4 : 8, newSeen());
      if (seed === 2) checkLongRuns(Machine, seed);
    }
    return false;
  } catch (error) {
    // Whatever a broken rule leads to, but not a fault of the check.
    return error instanceof Error;
  }
});
