/**
 * Each rule of a client of nodes is needed: if it is broken, a check or a schedule fails. docs/design/engine.md lists
 * the rules.
 */

import { modulesWith, testEachIsNeeded } from "../mutations/each_is_needed.ts";
import type { Mutant } from "../mutations/mutant.ts";
import type { Check } from "./checks.ts";
import type { runSeed } from "./schedule.ts";

const caller = "engine/client/caller.ts";
const requests = "engine/client/session_requests.ts";
const reads = "engine/client/caller_reads.ts";
const choice = "engine/client/node_choice.ts";

/** Seeds that are tried, from that of the mutant on, in case that schedules have changed. */
const seedsMax = 1_000;

const mutants: readonly Mutant[] = [
  {
    name: "C1: a request that is sent again has another seq",
    file: requests,
    from: 'return { kind: "SUBMIT", seq, born',
    to: 'return { kind: "SUBMIT", seq: seq + request.unrefused - 1, born',
  },
  {
    name: "C1: a session was born where it is continued",
    file: caller,
    from: "if (this.#session.seq === 0) this.#session.born = born;",
    to: "this.#session.born = born;",
  },
  {
    name: "C2: the last request is sent first",
    file: requests,
    from: "return before.filter(",
    to: "return before.toReversed().filter(",
  },
  {
    name: "C3: a refusal counts for all submissions of a request",
    file: requests,
    from: "request.unrefused--;",
    to: "request.unrefused = 0;",
  },
  {
    name: "C3: a submission that nobody has answered is not executed",
    file: requests,
    from: "for (const request of this.#open) request.sentMs = undefined;",
    to: "for (const request of this.#open) if (request.sentMs !== undefined) this.declined(request);",
  },
  {
    name: "C4: a seq is used again while a later request may be executed",
    file: requests,
    from: "if (later.some(({ unrefused }) => unrefused > 0)) {",
    to: "if (later.length < 0) {",
  },
  {
    name: "C4: a session with a hole is never given up",
    file: requests,
    from: "return hole === 0 && later.every(({ sentMs }) => sentMs === undefined);",
    to: "return false;",
  },
  {
    name: "C5: a client says that it has outputs which it waits for",
    file: requests,
    from: "done: this.#done, end, commands",
    to: "done: seq - 1, end, commands",
  },
  {
    name: "C6: what may have been executed is submitted in another session",
    file: requests,
    from: "const end = first < 0 ? open.length : first;",
    to: "const end = 0;",
  },
  {
    name: "C6: a session that has expired is used on",
    file: caller,
    from: "    this.#session.isOver = true;\n",
    to: "",
  },
  {
    name: "C7: a node that says nothing of a request is waited for",
    file: caller,
    from: "if (this.#nowMs >= this.#oldestMs + answerWithinMs) this.#leave",
    to: "if (this.#nowMs < 0) this.#leave",
  },
  {
    name: "C7: a node that does not let the session in is waited for",
    file: caller,
    from: "if (link !== undefined && !link.isGreeted && this.#nowMs >= link.sinceMs + reachWithinMs) {",
    to: "if (this.#nowMs < 0) {",
  },
  {
    name: "C8: a node that has stopped is used on",
    file: "engine/client/refusals.ts",
    from: 'halted: "elsewhere",',
    to: 'halted: "later",',
  },
  {
    name: "C8: an address that has failed is tried at once",
    file: choice,
    from: "notBeforeMs: nowMs + pauseMs }",
    to: "notBeforeMs: 0 }",
  },
  {
    name: "C9: an earlier link still counts",
    file: caller,
    from: "if (link?.id !== event.link) return;",
    to: "if (link === undefined) return;",
  },
  {
    name: "C10: a command waits for ever",
    file: caller,
    from: "    if (this.#nowMs >= this.#dueMs) this.#tellLate();\n",
    to: "",
    also: [["const times = [this.#dueMs, ...", "const times = [..."]],
  },
  {
    name: "C10: a request is sent for ever",
    file: caller,
    from: "    this.#endLate();\n",
    to: "",
    also: [[
      "const times = [this.#dueMs, ...this.#session.open.map(({ lastMs }) => lastMs)];",
      "const times = [this.#dueMs];",
    ]],
  },
  {
    name: "C11: a read overtakes what was submitted before it",
    file: reads,
    from: "({ ordinal }) => ordinal <= firstUntold",
    to: "() => firstUntold >= 0",
  },
  {
    name: "C12: a request is sent again at once that was declined for now",
    file: caller,
    from: "else if (!isClear) this.#pauseUntilMs = this.#nowMs + againMs;",
    to: "",
  },
  {
    name: "C12: any number of requests is under way",
    file: requests,
    from: "if (open.length >= windowRequests || open",
    to: "if (open",
  },
];

testEachIsNeeded("each rule of a client of nodes is needed", mutants, (mutant) => {
  const modules = modulesWith(mutant);
  const checked = modules("tests/engine/caller_checks.ts").callerChecks as Readonly<Record<string, Check>>;
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
