/**
 * Rules about those who make others wait (R6, R9 and R10), each broken on purpose.
 *
 * @module
 */

import { type Mutant, reasons } from "./mutant.ts";

const gate = "protocol/replica/gate.ts";
const lease = "protocol/replica/lease.ts";
const replica = "protocol/replica/replica.ts";
const view = "protocol/replica/view.ts";

/** All of them. */
export const waitingMutants: readonly Mutant[] = [
  {
    name: "R6: the loss of an active client ends no view",
    file: view,
    from: "      this.#host.alarm({ client: channel.client, seq: noSeq, waitedMs });\n",
    to: "",
    scenario: "client_dies_in_the_middle_of_a_broadcast",
    seed: 5,
  },
  {
    name: "R6: no lease: a silent client blocks the others",
    file: view,
    from: "for (const channel of over) this.#close(channel, `others",
    to: "for (const channel of over.slice(0, 0)) this.#close(channel, `others",
    scenario: "h10_a_client_stops_while_others_wait_for_it",
    onlyScenario: reasons.rare,
  },
  {
    name: "R6: a client that talks keeps its lease",
    file: view,
    from: "    channel.lastTs = Math.max(channel.lastTs, ts);\n" +
      "    channel.session.confirm(done);\n    if (!suspend) return;",
    to: "    channel.lastTs = Math.max(channel.lastTs, ts);\n    channel.heldUpMs = 0;\n" +
      "    channel.session.confirm(done);\n" +
      "    if (!suspend) return;",
    scenario: "h10_a_client_talks_and_holds_the_others_up",
    onlyScenario: reasons.rare,
  },
  {
    name: "claim (e): a lease lasts for twice as long",
    file: lease,
    from: "({ heldUpMs }) => heldUpMs > leaseMs",
    to: "({ heldUpMs }) => heldUpMs > 2 * leaseMs",
    scenario: "h10_a_client_stops_while_others_wait_for_it",
    onlyScenario: reasons.rare,
  },
  {
    name: "R6: a client that holds nobody up loses its link (history 10)",
    file: lease,
    from: "if (head !== undefined && mayPrecede(channel, head)) holders",
    to: "if (head !== undefined) holders",
    scenario: "h10_clients_that_wait_for_a_hung_replica_keep_their_lease",
    onlyScenario: reasons.cost,
  },
  {
    name: "R6: only a head that stays counts",
    file: lease,
    from: "!channel.barred && (isSame || channel.nudgedTs >= head!.ts)",
    to: "!channel.barred && isSame",
    scenario: "h10_a_client_answers_late_again_and_again",
    onlyScenario: reasons.rare,
  },
  {
    name: "R6: a head that waits for no client ends no view",
    file: lease,
    from: "isStuck = head !== undefined && holders",
    to: "isStuck = head !== undefined && false && holders",
    scenario: "liar_sends_to_one_replica_and_is_silent",
    onlyScenario: reasons.rare,
  },
  {
    name: "R6: time in which a replica did not run counts (history 10)",
    file: replica,
    from: "this.#view.enforceLease(passedMs);",
    to: "this.#view.enforceLease(elapsedMs);",
    scenario: "h10_a_replica_that_wakes_does_not_judge_by_its_clock",
    onlyScenario: reasons.cost,
  },
  {
    name: "R6: a frozen replica judges its clients (history 10)",
    file: replica,
    from: "    if (this.#flush.frozen) return;\n",
    to: "",
    scenario: "h10_a_frozen_replica_judges_nobody",
    onlyScenario: reasons.cost,
  },
  {
    name: "R6: a lost client leaves the stability test at its EOF",
    file: view,
    from: "      channel.barred = true;\n",
    to: "      channel.barred = true;\n      this.#active.delete(channel);\n",
    scenario: "h04_a_lost_client_stays_in_the_stability_test",
    seed: 877,
    profile: "slow",
  },
  {
    name: "R9: a clock that is too far does not end the view",
    file: view,
    from: "if (clock.time > clockMax) this.#alarmOnce({ client: this.#leaper ?? channel.client, seq: noSeq });",
    to: "",
    scenario: "clock_a_bad_timestamp_poisons_no_clock",
    onlyScenario: reasons.liar,
  },
  {
    name: "R9: a promise may be above all timestamps",
    file: "protocol/replica/channel.ts",
    from: "if (upto < ts || upto > timestampMax) return",
    to: "if (upto < ts) return",
    scenario: "clock_a_bad_timestamp_poisons_no_clock",
    onlyScenario: reasons.liar,
  },
  {
    name: "R9: a CLOCK may be above all timestamps",
    file: view,
    from: "if (ts > timestampMax) return this.#close(channel, `CLOCK",
    to: "if (ts < 0) return this.#close(channel, `CLOCK",
    scenario: "clock_a_bad_timestamp_poisons_no_clock",
    onlyScenario: reasons.liar,
  },
  {
    name: "V7: the clocks continue over a view",
    file: "protocol/replica/order.ts",
    from: "    this.clock = new LamportClock();\n    this.viewed",
    to: "    this.viewed",
    scenario: "clock_of_one_replica_is_moved",
    onlyScenario: reasons.liar,
  },
  {
    name: "R10: the gate is always open",
    file: gate,
    from: "return this.#debtMs <= freeMs || this.#served.has(client) || this.#servedBefore.has(client);",
    to: "return this.#debtMs >= 0 || this.#served.has(client);",
    scenario: "gate_makes_the_third_liar_wait",
    onlyScenario: reasons.cost,
  },
  {
    name: "R10: who was served once is at work for ever",
    file: gate,
    from: "    this.#servedBefore = this.#served;\n",
    to: "    for (const client of this.#served) this.#servedBefore.add(client);\n",
    scenario: "gate_makes_a_prepared_liar_wait",
    onlyScenario: reasons.cost,
  },
  {
    name: "R9: whose request comes last is to blame for a clock that is too far",
    file: view,
    from: "if (message.ts > clock.time + leapMin) this.#leaper ??= channel.client;",
    to: "",
    scenario: "clock_who_leaps_is_to_blame",
    onlyScenario: reasons.cost,
  },
  {
    name: "R10: the gate never opens again",
    file: gate,
    from: "this.#debtMs = Math.max(0, this.#debtMs - elapsedMs);",
    to: "this.#debtMs = Math.max(0, this.#debtMs - elapsedMs * 0);",
    scenario: "gate_makes_the_third_liar_wait",
    onlyScenario: reasons.rare,
  },
  {
    name: "R10: nobody is told when the gate opens",
    file: view,
    from: "      channel.resuming = undefined;\n      this.#admit(channel, message);",
    to: "      channel.resuming = undefined;\n      void message;",
    scenario: "gate_makes_the_third_liar_wait",
    onlyScenario: reasons.rare,
  },
  {
    name: "R10: the gate is closed for everybody",
    file: gate,
    from: "return this.#debtMs <= freeMs || this.#served.has(client) || this.#servedBefore.has(client);",
    to: "return this.#debtMs <= freeMs || client.length === 0;",
    scenario: "gate_makes_the_third_liar_wait",
    onlyScenario: reasons.rare,
  },
  {
    name: "R10: who was to blame is let in at once",
    file: gate,
    from: "      this.#served.delete(client);\n      this.#servedBefore.delete(client);\n",
    to: "",
    scenario: "clock_of_one_replica_is_moved",
    onlyScenario: reasons.cost,
  },
  {
    name: "R10: who is in the cut is to blame",
    file: gate,
    from: "(seqs.get(client) ?? 0) < seq);",
    to: "(seqs.get(client) ?? 0) * 0 < seq);",
    scenario: "h10_clients_that_wait_for_a_hung_replica_keep_their_lease",
    onlyScenario: reasons.cost,
  },
];
