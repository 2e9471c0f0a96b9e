/**
 * Rules of the admission of newcomers (V9), each broken on purpose.
 *
 * @module
 */

import { type Mutant, reasons } from "./mutant.ts";

const donor = "protocol/replica/donor.ts";
const executor = "protocol/replica/executor.ts";
const flush = "protocol/replica/flush.ts";
const newcomer = "protocol/replica/newcomer.ts";
const replica = "protocol/replica/replica.ts";
const sessions = "protocol/replica/sessions.ts";

/** All of them. */
export const newcomerMutants: readonly Mutant[] = [
  {
    name: "V9: what nobody wanted to know counts as kept",
    file: "protocol/replica/recent.ts",
    from: "if (!this.isWanted) this.restart(now);\n    let",
    to: "let",
    scenario: "newcomer_comes_beside_one_with_data",
    onlyScenario: reasons.rare,
  },
  {
    name: "V9: a snapshot without sessions",
    file: executor,
    from: "...this.sessions.freeze(),",
    to: "...new Sessions().freeze(),",
    scenario: "newcomer_joins_under_load",
    seed: 38,
  },
  {
    name: "V9: a snapshot without the length of the log",
    file: executor,
    from: "head.varint(this.executed);",
    to: "head.varint(0);",
    scenario: "newcomer_joins_under_load",
    seed: 20,
  },
  {
    name: "V9: a snapshot shares the outputs of a session with it, which come and go",
    file: sessions,
    from: "retained: retained.length === 0 ? noOutputs : retained.slice() };",
    to: "retained };",
    small: true,
    seed: 19,
  },
  {
    name: "V9: a snapshot shares a session with its table, which changes later",
    file: sessions,
    from: "      some.push(frozen);",
    to: "      some.push(this.#sessions.get(client)!);",
    small: true,
    seed: 19,
  },
  {
    name: "V9: what a donor has executed is followed before the snapshot is whole",
    file: newcomer,
    from: "      this.#restoring = { state: this.#host.order.restoring(v), estimate, fill: 0 };\n",
    to: "      this.#restoring = { state: this.#host.order.restoring(v), estimate, fill: 0 };\n" +
      "      this.#isFed = this.#isKept = true;\n      this.#sayFollowed();\n",
    small: true,
    seed: 98,
  },
  {
    name: "V9: a snapshot of a dead donor continues with the pieces of the next one",
    file: newcomer,
    from: "      this.#restoring = { state: this.#host.order.restoring(v), estimate, fill: 0 };\n",
    to: "      this.#restoring = { state: before?.state ?? this.#host.order.restoring(v), estimate, fill: 0 };\n",
    also: [[
      "      this.#beginWith(from, v);\n      this.#restoring",
      "      const before = this.#restoring;\n      this.#beginWith(from, v);\n      this.#restoring",
    ]],
    seed: 2,
    flood: true,
  },
  {
    name: "V9: clients are not slowed down for a newcomer",
    file: donor,
    from: "if (follower.credit <= 0 && this.#isPacing(follower)) return false;",
    to: "if (follower.credit <= 0 && this.#isPacing(follower)) return true;",
    seed: 1,
    flood: true,
  },
  {
    name: "V9: clients are slowed down for a newcomer that does not come further",
    file: donor,
    from: "return follower.waitedMs <= newcomerSlowMs && !this.#hasCaughtUp(follower);",
    to: "return follower.waitedMs + newcomerSlowMs > 0 && !this.#hasCaughtUp(follower);",
    seed: 1,
    flood: true,
  },
  {
    name: "V9: FOLLOW skips one request",
    file: donor,
    from: "requests.push(happening.request);",
    to: "if (happening.request.seq !== 2) requests.push(happening.request);",
    scenario: "newcomer_joins_under_load",
    seed: 27,
  },
  {
    name: "V9: what was executed before the newcomer has the snapshot is not followed",
    file: donor,
    from: "if (final) follower.snapshot = undefined;",
    to: "if (!final) return;\n    follower.snapshot = undefined;\n" +
      "    follower.cursor.at = this.#order.recent.end;",
    small: true,
    seed: 112,
  },
  {
    name: "V9: a clone is kept over VIEWED",
    file: newcomer,
    from: "    this.#clone = undefined;\n    this.#host.order.viewed(v, expired);",
    to: "    this.#host.order.viewed(v, expired);",
    scenario: "newcomer_with_a_clone_of_another_view_halts",
    onlyScenario: reasons.defence,
  },
  {
    name: "V9: a newcomer becomes a member without a clone",
    file: newcomer,
    from: "return this.#clone?.v === decision.v - 1 ? this.#clone : undefined;",
    to: "return this.#clone ?? { v: decision.v - 1, ballot: { n: 0, id: 0 }, pending: [] };",
    scenario: "newcomer_without_a_clone_halts",
    onlyScenario: reasons.defence,
  },
  {
    name: "V9: a donor that is not the coordinator any more keeps whom it feeds",
    file: replica,
    from: "if (coordinator?.id !== this.#id) this.#donor.stop();\n    else if",
    to: "if (coordinator?.id !== this.#id) return;\n    if",
    scenario: "newcomer_comes_to_coordinate",
    onlyScenario: reasons.rare,
  },
  {
    name: "V9: STATE_OK is not waited for",
    file: flush,
    from: "for (const { id } of round.newcomers) this.#host.donor.sendState(id, round.ballot);",
    to: "for (const { id } of round.newcomers) this.#host.donor.sendState(id, round.ballot), round.clones.add(id);",
    scenario: "newcomer_is_waited_for_until_it_is_a_clone",
    seed: 46,
  },
  {
    name: "V9: STATE lacks the requests that are pending",
    file: donor,
    from: "pending: [...pending].map(carry) });",
    to: "pending: [...pending].map(carry).slice(0, 0) });",
    scenario: "newcomer_joins_under_load",
    seed: 46,
  },
  {
    name: "V9: a newcomer forgets which sessions have ended",
    file: sessions,
    from: "      if (ended) table.end(session);\n",
    to: "",
    scenario: "newcomer_takes_over_sessions_that_have_ended",
    onlyScenario: reasons.rare,
  },
  {
    name: "V9: a PIECE of an older view is taken",
    file: newcomer,
    from: "message.v < this.#donorV) return;",
    to: "message.v < this.#donorV * 0) return;",
    scenario: "newcomer_late_piece_of_a_dead_donor",
    onlyScenario: reasons.rare,
  },
  {
    name: "V9: a newcomer that was left out is waited for again at once",
    file: donor,
    from: "if (follower !== undefined) follower.isSilent = true;",
    to: "",
    scenario: "newcomer_that_does_not_answer_is_left_out",
    onlyScenario: "a newcomer that hangs is killed within the bound that claim (e) sets",
  },
  {
    name: "V9: a flush waits for a newcomer for ever",
    file: flush,
    from: "if (missing.length > 0 && round.waitedMs <= newcomerWaitMs) return false;",
    to: "if (missing.length > 0 && round.waitedMs + newcomerWaitMs >= 0) return false;",
    scenario: "newcomer_that_does_not_answer_is_left_out",
    onlyScenario: "a newcomer that hangs is killed within the bound that claim (e) sets",
  },
  {
    name: "V9: a flush waits for a newcomer that is dead",
    file: flush,
    from: "const missing = this.#missing(round.newcomers, round.clones);",
    to: "const missing = round.newcomers.map(({ id }) => id).filter((id) => !round.clones.has(id));",
    scenario: "newcomer_dies_after_state",
    onlyScenario: reasons.cost,
  },
  {
    name: "V9: a newcomer that is dead is let in",
    file: flush,
    from: "this.#living(newcomers!.filter(({ id }) => clones.has(id)));",
    to: "newcomers!.filter(({ id }) => clones.has(id));",
    scenario: "newcomer_dies_after_state_ok",
    onlyScenario: reasons.cost,
  },
  {
    name: "V9: only the coordinator remembers who wants to be let in",
    file: replica,
    from: "    this.#donor.remember(join);\n",
    to: "    if (this.#order.members[0]?.id === this.#id) this.#donor.remember(join);\n",
    scenario: "newcomer_its_donor_dies",
    seed: 23,
  },
  {
    name: "V6: INSTALL is not sent to newcomers",
    file: replica,
    from: "    this.#tell([...this.#order.members, ...decision.members]",
    to: "    this.#tell(this.#order.members",
    scenario: "newcomer_joins_under_load",
    seed: 7,
  },
];
