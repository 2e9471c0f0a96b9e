/**
 * Each rule of a node is needed: if it is broken, a check or a schedule fails. docs/design/engine.md lists the rules.
 */

import { modulesWith, testEachIsNeeded } from "../mutations/each_is_needed.ts";
import type { Mutant } from "../mutations/mutant.ts";
import type { Check } from "./checks.ts";
import type { runSeed } from "./schedule.ts";

const lanes = "engine/core/lanes.ts";
const node = "engine/core/node_core.ts";
const reads = "engine/core/reads.ts";
const replay = "engine/core/replay.ts";

/** Seeds that are tried, from that of the mutant on, in case that schedules have changed. */
const seedsMax = 1_000;

const mutants: readonly Mutant[] = [
  {
    name: "E1: two appends of a lane are under way",
    file: lanes,
    from: "if (this.#underWay !== undefined) {",
    to: "if (this.#underWay !== undefined && this.#retryAtMs !== undefined) {",
  },
  {
    name: "E1: an append of unknown outcome is given up",
    file: lanes,
    from: "this.#retryAtMs = nowMs + retryMs;",
    to: "this.#underWay = undefined;",
  },
  {
    name: "E1: a refusal ends an append of unknown outcome",
    file: node,
    from: "if (this.#lanes.isUnsure(lane, k)) return this.#lanes.retry(lane, k, this.#nowMs);",
    to: "",
  },
  { name: "E1: all records of a lane have one name", file: lanes, from: "k: ++this.#k,", to: "k: this.#k," },
  {
    name: "E2: a session is in any lane",
    file: lanes,
    from: "parseInt(client.slice(0, 4), 16) % laneCount",
    to: "this.#turn++ % laneCount",
    also: [["  readonly #lanes =", "  #turn = 0;\n  readonly #lanes ="]],
  },
  {
    name: "E3: a request is executed whatever its session has executed",
    file: replay,
    from: "if (seq <= executed) {",
    to: "if (seq < 1) {",
    also: [['    if (seq !== executed + 1) return "gap";\n', ""]],
  },
  {
    name: "E3: a request is executed although one before it was not",
    file: replay,
    from: 'if (seq !== executed + 1) return "gap";',
    to: "if (known !== undefined) known.executed = seq - 1;",
    also: [[
      "const session = known ?? new SessionState(client);",
      "const session = known ?? new SessionState(client);\n    session.executed = seq - 1;",
    ]],
  },
  {
    name: "E3: a session that was forgotten begins again",
    file: replay,
    from: '      if (born < sessions.forgot) return "expired";\n',
    to: "",
    seed: 432,
  },
  {
    name: "E4: a record is applied again",
    file: replay,
    from: '    if (n <= this.#place.n) return "known";\n',
    to: "",
    also: [['    if (revision <= this.#place.revision) return "gap";\n', ""]],
  },
  {
    name: "E5: a record is applied although one before it is missing",
    file: replay,
    from: '    if (n > this.#place.n + 1) return "gap";\n',
    to: "",
  },
  {
    name: "E5: a silent stream is waited for",
    file: node,
    from: "if (this.#nowMs - this.#progressMs >= stallMs << Math.min(this.#stalls, stallDoublingsMax)) {",
    to: "if (this.#nowMs < 0) {",
  },
  {
    name: "E5: what takes long to read is begun again for ever",
    file: node,
    from: "stallMs << Math.min(this.#stalls, stallDoublingsMax)",
    to: "stallMs",
  },
  {
    name: "E5: records that are on their way are not waited for",
    file: node,
    from: "if (this.#nowMs - this.#appliedMs < onTheirWayMsMax) this.#progressMs = this.#nowMs;",
    to: "",
  },
  {
    name: "E5: a record of an old revision is applied",
    file: replay,
    from: '    if (revision <= this.#place.revision) return "gap";\n',
    to: "",
  },
  {
    name: "E6: a record that nobody can read is passed over",
    file: replay,
    from: "throw new HaltError(`Cannot read record ${n} of the order: ${error.message}`);",
    to: "return { entries: [] };",
  },
  {
    name: "E7: a session is forgotten that has executed something since",
    file: replay,
    from: "    if (this.executor.sessions.get(client)?.executed !== executed) return;\n",
    to: "",
  },
  {
    name: "E7: a forgotten session is new",
    file: replay,
    from: "Math.max(sessions.forgot, n + 1)",
    to: "sessions.forgot",
    seed: 432,
  },
  {
    name: "E8: a read waits for no barrier",
    file: node,
    from: "return this.#reads.add(event, this.#nowMs);",
    to: "return this.#serve(event);",
  },
  {
    name: "E8: a read takes a barrier that began before it",
    file: reads,
    from: "this.#fresh.push({ ...read, quorumByMs });",
    to: "(this.#isUnderWay ? this.#asked : this.#fresh).push({ ...read, quorumByMs });",
    seed: 156,
  },
  {
    name: "E8: a read does not wait for the records of its barrier",
    file: reads,
    from: "this.#due.filter(({ n }) => n <= applied)",
    to: "this.#due.slice()",
    also: [["this.#due.filter(({ n }) => n > applied)", "[]"]],
  },
  {
    name: "E8: a read waits until its deadline to hear of a majority",
    file: reads,
    from: "read.quorumByMs > nowMs ? stays(read)",
    to: "read.quorumByMs > 0 ? stays(read)",
  },
  {
    name: "E9: an engine that has lost records is followed",
    file: reads,
    from: "return n < this.#appliedBefore;",
    to: "return false;",
  },
  {
    name: "E10: a snapshot is of another record than it says",
    file: replay,
    from: "{ ...this.#place, epoch, index",
    to: "{ ...this.#place, n: this.#place.n + 1, epoch, index",
    also: [["if (n !== cut.n) throw", "if (n > cut.n) throw"]],
  },
  {
    name: "E11: those who wait do not get what a snapshot has",
    file: node,
    from: "const executed = this.#replay.executedOf(client);\n      for (const { ticket, seq }",
    to: "const executed = 0;\n      for (const { ticket, seq }",
  },
  {
    name: "E12: a node does not compare its digests",
    file: "engine/core/digests.ts",
    from: "return own !== told.digest;",
    to: "return false;",
  },
  {
    name: "E12: a node that is behind never compares its digests",
    file: "engine/core/digests.ts",
    from: "if (this.differs(node, told)) return node;",
    to: "",
  },
  {
    name: "E12: a node that stops does not tell the other one why",
    file: node,
    from: "if (mark !== undefined) this.#say(mark);",
    to: "",
  },
  {
    name: "E12: a state from a snapshot is not compared",
    file: replay,
    from: "this.executor.digest === cut.digest",
    to: "this.executor.digest > 0",
  },
  {
    name: "E13: what follows of a session waits on",
    file: lanes,
    from: "entry.seq < (from.get(entry.client) ?? Infinity)",
    to: "entry.seq !== from.get(entry.client)",
  },
  {
    name: "E13: what may have been executed is refused",
    file: node,
    from: 'this.#effects.push({ kind: "unknown", ticket, reason: "the engine has not answered in time" });',
    to: 'this.#refuse(ticket, "late");',
    seed: 62,
  },
  {
    name: "E14: a command may say that it was recorded at any time",
    file: node,
    from: '    if (recordedAtMs > this.#clockMs + recordedAheadMsMax) return this.#refuse(ticket, "clock");\n',
    to: "",
  },
  {
    name: "E15: a record of another node refuses what waits",
    file: node,
    from: "    if (!this.#own.applied(client, seq, n, refusal) && refusal !== undefined) return;\n",
    to: "    this.#own.applied(client, seq, n, refusal);\n",
  },
  {
    name: "E15: a refusal counts only after the engine has told the number of the record",
    file: "engine/core/own_entries.ts",
    from: "if (refusal !== undefined) own?.refusals.push({ n, refusal });",
    to: "",
  },
  {
    name: "E16: a node begins without the state that the order begins with",
    file: node,
    from: "n > this.place.n || this.place.n === 0",
    to: "n > this.place.n",
  },
  {
    name: "E16: a node takes that state in again",
    file: node,
    from: "n > this.place.n || this.place.n === 0",
    to: "n > this.place.n || n === 0",
  },
];

testEachIsNeeded("each rule of a node is needed", mutants, (mutant) => {
  const modules = modulesWith(mutant);
  const checked = modules("tests/engine/checks.ts").checks as Readonly<Record<string, Check>>;
  const run = modules("tests/engine/schedule.ts").runSeed as typeof runSeed;
  const from = mutant?.seed ?? 1;
  try {
    for (const check of Object.values(checked)) check();
    for (let seed = from; seed < from + (mutant === undefined ? 10 : seedsMax); seed++) run(seed);
  } catch (error) {
    return String(error);
  }
  return false;
});
