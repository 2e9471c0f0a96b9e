/**
 * Rules about disks, each broken on purpose.
 *
 * @module
 */

import type { Mutant } from "./mutant.ts";

const replica = "protocol/replica.ts";
const recovery = "protocol/recovery.ts";
const journal = "protocol/journal.ts";
const newcomer = "protocol/newcomer.ts";
const coldStart = "cluster/cold_start.ts";

/** All of them. */
export const durabilityMutants: readonly Mutant[] = [
  {
    name: "disk: an ACK leaves before the journal is on the disk",
    file: replica,
    from: "[...this.#write(this.#journal), ...effects]",
    to: "[...effects, ...this.#write(this.#journal)]",
  },
  {
    name: "disk: a request is not journaled",
    file: "protocol/clients.ts",
    from: `this.#host.journal?.note({ kind: "received", request: carry(request) });`,
    to: "carry(request);",
  },
  {
    name: "disk: a promise is not journaled",
    file: replica,
    from: `this.#journal?.note({ kind: "promised", ballot });`,
    to: "",
  },
  {
    name: "disk: an accepted value is not journaled",
    file: replica,
    from: `this.#journal?.note({ kind: "accepted", accepted });`,
    to: "",
  },
  {
    name: "disk: a view is not journaled",
    file: replica,
    from: `this.#journal?.note({ kind: "installed", decision });`,
    to: "",
  },
  {
    name: "disk: a view without this replica is journaled as if it were in it",
    file: replica,
    from: "    this.#flood(decision);\n    if (!decision",
    to: `    this.#journal?.note({ kind: "installed", decision });\n    this.#flood(decision);\n    if (!decision`,
  },
  {
    name: "disk: where a view of one member was is not journaled, so that its order is lost",
    file: journal,
    from: `    this.note({ kind: "reached", position });\n`,
    to: "    void position;\n",
  },
  {
    name: "disk: a checkpoint lacks what is pending",
    file: recovery,
    from: "pending: [...order.pending].map(carry),",
    to: "pending: [...order.pending].map(carry).slice(0, 0),",
  },
  {
    name: "disk: a checkpoint lacks what was accepted",
    file: replica,
    from: "      accepted: this.#accepted,\n",
    to: "      accepted: undefined,\n",
  },
  {
    name: "disk: a checkpoint lacks the promise",
    file: replica,
    from: "      promised: this.#promised,\n",
    to: "      promised: noBallot,\n",
  },
  {
    name: "disk: a checkpoint lacks the decision",
    file: replica,
    from: "      decision: this.#decision,\n",
    to: "      decision: undefined,\n",
  },
  {
    name: "disk: a snapshot lacks the sessions",
    file: "protocol/executor.ts",
    from: "this.sessions.write(writer);",
    to: "new Sessions().write(writer);",
  },
  {
    name: "disk: a clone is not journaled",
    file: newcomer,
    from: `this.#journal?.note({ kind: "cloned", v, ballot, clock, pending });`,
    to: "",
  },
  {
    name: "disk: a newcomer says that it has the snapshot before it is on its disk",
    file: newcomer,
    from: "if (this.#journal === undefined) this.kept();",
    to: "this.kept();",
  },
  {
    name: "disk: a newcomer's journal is not held while its checkpoint is on the way",
    file: journal,
    from: "this.#isHeld = true;",
    to: "this.#isHeld = false;",
  },
  {
    name: "disk: a newcomer is one as soon as it asks, and not when it is fed",
    file: newcomer,
    from: "    this.#ask(to);\n  }\n",
    to: `    this.#journal?.note({ kind: "joining", id: this.#self.id });\n    this.#ask(to);\n  }\n`,
  },
  {
    name: "disk: a newcomer is fed while the member whose place it takes may be needed",
    file: "protocol/donor.ts",
    from: " && !taken.has(member.address)",
    to: "",
  },
  {
    name: "recovery: a request above the cut is revived",
    file: recovery,
    from: "    order.drain(decision);\n    order.begin(decision, 0);",
    to: "    const all = [...order.pending].map(carry);\n    order.drain(decision);\n    order.begin(decision, 0);\n" +
      "    for (const request of all) order.receiveAgain(request);",
  },
  {
    name: "recovery: a clone is forgotten",
    file: replica,
    from: "joining ? undefined : recovered?.clone;",
    to: "undefined;",
  },
  {
    name: "recovery: what was accepted is forgotten",
    file: replica,
    from: "this.#flush.resume(recovered.promised, recovered.accepted);",
    to: "this.#flush.resume(recovered.promised, undefined);",
  },
  {
    name: "recovery: the last decision is not told again",
    file: replica,
    from: "if (this.#decision !== undefined) this.#flood(this.#decision);",
    to: "",
  },
  {
    name: "recovery: nobody is told that the view must end",
    file: replica,
    from: "      this.#alarmOthers();\n      this.#flush.resume",
    to: "      this.#flush.resume",
  },
  {
    name: "recovery: a member is not frozen",
    file: "protocol/flush.ts",
    from: "    this.#accepted = accepted;\n    this.#frozen = true;\n",
    to: "    this.#accepted = accepted;\n    this.#alarm = true;\n",
  },
  {
    name: "recovery: a member waits for those who are not back",
    file: replica,
    from: "if (!options.members.some((back) => back.id === member.id)) this.#failed.add(member.id);",
    to: "",
  },
  {
    name: "recovery: a member reports only the sessions that have requests pending",
    file: replica,
    from: "if (this.#isRecovered) { for",
    to: "if (!this.#journal) { for",
  },
  {
    name: "recovery: a member executes before the flush",
    file: replica,
    from: "if (this.#newcomer === undefined && !this.#isRecovered) this.#clients.execute();",
    to: "if (this.#newcomer === undefined) this.#clients.execute();",
  },
  {
    name: "delta: a request is left out",
    file: "protocol/recent.ts",
    from: "return reached.digest === digest ? this.#first + at : reached;",
    to: "return reached.digest === digest ? Math.min(this.#first + at + 1, this.end) : reached;",
  },
  {
    name: "delta: whoever comes back is sent a snapshot",
    file: "protocol/donor.ts",
    from: "const missed = position && recent.after(position);",
    to: "const missed = position && recent.after({ ...position, requests: -1 });",
  },
  {
    name: "delta: a newcomer's data are not compared",
    file: "protocol/recent.ts",
    from: "return reached.digest === digest ? this.#first + at : reached;",
    to: "return reached.digest === digest ? this.#first + at : this.#first + at;",
  },
  {
    name: "delta: what is kept seems to go further back than it does",
    file: "protocol/recent.ts",
    from: `this.#start = happening.kind === "executed" ? happening : { ...this.#start, v: happening.v };`,
    to: "",
  },
  {
    name: "audit: a digest that differs is ignored",
    file: "protocol/audit.ts",
    from: "return right.includes(this.#self) ? undefined : right;",
    to: "return right.length > 0 ? undefined : right;",
  },
  {
    name: "cold start: those who are missing are not waited for",
    file: coldStart,
    from: "const missing = needed.members.filter(({ id }) => !isThere(start, id));",
    to: "const missing = needed.members.filter(({ id }) => !isThere(start, id) && id < 0);",
  },
  {
    name: "cold start: an older view than the last is taken for it",
    file: coldStart,
    from: "const v = Math.max(0, ...all.map(({ highest }) => highest.v));",
    to: "const v = Math.min(...all.map(({ highest }) => highest.v).filter((v) => v > 0));",
  },
  {
    name: "cold start: what was only accepted does not count",
    file: recovery,
    from: "= accepted?.decision ?? {",
    to: "= (accepted && undefined) ?? {",
  },
  {
    name: "cold start: of several proposals of one view the first one counts",
    file: coldStart,
    from: "installed.length > 0 ? installed : last",
    to: "installed.length > 0 ? installed : last.slice(0, 1)",
  },
];
