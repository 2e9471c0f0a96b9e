/**
 * Rules of the protocol, each broken on purpose: a scenario or the simulator must find every one of them.
 *
 * A mutant is a change of the source text, so the code that runs has no switch for it. Where a scenario is named, it
 * must fail; where a seed is named, its schedule must, or, if schedules have changed since, that of a seed near it.
 *
 * @module
 */

/** One broken rule. */
export interface Mutant {
  /** The rule, and what is wrong with it. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Text that occurs there once. */
  readonly from: string;
  readonly to: string;
  /** The scenario that finds it. */
  readonly scenario?: string;
  /** A seed that finds it. */
  readonly seed?: number;
}

const replica = "protocol/replica.ts";
const flush = "protocol/flush.ts";
const transmitter = "protocol/transmitter.ts";
const sessions = "protocol/sessions.ts";

/** All of them. */
export const mutants: readonly Mutant[] = [
  {
    name: "R5: executes what is not stable",
    file: "stability.ts",
    from: "return heard.lastTs < uid.ts ||",
    to: "return false && heard.lastTs < uid.ts ||",
    scenario: "stability_waits_for_a_silent_client",
    seed: 4,
  },
  {
    name: "R5: executes what is not agreed",
    file: replica,
    from: "if (head.channel.agreed < head.seq) return;",
    to: "",
    scenario: "client_a_lost_link_acknowledges_nothing",
    seed: 13,
  },
  {
    name: "R0: a frozen replica takes clients' frames, so that its report is not final",
    file: replica,
    from: "if (message.v < this.#v || this.#flush.frozen || channel.barred) return;",
    to: "if (message.v < this.#v || channel.barred) return;",
    scenario: "flush_a_report_is_final",
    seed: 103,
  },
  {
    name: "R0: frames of an old view are taken for frames of this one",
    file: replica,
    from: "if (message.v < this.#v || this.#flush.frozen",
    to: "if (this.#flush.frozen",
    scenario: "h02_a_dropped_request_is_sent_again",
  },
  {
    name: "R2: the floor is not the clock",
    file: replica,
    from: `{ kind: "READY", v: this.#v, floor: this.#clock.time }`,
    to: `{ kind: "READY", v: this.#v, floor: 0 }`,
    scenario: "h01_floors_of_an_earlier_activation",
    seed: 16,
  },
  {
    name: "R2: a client that resumes does not take part in the stability test",
    file: replica,
    from: "this.#active.add(channel);",
    to: "",
    scenario: "h01_floors_from_a_mixture_of_views",
    seed: 4,
  },
  {
    name: "R6: a lost client leaves the stability test at its EOF",
    file: replica,
    from: "      channel.barred = true;\n",
    to: "      channel.barred = true;\n      this.#active.delete(channel);\n",
    scenario: "h04_a_lost_client_stays_in_the_stability_test",
  },
  {
    name: "R6: the loss of an active client ends no view",
    file: replica,
    from: "      this.#raiseAlarm();\n    } else {",
    to: "    } else {",
    scenario: "client_dies_in_the_middle_of_a_broadcast",
    seed: 2,
  },
  {
    name: "R6: no lease: a silent transmitter blocks the others",
    file: replica,
    from: "this.#enforceLease();\n",
    to: "",
    scenario: "h11_a_transmitter_stops_before_it_tells_agreed",
    seed: 146,
  },
  {
    name: "R5: no NUDGE by timer",
    file: replica,
    from: "if (agreed) this.#nudge(head, true);",
    to: "",
    scenario: "h08_the_timer_nudges_what_the_answerer_has_passed",
  },
  {
    name: "R1: the outputs are not repeated",
    file: replica,
    from: "for (const output of channel.session.retained) this.#output(channel, output);",
    to: "",
    scenario: "session_a_lost_output_is_answered_from_the_table",
    seed: 11,
  },
  {
    name: "V2: a member promises without freezing",
    file: flush,
    from: "      this.#frozen = true;\n",
    to: "",
    scenario: "flush_a_report_is_final",
    seed: 103,
  },
  {
    name: "V3: the cut is what the coordinator has received",
    file: flush,
    from: "else if (other < seq) cut.set(client, other);",
    to: "",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 3,
  },
  {
    name: "V3: a session that one report lacks is cut at what the others have",
    file: flush,
    from: "if (other === undefined) cut.delete(client);\n        else ",
    to: "if (other === undefined) continue;\n        else ",
    scenario: "flush_a_session_that_one_report_lacks",
    seed: 183,
  },
  {
    name: "V3: an accepted value does not bind the next coordinator",
    file: flush,
    from: "if (binding !== undefined) return binding.decision;",
    to: "",
    scenario: "h06_a_decision_that_only_a_client_knows",
    seed: 1023,
  },
  {
    name: "V5: the coordinator installs before all have accepted",
    file: flush,
    from: "} else if (this.#heardFromAll(round.acceptedBy)) {",
    to: "} else if (round.acceptedBy.size > 0) {",
    scenario: "h06_nobody_installs_what_may_still_be_undecided",
  },
  {
    name: "V6: INSTALL is not forwarded by those who receive it",
    file: replica,
    from: `if (id !== this.#id) this.#toReplica(id, { kind: "INSTALL", decision });`,
    to: `if (id !== this.#id && this.#members[0].id === this.#id) this.#toReplica(id, { kind: "INSTALL", decision });`,
    scenario: "h06_install_reaches_one_replica_only",
    seed: 24,
  },
  {
    name: "V7: requests above the cut are executed",
    file: replica,
    from: "if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.#apply(request);",
    to: "this.#apply(request);",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 3,
  },
  {
    name: "V7: nothing is drained",
    file: replica,
    from: "if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.#apply(request);",
    to: "",
    scenario: "client_dies_after_its_broadcast",
    seed: 2,
  },
  {
    name: "V7: clients stay active over a view change",
    file: replica,
    from: "    this.#active.clear();\n",
    to: "",
    scenario: "h01_floors_from_a_mixture_of_views",
    seed: 13,
  },
  {
    name: "NACK: a coordinator whose ballot was too low gives up",
    file: flush,
    from: "    this.#round = undefined;\n    this.evaluate();",
    to: "",
    scenario: "h09_a_coordinator_with_a_ballot_below_a_dead_ones",
  },
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
    from: "if (!this.#members.every(({ id }) => this.#floors.has(id))) return;",
    to: "",
    scenario: "h01_floors_from_a_mixture_of_views",
    seed: 3,
  },
  {
    name: "C3: floors of an earlier activation count (history 1)",
    file: transmitter,
    from: '    this.#mode = "joining";\n    this.#floors.clear();',
    to: '    this.#mode = "joining";',
    scenario: "h01_floors_of_an_earlier_activation",
    seed: 328,
  },
  {
    name: "C4: requests carry old timestamps when they are sent again (history 2)",
    file: transmitter,
    from: "this.#sentTs = this.#clock.tick();\n      this.#agreedTold",
    to: "this.#sentTs = Math.max(this.#sentTs + 1, request.seq);\n      this.#agreedTold",
    seed: 1,
  },
  {
    name: "C5: agreed once one member has acknowledged",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "agreed = Math.max(...this.#acked.values()) + 0 * id;",
    scenario: "h02_a_dropped_request_is_sent_again",
    seed: 13,
  },
  {
    name: "C5: a lost link counts as an acknowledgement",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "if (this.#links.to(id) !== undefined) agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    scenario: "client_a_lost_link_acknowledges_nothing",
    seed: 23,
  },
  {
    name: "C9: frames of an old view count, READY among them (histories 1 and 3)",
    file: transmitter,
    from: "if (message.v !== this.#v || link.replica === undefined) return;",
    to: "if (link.replica === undefined) return;",
    scenario: "h01_a_floor_of_an_old_view_arrives_in_the_new_one",
  },
  {
    name: "C6: a client does not answer NUDGE",
    file: transmitter,
    from: "const nudged = this.#sentTs <= this.#nudgedTs;",
    to: "const nudged = false;",
    scenario: "stability_waits_for_a_silent_client",
  },
  {
    name: "C6: no heartbeats: a client that waits for a hung replica loses its lease",
    file: transmitter,
    from: "const heartbeat = this.#nowMs >= this.#broadcastAtMs + heartbeatMs;",
    to: "const heartbeat = false;",
    scenario: "h11_clients_that_wait_for_a_hung_replica_keep_their_lease",
  },
  {
    name: "claim (d): a session is forgotten while it lives",
    file: sessions,
    from: "for (const client of this.#ended) this.#sessions.delete(client);",
    to: "this.#sessions.clear();",
    scenario: "session_end",
    seed: 1,
  },
  {
    name: "R0: frames of a client that is ahead are dropped",
    file: replica,
    from: "channel.held.push(message);",
    to: "",
    scenario: "link_a_client_that_is_ahead_is_kept_waiting",
  },
  {
    name: "R1: an older link of a session stays beside the newer one",
    file: replica,
    from: "if (channel.link !== undefined) this.#close(channel, ",
    to: "if (channel.link === -1) this.#close(channel, ",
    scenario: "link_a_newer_one_replaces_the_older",
    seed: 13,
  },
  {
    name: "R1: another cluster's clients are served (history 12)",
    file: replica,
    from: "if (cluster !== undefined && cluster !== this.#cluster) {",
    to: "if (cluster === this.#id + this.#cluster) {",
    scenario: "h12_a_cluster_that_was_started_anew",
  },
  {
    name: "R3: any timestamp is taken",
    file: replica,
    from: "message.ts > this.#clock.time + timestampJumpMax || ",
    to: "",
    scenario: "clock_a_bad_timestamp_poisons_no_clock",
  },
  {
    name: "R4: a client may suspend before all is agreed",
    file: replica,
    from: 'if (channel.agreed < channel.recv) return this.#close(channel, "CLOCK: it suspends',
    to: 'if (channel.agreed > channel.recv) return this.#close(channel, "CLOCK: it suspends',
    scenario: "client_frames_out_of_order_are_refused",
  },
  {
    name: "R5: a view of one member makes its client wait for agreed (history 10)",
    file: replica,
    from: "const alone = this.#members.length === 1;",
    to: "const alone = this.#members.length === 0;",
    scenario: "h10_one_replica",
  },
  {
    name: "R5: every replica sends the output",
    file: replica,
    from: "if (this.#isAnswerer(head.client)) this.#output(head.channel, output);",
    to: "this.#output(head.channel, output);",
    scenario: "cost_of_a_closed_loop",
  },
  {
    name: "R6: time in which a replica did not run counts (history 11)",
    file: replica,
    from: "this.#runningMs += Math.min(elapsedMs, replicaTickMs);",
    to: "this.#runningMs += elapsedMs + 0 * replicaTickMs;",
    scenario: "h11_a_replica_that_wakes_does_not_judge_by_its_clock",
  },
  {
    name: "R6: a frozen replica judges its clients (history 11)",
    file: replica,
    from: "    if (this.#flush.frozen) return;\n",
    to: "",
    scenario: "h11_a_frozen_replica_judges_nobody",
  },
  {
    name: "C2: a client that has missed a view waits for it for ever",
    file: transmitter,
    from: "if (view.v < this.#v) return;",
    to: "if (view.v < this.#v || view.v > this.#v + 1) return;",
    seed: 1,
  },
  {
    name: "C7: a client stays active for ever",
    file: transmitter,
    from: "this.#nowMs >= this.#agreedAtMs + lingerMs);",
    to: "this.#nowMs < this.#agreedAtMs * 0 * lingerMs);",
    scenario: "cost_of_a_closed_loop",
  },
  {
    name: "V10: a session is forgotten as soon as it ends",
    file: sessions,
    from: "    this.#ended.add(session.client);\n",
    to: "    this.#ended.add(session.client);\n    this.#sessions.delete(session.client);\n",
    scenario: "session_end",
  },
  {
    name: "V10: a session expires if one replica has no link to it",
    file: flush,
    from: "for (const client of expired) if (!vanished.has(client)) expired.delete(client);",
    to: "for (const client of vanished) expired.add(client);",
    scenario: "session_with_a_link_to_one_replica_is_kept",
  },
  {
    name: "V10: a client whose first output is lost with its session does not learn it",
    file: transmitter,
    from: "const unknown = view.base === 0 && ",
    to: "const unknown = view.base < 0 && ",
    scenario: "session_that_expired_with_an_output_unseen",
  },
  {
    name: "V10: a client whose session is gone does not learn it",
    file: transmitter,
    from: "if (view.base < this.#outbox.done || unknown) {",
    to: "if (unknown) {",
    scenario: "session_end_over_a_flush",
  },
  {
    name: "claim (d): an output is let go before the client has it",
    file: sessions,
    from: "if (output.seq <= this.done) return;",
    to: "if (output.seq <= this.done + 1) return;",
    scenario: "session_a_lost_output_is_answered_from_the_table",
    seed: 11,
  },
  {
    name: "claim (d): confirming one output lets the next one go",
    file: sessions,
    from: "this.#retained[count].seq <= done) {",
    to: "this.#retained[count].seq <= done + 1) {",
    seed: 16,
  },
];
