/**
 * Rules of the client, each broken on purpose.
 *
 * @module
 */

import { type Mutant, reasons } from "./mutant.ts";

const transmitter = "protocol/client/transmitter.ts";

/** All of them. */
export const clientMutants: readonly Mutant[] = [
  {
    name: "C2: requests are not sent again in a new view",
    file: transmitter,
    from: "this.#sent = this.#agreed = this.#agreedTold = view.base;",
    to: "this.#sent = this.#agreed = this.#agreedTold = Math.max(view.base, this.#sent);",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 2,
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
    seed: 141,
    profile: "disks",
  },
  {
    name: "C4: requests carry old timestamps when they are sent again (history 2)",
    file: transmitter,
    from: "this.#sentTs = this.#toldTs = this.#clock.tick();",
    to: "this.#sentTs = this.#toldTs = Math.max(this.#sentTs + 1, request.seq);",
    seed: 4,
  },
  {
    name: "C5: agreed once one member has acknowledged",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "agreed = Math.max(...this.#acked.values()) + 0 * id;",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 7,
  },
  {
    name: "C5: a lost link counts as an acknowledgement",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "if (this.#links.to(id) !== undefined) agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    scenario: "client_a_lost_link_acknowledges_nothing",
    seed: 7,
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
    name: "C5: the answerer is not told agreed before the next request",
    file: transmitter,
    from: "const tell = this.#agreed > this.#agreedTold && this.members.length > 1;",
    to: "const tell = false;",
    scenario: "cost_of_a_closed_loop",
    onlyScenario: reasons.leaving,
  },
  {
    name: "C5: another member than the answerer is told agreed",
    file: transmitter,
    from: "const link = this.#links.to(answererOf(this.members).id);",
    to: "const link = this.#links.to(this.members[0].id);",
    scenario: "cost_of_a_closed_loop",
    onlyScenario: reasons.leaving,
  },
  {
    name: "C6: a client does not answer the answerer's NUDGE",
    file: transmitter,
    from: "if (!toAll && !tell && this.#toldTs > this.#answererNudgedTs) return;",
    to: "if (!toAll && !tell) return;",
    scenario: "stability_waits_for_a_silent_client",
    seed: 22,
    profile: "busy",
  },
  {
    name: "C6: a client does not answer the NUDGE of another member than the answerer",
    file: transmitter,
    from: "const nudged = this.#sentTs <= this.#nudgedTs;",
    to: "const nudged = false;",
    scenario: "h08_the_timer_nudges_what_the_answerer_has_passed",
    onlyScenario: reasons.rare,
  },
  {
    name: "C6: what the answerer was told counts as told to all",
    file: transmitter,
    from: "if (!toAll) {",
    to: "if (!toAll) {\n      this.#sentTs = this.#toldTs;",
    scenario: "nudge_what_the_answerer_was_told_is_not_told_to_all",
    onlyScenario: reasons.rare,
  },
  {
    name: "C6: no heartbeats: a client that waits for a hung replica loses its lease",
    file: transmitter,
    from: "const heartbeat = this.#nowMs >= this.#broadcastAtMs + heartbeatMs;",
    to: "const heartbeat = false;",
    scenario: "h10_clients_that_wait_for_a_hung_replica_keep_their_lease",
    onlyScenario: reasons.cost,
  },
  {
    name: "C2: a client that has missed a view waits for it for ever",
    file: transmitter,
    from: "if (view.v < this.v) return;",
    to: "if (view.v < this.v || view.v > this.v + 1) return;",
    seed: 3,
  },
  {
    name: "C7: a client stays active for ever",
    file: transmitter,
    from: "this.#nowMs >= this.#lingersUntilMs);",
    to: "this.#nowMs < this.#lingersUntilMs * 0);",
    scenario: "cost_of_a_closed_loop",
    onlyScenario: reasons.cost,
  },
  {
    name: "V10: a client whose first output is lost with its session does not learn it",
    file: transmitter,
    from: "const unknown = view.base === 0 && ",
    to: "const unknown = view.base < 0 && ",
    scenario: "session_that_expired_with_an_output_unseen",
    seed: 2494,
    profile: "sessions",
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
    name: "C2: what was acknowledged in an old view counts in the new one (history 3)",
    file: transmitter,
    from: "    this.#acked.clear();\n",
    to: "",
    scenario: "h03_what_was_acknowledged_in_an_old_view",
    onlyScenario: reasons.leaving,
  },
];
