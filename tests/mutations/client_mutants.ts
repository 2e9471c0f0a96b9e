/**
 * Rules of the client, each broken on purpose.
 *
 * @module
 */

import { type Mutant, reasons } from "./mutant.ts";

const transmitter = "protocol/client/transmitter.ts";
const stamps = "protocol/client/stamps.ts";
const reader = "protocol/client/reader.ts";

/** All of them. */
export const clientMutants: readonly Mutant[] = [
  {
    name: "C2: requests are not sent again in a new view",
    file: transmitter,
    from: "this.#sent = view.base;",
    to: "this.#sent = Math.max(view.base, this.#sent);",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 5,
  },
  {
    name: "C3: active before every member has given its floor (history 1)",
    file: transmitter,
    from: "if (!this.members.every(({ id }) => this.#floors.has(id))) return;",
    to: "",
    scenario: "h01_floors_from_a_mixture_of_views",
    seed: 2,
  },
  {
    name: "C3: floors of an earlier activation count (history 1)",
    file: transmitter,
    from: '    this.#mode = "joining";\n    this.#floors.clear();',
    to: '    this.#mode = "joining";',
    scenario: "h01_floors_of_an_earlier_activation",
    onlyScenario: reasons.rare,
  },
  {
    name: "C9: frames of an old view count, READY among them (histories 1 and 3)",
    file: transmitter,
    from: "if (message.v !== this.v || link.replica === undefined) return;",
    to: "if (link.replica === undefined) return;",
    scenario: "h01_a_floor_of_an_old_view_arrives_in_the_new_one",
    onlyScenario: reasons.rare,
  },
  {
    name: "C2: a client that has missed a view waits for it for ever",
    file: transmitter,
    from: "if (view.v < this.v) return;",
    to: "if (view.v < this.v || view.v > this.v + 1) return;",
    seed: 5,
  },
  {
    name: "C2: a client's clock continues over a view",
    file: stamps,
    from: "    this.#clock = new LamportClock();\n    this.#promised",
    to: "    this.#promised",
    scenario: "clock_of_a_replica_that_died",
    onlyScenario: reasons.cost,
  },
  {
    name: "C3: a floor is ignored",
    file: transmitter,
    from: "    this.#stamps.witness(floor);\n",
    to: "",
    scenario: "clock_of_one_replica_is_moved",
    onlyScenario: reasons.rare,
  },
  {
    name: "C4: a client breaks what it has promised with a request",
    file: stamps,
    from: "    this.#clock.witness(upto);\n",
    to: "",
    also: [[`invariant(this.#promised <= this.#clock.time, "the clock is not behind what was promised (C4)");`, ""]],
    scenario: "cost_of_a_backlog",
    onlyScenario: reasons.rare,
  },
  {
    name: "C4: a client promises nothing with a request",
    file: stamps,
    from: "ts + promiseAhead + this.#further;",
    to: "ts;",
    scenario: "liar_a_floor_at_one_replica_whose_fellow_dies",
    onlyScenario: reasons.cost,
  },
  {
    name: "C6: a client answers no NUDGE",
    file: transmitter,
    from: `if (this.#mode !== "idle") this.#stamps.nudged(message.ts);`,
    to: "",
    scenario: "stability_waits_for_a_silent_client",
    onlyScenario: reasons.rare,
  },
  {
    name: "C6: a client that joins does not answer a NUDGE (history 8)",
    file: transmitter,
    from: `if (this.#mode !== "idle") this.#stamps.nudged(message.ts);`,
    to: `if (this.#mode === "active") this.#stamps.nudged(message.ts);`,
    scenario: "h08_the_timer_nudges_what_the_answerer_has_passed",
    onlyScenario: reasons.rare,
  },
  {
    name: "C6: a client answers a NUDGE with less than it was asked for",
    file: stamps,
    from: "    this.#clock.witness(this.#asked + this.#further);\n",
    to: "",
    scenario: "nudge_for_all_that_waits",
    onlyScenario: reasons.rare,
  },
  {
    name: "C6: only the answerer learns what a client says to a NUDGE",
    file: transmitter,
    from:
      '    this.#links.broadcast(this.members, { kind: "CLOCK", v: this.v, ts, done: this.#outbox.done, suspend });\n',
    to: "    const link = this.#links.to(answererOf(this.members).id);\n" +
      '    const clock: ClientMessage = { kind: "CLOCK", v: this.v, ts, done: this.#outbox.done, suspend };\n' +
      "    if (suspend) this.#links.broadcast(this.members, clock);\n" +
      "    else if (link !== undefined) this.#links.send(link, clock);\n",
    scenario: "nudge_for_all_that_waits",
    onlyScenario: reasons.rare,
  },
  {
    name: "C7: a client suspends before it has all outputs",
    file: transmitter,
    from: "this.#sent === this.#outbox.seq && this.#outbox.isEmpty;",
    to: "this.#sent === this.#outbox.seq && !this.#outbox.hasCommands;",
    scenario: "h10_a_client_stops_while_others_wait_for_it",
    onlyScenario: reasons.cost,
  },
  {
    name: "C10: reads are not asked again in a new view",
    file: reader,
    from: "if (v !== this.#v || link !== this.#link)",
    to: "if (link !== this.#link)",
    scenario: "read_at_a_frozen_answerer",
    onlyScenario: reasons.rare,
  },
  {
    name: "C10: reads are not asked again by a new link",
    file: reader,
    from: "if (v !== this.#v || link !== this.#link)",
    to: "if (v !== this.#v)",
    scenario: "read_over_a_view_change",
    onlyScenario: reasons.rare,
  },
  {
    name: "C10: a read overtakes the requests of its session",
    file: reader,
    from: "if (after > sent && after > done) break;",
    to: "",
    seed: 1,
  },
  {
    name: "C10: a read does not say after what it comes",
    file: reader,
    from: "const after = this.#afters.get(rid) ?? 0;",
    to: "const after = 0;",
    scenario: "read_after_its_own_requests",
    seed: 1,
  },
  {
    name: "C10: a read counts as sent before the requests that it waits for are",
    file: reader,
    from: "this.#afters.set(outbox.nextRequest().seq, last);",
    to: "this.#afters.set(outbox.nextRequest().seq, sent);",
    seed: 1,
  },
  {
    name: "C7: a client stays active for ever",
    file: transmitter,
    from: "(ended || this.#nowMs >= this.#busyAtMs + lingerMs);",
    to: "(ended || this.#nowMs < this.#busyAtMs * 0);",
    scenario: "cost_of_a_closed_loop",
    onlyScenario: reasons.cost,
  },
  {
    name: "V10: a client whose first output is lost with its session does not learn it",
    file: transmitter,
    from: "const unknown = view.base === 0 && ",
    to: "const unknown = view.base < 0 && ",
    scenario: "session_that_expired_with_an_output_unseen",
    onlyScenario: reasons.rare,
  },
  {
    name: "V10: a client whose session is gone does not learn it",
    file: transmitter,
    from: "if (view.base < this.#outbox.done || unknown) {",
    to: "if (unknown) {",
    scenario: "session_end_over_a_flush",
    onlyScenario: reasons.rare,
  },
  {
    name: "C2: what was asked for in the view before is answered in the next one",
    file: stamps,
    from: "this.#promised = 0;\n    this.#asked = -1;",
    to: "this.#promised = 0;",
    scenario: "h01_a_nudge_of_the_view_before",
    onlyScenario: reasons.cost,
  },
  {
    name: "C4: a request that is sent again has its old timestamp",
    file: transmitter,
    from: "...this.#stamps.forRequest(),",
    to: "...(request.stamp ??= this.#stamps.forRequest()),",
    scenario: "replicas_the_last_one_goes_on",
    onlyScenario: reasons.rare,
  },
  {
    name: "C5: the clock in an output is ignored",
    file: transmitter,
    from: "if (v === this.v) this.#stamps.witness(clock);",
    to: "",
    scenario: "clock_an_output_moves_that_of_its_client",
    onlyScenario: reasons.cost,
  },
  {
    name: "C6: a client answers no NUDGE for just what it has promised",
    file: stamps,
    from: "this.#promised <= this.#asked",
    to: "this.#promised < this.#asked",
    scenario: "h08_the_timer_nudges_what_the_answerer_has_passed",
    onlyScenario: reasons.rare,
  },
  {
    name: "C8: an output counts for a request that was not sent in this view",
    file: transmitter,
    from: "request === undefined || seq > this.#sent",
    to: "request === undefined",
    scenario: "session_an_output_of_another_process",
    onlyScenario: reasons.rare,
  },
];
