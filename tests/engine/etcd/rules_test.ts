/**
 * Each rule of the engine on etcd is needed: if it is broken, what it claims does not hold. docs/design/engine.md lists
 * the rules.
 */

import { assert } from "@std/assert";
import { modulesWith } from "../../mutations/each_is_needed.ts";
import type { Mutant } from "../../mutations/mutant.ts";
import { testNeeding } from "../../net/needing.ts";
import { check, checkNextMember, claims, type NewEngine, type NewRestore } from "./rules.ts";

const engine = "engine/etcd/etcd_engine.ts";
const gateway = "engine/etcd/gateway.ts";
const watching = "engine/etcd/watching.ts";
const restoring = "engine/etcd/restoring.ts";

/** Each with the claim that it breaks. */
const mutants: readonly (Mutant & { readonly claim?: string })[] = [
  {
    name: "K1: every version is used",
    claim: "K1: a version that can corrupt data is refused",
    file: engine,
    from: 'throw new EtcdFailure("final", refusal);',
    to: "continue;",
  },
  {
    name: "K2: the last attempt decides",
    claim: "K2: a refusal after an attempt of unknown outcome is unknown",
    file: gateway,
    from: 'if (error.kind !== "unknown") throw last ?? error;',
    to: 'if (error.kind !== "unknown") throw error;',
  },
  {
    name: "K2: who asks last has not begun an epoch",
    claim: "K2: nobody knows who has begun an epoch after an attempt of unknown outcome",
    file: engine,
    from: "if (isRepeated) throw",
    to: "if (isRepeated && after < 0) throw",
  },
  {
    name: "K3: a record without its head is any record",
    claim: "K3: a record without its head is left out",
    file: watching,
    from: "put.key === keys.head || n === undefined ? [] : [recordOf(put, n, keys)]",
    to: "put.key === keys.head ? [] : [recordOf(put, n ?? 1, keys)]",
  },
  {
    name: "K4: a watch that was compacted ends",
    claim: "K4: records are read where a watch was compacted",
    file: engine,
    from: 'if (error.kind === "compacted" && !mustRead) {',
    to: "if (after.n < 0) {",
  },
  {
    name: "K4: each page is of a revision of its own",
    claim: "K4: records are read at one revision",
    file: watching,
    from: "revision: String(revision), limit:",
    to: "limit:",
  },
  {
    name: "K4: records that were deleted are passed over",
    claim: "K4: records that were deleted are not passed over",
    file: watching,
    from: "if (!isWhole || first > after.n + 1) return undefined;",
    to: "if (!isWhole) return undefined;",
  },
  {
    name: "K5: an append does not look for an earlier attempt",
    claim: "K5: an append that is there already is not appended again",
    file: engine,
    from: "compare: [isAbsent(key), hasValue(epochKey, String(epoch))],",
    to: "compare: [hasValue(epochKey, String(epoch))],",
  },
  {
    name: "K5: an append is of any epoch",
    claim: "K5: an append is of the present epoch",
    file: engine,
    from: "compare: [isAbsent(key), hasValue(epochKey, String(epoch))],",
    to: "compare: [isAbsent(key)],",
  },
  {
    name: "K6: a barrier always reads",
    claim: "K6: a barrier is a write where reads may be stale",
    file: engine,
    from: "if (this.#hasSafeReads) {",
    to: "if (deadlineMs > 0) {",
  },
  {
    name: "K7: records are deleted without a snapshot",
    claim: "K7: nothing is deleted before there is a snapshot",
    file: engine,
    from: 'compare: [{ key: base64(manifest), target: "CREATE", result: "GREATER", create_revision: "0" }],',
    to: "compare: [],",
  },
  {
    name: "K7: a snapshot is not compared with its digest",
    claim: "K7: a snapshot that is damaged is not taken",
    file: "engine/etcd/snapshots.ts",
    from: 'if (hash.digest("hex") !== sha256) throw',
    to: "if (pieces < 0) throw",
  },
  { name: "K8: one member is asked for ever", file: gateway, from: "        this.next();\n", to: "" },
  {
    name: "K9: nothing is compacted between two epochs",
    claim: "K9: what keys were before is compacted, and no newer revision",
    file: engine,
    from: "if (old !== undefined) await this.#compact(old, deadlineMs);",
    to: "",
  },
  {
    name: "K9: what readers may still need is compacted",
    claim: "K9: what keys were before is compacted, and no newer revision",
    file: "engine/etcd/compacting.ts",
    from: "return mark.revision;",
    to: "return revision;",
  },
  {
    name: "K10: an order begins without data during a restore",
    claim: "K10: an order does not begin without data while a restore is under way",
    file: engine,
    from: "compare: [isAbsent(format), isAbsent(restoring)],",
    to: "compare: [isAbsent(format)],",
  },
  {
    name: "K10: a restore begins although an order has begun meanwhile",
    claim: "K10: a restore changes nothing where there is an order",
    file: restoring,
    from: "compare: [format, epoch, head].map(isAbsent),",
    to: "compare: [head].map(isAbsent),",
  },
  {
    name: "K10: a restore that was overtaken is finished",
    claim: "K10: of two restores, only the last one makes an order",
    file: restoring,
    from: "compare: [mine, isAbsent(format)],",
    to: "compare: [isAbsent(format)],",
  },
  {
    name: "K10: a restore that was overtaken still puts pieces",
    claim: "K10: of two restores, only the last one makes an order",
    file: restoring,
    from: "{ compare: [mine], success: [put] }",
    to: "{ compare: [], success: [put] }",
  },
  {
    name: "K10: a restore that fails ends another one",
    claim: "K10: of two restores, only the last one makes an order",
    file: restoring,
    from: "compare: [hasValue(restoring, this.#mark)],",
    to: "compare: [],",
  },
  {
    name: "K10: what an earlier restore has left stays",
    claim: "K10: a restore that has ended half way is finished by the next one",
    file: restoring,
    from: "success: [putOf(restoring, this.#mark), { request_delete_range: rangeOf(snapshots) }],",
    to: "success: [putOf(restoring, this.#mark)],",
  },
  {
    name: "K10: a restore whose last step was done twice has failed",
    claim: "K10: a restore whose last step was done twice is done",
    file: restoring,
    from: " && await this.#cluster(deadlineMs) !== cluster",
    to: "",
  },
];

function newEngineWith(mutant?: Mutant): NewEngine {
  const { EtcdEngine } = modulesWith(mutant)("src/engine/etcd/etcd_engine.ts");
  return (options) => new (EtcdEngine as { new (options: unknown): ReturnType<NewEngine> })(options);
}

function newRestoreWith(mutant?: Mutant): NewRestore {
  const { EtcdRestore } = modulesWith(mutant)("src/engine/etcd/restoring.ts");
  return (options) => new (EtcdRestore as { new (options: unknown): ReturnType<NewRestore> })(options);
}

for (const [name, claim] of Object.entries(claims)) {
  testNeeding(["net", "read"], `EtcdEngine: ${name}`, () => check(claim, newEngineWith(), newRestoreWith()));
}

testNeeding(["net", "read"], "EtcdEngine: K8: a member that cannot be reached is passed over", () => {
  return checkNextMember(newEngineWith());
});

testNeeding(["net", "read"], "each rule of the engine on etcd is needed", async () => {
  for (const mutant of mutants) {
    const newEngine = newEngineWith(mutant);
    const run = mutant.claim === undefined
      ? checkNextMember(newEngine)
      : check(claims[mutant.claim], newEngine, newRestoreWith(mutant));
    assert(await run.then(() => false, () => true), mutant.name);
  }
});
