/** What replicas have said is held against their disks. */

import { assertThrows } from "@std/assert";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { recover, type Recovered } from "../../src/protocol/replica/recovery.ts";
import { Replica } from "../../src/protocol/replica/replica.ts";
import { allOf } from "../../src/snapshot.ts";
import { DigestMachine } from "./digest_machine.ts";
import { Violation } from "./history.ts";
import { Sayings } from "./sayings.ts";

const client = "a".repeat(32);
const ballot = { n: 1, id: 0 };
const decision = { v: 2, members: [], clock: 0, cut: [], expired: [] };

/** The disk of a replica that has just been started. */
function recovered(): Recovered {
  const machine = new DigestMachine();
  const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
  const [first] =
    new Replica({ id: 0, cluster: "c".repeat(32), key: "0".repeat(64), members, machine, durable: true }).ready()
      .writes;
  if (first.kind !== "checkpoint") throw new Error("it begins with a checkpoint");
  return recover({ machine, checkpoint: [allOf(first.snapshot)], rows: [] });
}

const cases: readonly [word: string, message: Message][] = [
  ["that it has received request 1", {
    kind: "RECEIVED",
    v: 1,
    receipts: [{ client, seq: 1, ts: 1, sum: 0 }],
    upTo: { ts: 1, client },
  }],
  ["REPORT", { kind: "PREPARE", v: 1, ballot }],
  ["REPORT", { kind: "ACCEPTED", v: 1, ballot }],
  ["REPORT", { kind: "ACCEPT", v: 1, ballot, decision }],
  ["that it is in view 2", { kind: "DIGEST", position: { v: 2, requests: 0, digest: 0 } }],
  ["that it has executed 3 requests", { kind: "DIGEST", position: { v: 1, requests: 3, digest: 0 } }],
];

for (const [word, message] of cases) {
  Deno.test(`Sayings.check() misses ${message.kind} of which the disk does not know`, () => {
    const sayings = new Sayings();
    sayings.check("r0", recovered());
    sayings.hear(0, message);
    assertThrows(() => sayings.check("r0", recovered()), Violation, `r0 has said ${word}`);
  });
}

Deno.test("Sayings.check() misses the value where the disk knows only the promise", () => {
  const sayings = new Sayings();
  sayings.hear(0, { kind: "ACCEPTED", v: 1, ballot });
  const disk = recovered();
  disk.promised = ballot;
  assertThrows(() => sayings.check("r0", disk), Violation, "r0 has said ACCEPTED");
});

Deno.test("Sayings.check() misses a clone, unless a donor of a later view had begun before it was said", () => {
  const cloned = { kind: "STATE_OK", v: 1, ballot } as const;
  const disk = recovered();
  disk.isMember = false;
  const sayings = new Sayings();
  sayings.fed(0, 1);
  sayings.hear(0, cloned);
  assertThrows(() => sayings.check("r0", disk), Violation, "r0 has said STATE_OK");
  sayings.fed(0, 2);
  sayings.check("r0", disk);
  // Both came in one turn, and what was said for the one goes out after the other.
  sayings.hear(0, cloned);
  sayings.check("r0", disk);
});
