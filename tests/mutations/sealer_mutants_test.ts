/**
 * Each rule of sealing by a replica is needed: if it is broken, a schedule in which replicas seal fails.
 */

import { assert } from "@std/assert";
import { runSealing, sealingIn } from "../simulator/sealing.ts";
import type { Mutant } from "./mutant.ts";
import { simulatorWith, unchanged } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const sealer = "net/replica/sealer.ts";
const replica = "protocol/replica/replica.ts";
const newcomer = "protocol/replica/newcomer.ts";
const historyFetch = "protocol/replica/history_fetch.ts";
const obtaining = "net/replica/obtaining.ts";
const recovery = "protocol/replica/recovery.ts";

/** How far to search where schedules have changed since a seed was noted. */
const seedsMax = 400;

const mutants: readonly Mutant[] = [
  {
    name: "D6: a segment is named before its file is on the disk",
    file: sealer,
    from: "this.#tell(yield* file.end(sealing.digest));",
    to: "this.#tell({ ...sealing.place, digest: sealing.digest });\n      yield* file.end(sealing.digest);",
    seed: 4,
  },
  {
    name: "D6: a checkpoint that does not name a segment covers its note",
    file: replica,
    from: "if (row !== undefined) writes.push(row);",
    to: "if (row !== undefined) writes.unshift(row);",
    small: "sites",
    seed: 20,
  },
  {
    name: "D6: a newcomer seals a state that another one replaces",
    file: sealer,
    from: "if (this.#host.newcomer !== undefined && !this.#mayDelete) return false;",
    to: "",
    small: "sites",
    seed: 28,
  },
  {
    name: "D7: a newcomer takes a state before it has all that this names",
    file: newcomer,
    from: "if (this.#history === undefined || named.length === 0) this.#take();\n    else",
    to: "this.#take();\n    if (named.length === Infinity)",
    seed: 19,
  },
  {
    name: "D7: a newcomer says that it has all segments and lacks one",
    file: obtaining,
    from: "for (this.#count = 0; this.#count < this.#segments.length; this.#count++)",
    to: "for (this.#count = 0; this.#count < this.#segments.length - 1; this.#count++)",
    seed: 12,
  },
  {
    name: "D7: what a newcomer lacks is not asked for again when its source is dead",
    file: historyFetch,
    from: "    if (id !== this.#source) return true;\n",
    to: "    if (id === this.#source || id !== this.#source) return true;\n",
    seed: 119,
  },
  {
    name: "D7: a newcomer does not begin again when a segment is gone that its source had named",
    file: newcomer,
    from: "if (!history.next()) this.#beginAgain(history);",
    to: "history.next();",
    seed: 93,
  },
  {
    name: "D7: a newcomer that has data of its own does not fetch what it lacks",
    file: replica,
    from: "    return this.#newcomer !== undefined;\n",
    to: "    return this.#newcomer !== undefined && this.#order.v === 0;\n",
    seed: 4,
  },
  {
    name: "D6: a note does not say from where on it counts",
    file: "protocol/replica/journal.ts",
    from: `    this.note({ kind: "reached", position });\n    for (const segment`,
    to: "    void position;\n    for (const segment",
    seed: 34,
  },
  {
    name: "recovery: what a note names is not found among the files",
    file: recovery,
    from: `if (entry.kind === "sealed") history?.recovered(entry.segment);`,
    to: "",
    seed: 15,
  },
  {
    name: "recovery: what a checkpoint names is not found among the files",
    file: recovery,
    from: "history.restored(named)",
    to: "history.restored([])",
    small: "sites",
    seed: 28,
  },
  {
    name: "files are deleted before the view is installed",
    file: sealer,
    from: "return this.#mayDelete && this.#deletionIsDue;",
    to: "return this.#deletionIsDue;",
    seed: 7,
  },
  {
    name: "what replaces a file is not deleted",
    file: sealer,
    from: "    // A file that another one has replaced has no name any more.\n    this.#deletionIsDue = true;\n",
    to: "",
    seed: 9,
  },
  {
    name: "D6: a file is deleted that the journal reads before it names another one",
    file: sealer,
    from: "if (this.#host.hasJournal) return;",
    to: "",
    seed: 15,
  },
  {
    name: "D6: a file that a recovery has read is deleted before the next checkpoint",
    file: "storage/history_store.ts",
    from: "if (before !== undefined) this.#replaced.set(before.file.name, before.ref);",
    to: "if (before !== undefined) this.#unnamed.set(before.file.name, before.ref);",
    seed: 15,
  },
  {
    name: "blocks count where they are sealed",
    file: "database/store/site_history.ts",
    from: "if (segment <= this.#log.lastOld) this.budget.spend();",
    to: "if (segment < this.#log.firstOpen) this.budget.spend();",
    small: "sites",
    seed: 9,
  },
  {
    name: "a request reads as many blocks as it likes",
    file: "database/store/block_budget.ts",
    from: "if (this.#request === 0 || this.#page === 0) return false;",
    to: "",
    small: "sites",
    seed: 9,
  },
  {
    name: "what the disk has refused is never tried again",
    file: sealer,
    from: "job.waitMs = sealAgainMs;",
    to: "job.waitMs = Infinity;",
    seed: 9,
  },
  {
    name: "redacted entries stay in sealed segments",
    file: sealer,
    from: "if (at === 1) return machine.redactionsDue?.[0] !== undefined;",
    to: "if (at === 1) return machine.redactionsDue === undefined;",
    seed: 15,
  },
  {
    name: "V12: a segment is told that is to be written again",
    file: "database/store/entry_sealing.ts",
    from: `if (redacted > (this.#erased.get(number) ?? 0)) return "due";`,
    to: "",
    seed: 9,
  },
  {
    name: "V12: nobody says how many entries are redacted in a segment",
    file: "database/store/entry_sealing.ts",
    from: "return { kind: segmentKinds.entries, number, redacted, digest };",
    to: "return { kind: segmentKinds.entries, number, redacted: 0, digest };",
    seed: 5,
  },
];

/** The first seed that fails; undefined: none does. */
function failing(mutant: Mutant, seeds: Iterable<number>): number | undefined {
  const simulator = sealingIn(simulatorWith(mutant));
  for (const seed of seeds) {
    try {
      runSealing(seed, undefined, simulator);
    } catch {
      return seed;
    }
  }
}

function* seedsOf({ seed = 1 }: Mutant): Generator<number> {
  yield seed;
  for (let other = 1; other <= seedsMax; other++) if (other !== seed) yield other;
}

for (const mutant of mutants) {
  Deno.test({
    name: `mutant "${mutant.name}" is caught (needs --allow-read)`,
    ignore,
    fn: () => {
      const seed = failing(mutant, seedsOf(mutant));
      assert(seed !== undefined, "no schedule catches it");
      if (seed !== mutant.seed) console.error(`seed ${seed} catches it: ${mutant.name}`);
      const sound = failing({ ...unchanged, small: mutant.small }, [seed]);
      assert(sound === undefined, `seed ${seed} fails though no rule is broken`);
    },
  });
}
