/**
 * Rules of the protocol, each broken on purpose: the simulator must find every one of them.
 *
 * A mutant is a change of the source text, so the code that runs has no switch for it.
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
  },
  {
    name: "R5: executes what is not agreed",
    file: replica,
    from: "if (head.channel.agreed < head.seq) return;",
    to: "",
  },
  {
    name: "R0: a frozen replica takes clients' frames, so that its report is not final",
    file: replica,
    from: "if (message.v < this.#v || this.#flush.frozen || channel.barred) return;",
    to: "if (message.v < this.#v || channel.barred) return;",
  },
  {
    name: "R0: frames of an old view are taken for frames of this one",
    file: replica,
    from: "if (message.v < this.#v || this.#flush.frozen",
    to: "if (this.#flush.frozen",
  },
  {
    name: "R2: the floor is not the clock",
    file: replica,
    from: `{ kind: "READY", v: this.#v, floor: this.#clock.time }`,
    to: `{ kind: "READY", v: this.#v, floor: 0 }`,
  },
  {
    name: "R2: a client that resumes does not take part in the stability test",
    file: replica,
    from: "this.#active.add(channel);",
    to: "",
  },
  {
    name: "R6: a lost client leaves the stability test at its EOF",
    file: replica,
    from: "      channel.barred = true;\n",
    to: "      channel.barred = true;\n      this.#active.delete(channel);\n",
  },
  {
    name: "R6: the loss of an active client ends no view",
    file: replica,
    from: "      this.#raiseAlarm();\n    } else {",
    to: "    } else {",
  },
  {
    name: "R6: no lease: a silent transmitter blocks the others",
    file: replica,
    from: "this.#enforceLease();\n",
    to: "",
  },
  {
    name: "R5: no NUDGE by timer",
    file: replica,
    from: "if (agreed) this.#nudge(head, true);",
    to: "",
  },
  {
    name: "R1: the outputs are not repeated",
    file: replica,
    from: "for (const output of channel.session.retained) this.#output(channel, output);",
    to: "",
  },
  {
    name: "V2: a member promises without freezing",
    file: flush,
    from: "      this.#frozen = true;\n",
    to: "",
  },
  {
    name: "V3: the cut is what the coordinator has received",
    file: flush,
    from: "else if (other < seq) cut.set(client, other);",
    to: "",
  },
  {
    name: "V3: a session that one report lacks is cut at what the others have",
    file: flush,
    from: "if (other === undefined) cut.delete(client);\n        else ",
    to: "if (other === undefined) continue;\n        else ",
  },
  {
    name: "V3: an accepted value does not bind the next coordinator",
    file: flush,
    from: "if (binding !== undefined) return binding.decision;",
    to: "",
  },
  {
    name: "V5: the coordinator installs before all have accepted",
    file: flush,
    from: "} else if (this.#heardFromAll(round.acceptedBy)) {",
    to: "} else if (round.acceptedBy.size > 0) {",
  },
  {
    name: "V6: INSTALL is not forwarded by those who receive it",
    file: replica,
    from: `if (id !== this.#id) this.#toReplica(id, { kind: "INSTALL", decision });`,
    to: `if (id !== this.#id && this.#members[0].id === this.#id) this.#toReplica(id, { kind: "INSTALL", decision });`,
  },
  {
    name: "V7: requests above the cut are executed",
    file: replica,
    from: "if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.#apply(request);",
    to: "this.#apply(request);",
  },
  {
    name: "V7: nothing is drained",
    file: replica,
    from: "if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.#apply(request);",
    to: "",
  },
  {
    name: "V7: clients stay active over a view change",
    file: replica,
    from: "    this.#active.clear();\n",
    to: "",
  },
  {
    name: "NACK: a coordinator whose ballot was too low gives up",
    file: flush,
    from: "    this.#round = undefined;\n    this.evaluate();",
    to: "",
  },
  {
    name: "C2: requests are not sent again in a new view",
    file: transmitter,
    from: "this.#sent = this.#agreed = this.#agreedTold = view.base;",
    to: "this.#sent = this.#agreed = this.#agreedTold = Math.max(view.base, this.#sent);",
  },
  {
    name: "C3: active before every member has given its floor (history 1)",
    file: transmitter,
    from: "if (!this.#members.every(({ id }) => this.#floors.has(id))) return;",
    to: "",
  },
  {
    name: "C3: floors of an earlier view count (history 1)",
    file: transmitter,
    from: '    this.#mode = "joining";\n    this.#floors.clear();',
    to: '    this.#mode = "joining";',
  },
  {
    name: "C4: requests carry old timestamps when they are sent again (history 2)",
    file: transmitter,
    from: "this.#sentTs = this.#clock.tick();\n      this.#agreedTold",
    to: "this.#sentTs = Math.max(this.#sentTs + 1, request.seq);\n      this.#agreedTold",
  },
  {
    name: "C5: agreed once one member has acknowledged",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "agreed = Math.max(...this.#acked.values()) + 0 * id;",
  },
  {
    name: "C5: a lost link counts as an acknowledgement",
    file: transmitter,
    from: "agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
    to: "if (this.#links.to(id) !== undefined) agreed = Math.min(agreed, this.#acked.get(id) ?? this.#agreed);",
  },
  {
    name: "C5: acknowledgements of an old view count (history 3)",
    file: transmitter,
    from: "if (message.v !== this.#v || link.replica === undefined) return;",
    to: "if (link.replica === undefined) return;",
  },
  {
    name: "C6: a client does not answer NUDGE",
    file: transmitter,
    from: "const nudged = this.#sentTs <= this.#nudgedTs;",
    to: "const nudged = false;",
  },
  {
    name: "C6: no heartbeats: a client that waits for a hung replica loses its lease",
    file: transmitter,
    from: "const heartbeat = this.#nowMs >= this.#broadcastAtMs + heartbeatMs;",
    to: "const heartbeat = false;",
  },
  {
    name: "claim (d): a session is forgotten while it lives",
    file: sessions,
    from: "for (const client of this.#ended) this.#sessions.delete(client);",
    to: "this.#sessions.clear();",
  },
];
