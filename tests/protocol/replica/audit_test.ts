/** When digests differ, the audit finds the broken replica. */

import { assertEquals, assertMatch } from "@std/assert";
import { ByteReader, ByteWriter } from "../../../src/bytes.ts";
import { Audit } from "../../../src/protocol/replica/audit.ts";
import type { StateMachine } from "../../../src/state_machine.ts";
import type { Restoring, Snapshot } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { Violation } from "../../simulator/history.ts";
import { World } from "../../simulator/world.ts";

const at = (digest: number, v = 2) => ({ v, requests: 9, digest });

function audit(self: number, digest: number, others: Readonly<Record<number, number>>): Audit {
  const audit = new Audit(self, at(digest));
  for (const [id, other] of Object.entries(others)) audit.heard(Number(id), at(other));
  return audit;
}

Deno.test("Audit.finding() waits for every member, and is content if all are the same", () => {
  assertEquals(audit(0, 5, { 1: 6 }).finding([0, 1, 2]), undefined);
  assertEquals(audit(0, 5, { 1: 5, 2: 5 }).finding([0, 1, 2]), undefined);
  assertEquals(audit(0, 5, {}).finding([0]), undefined);
});

Deno.test("Audit.finding() says who is right to the smaller party, and to it alone", () => {
  assertEquals(audit(0, 6, { 1: 5, 2: 5 }).finding([0, 1, 2]), { right: [1, 2], digest: 5, isTie: false });
  assertEquals(audit(1, 5, { 0: 6, 2: 5 }).finding([0, 1, 2]), undefined);
  assertEquals(audit(0, 6, { 1: 5 }).finding([0, 1]), undefined);
  const finding = audit(3, 7, { 0: 6, 1: 5, 2: 6, 64: 5 }).finding([0, 1, 2, 3, 64]);
  assertEquals(finding, { right: [0, 2], digest: 6, isTie: false });
});

Deno.test("Audit.finding() knows when nothing says who is broken", () => {
  assertEquals(audit(1, 5, { 0: 6 }).finding([0, 1]), { right: [0], digest: 6, isTie: true });
  assertEquals(audit(64, 5, { 0: 6, 1: 5, 2: 6 }).finding([0, 1, 2, 64]), { right: [0, 2], digest: 6, isTie: true });
  assertEquals(audit(2, 7, { 0: 5, 1: 6 }).finding([0, 1, 2]), { right: [0], digest: 5, isTie: true });
});

Deno.test("Audit.heard() does not take a digest of another view", () => {
  const audit = new Audit(1, at(5));
  audit.heard(0, at(6, 1));
  assertEquals(audit.finding([0, 1]), undefined);
  audit.heard(0, at(6));
  assertEquals(audit.finding([0, 1])?.right, [0]);
});

Deno.test("Audit.finding() is the same at all members, also if some have failed since: so never all stop", () => {
  // The broken one has the smallest number, and has stopped. Then one of the others fails.
  assertEquals(audit(0, 6, { 1: 5, 2: 5 }).finding([0, 1, 2])?.right, [1, 2]);
  assertEquals(audit(1, 5, { 0: 6, 2: 5 }).finding([0, 1, 2]), undefined);
  // That one fails before it has said anything to this one, and after it has to the broken one.
  assertEquals(audit(1, 5, { 0: 6 }).finding([0, 1, 2]), undefined);
});

/** A bit flips in its memory after the third command. */
class FlippingMachine implements StateMachine {
  readonly #machine = new DigestMachine();
  #applied = 0;

  apply(commands: Uint8Array): Uint8Array {
    if (++this.#applied === 3) {
      const writer = new ByteWriter(8);
      writer.varint(new ByteReader(this.#machine.snapshot()).varint() ^ 1);
      this.#machine.restore(writer.view());
    }
    return this.#machine.apply(commands);
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    return this.#machine.read(commands);
  }

  freeze(): Snapshot {
    return this.#machine.freeze();
  }

  restoring(): Restoring {
    return this.#machine.restoring();
  }

  get lastEntry(): number {
    return this.#machine.lastEntry;
  }

  entriesAfter(): undefined {
    return this.#machine.entriesAfter();
  }
}

/**
 * One bit flips in the memory of the second replica, and later the last replica fails.
 *
 * @param replicas how many there are.
 * @returns why the second one halts.
 */
function haltOf(replicas: number, durable = false): string {
  let started = 0;
  const world = new World({
    replicas,
    durable,
    machine: () => ++started === 2 ? new FlippingMachine() : new DigestMachine(),
  });
  // What clients saw of it is not checked here: it is the answerer of some of them.
  world.history.executed = () => {};
  world.history.output = () => {};
  world.history.standing = () => {};
  const client = world.addClient("a".repeat(32), "c1");
  for (const address of client.core.wanted()) world.connect(client, address);
  const settle = () => {
    for (let turn = 0; turn < 200; turn++) {
      world.turnOfAll();
      for (const deliver of world.deliverable()) deliver();
    }
  };
  for (let count = 0; count < 5; count++) {
    world.submit(client);
    settle();
  }
  const [broken, dead] = [world.replicas[1], world.replicas[replicas - 1]];
  assertEquals(broken.core.status().executed, 5);
  world.crashReplica(dead, () => 0);
  for (const replica of world.living) world.say(replica, dead);
  let halted = "";
  try {
    settle();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    halted = error.message;
  }
  return halted;
}

const where = (others: string) =>
  `replica 1 halted: it has executed something else than replica ${others}: at the start of view 2, after 5 ` +
  `requests, its digest was [0-9a-f]{14}, and that of replica ${others} [0-9a-f]{14}; it is at index 5, ` +
  "uid \\(\\d+, a{32}\\)";

Deno.test("a replica whose memory has a flipped bit stops at the start of the next view, and says where it was", () => {
  assertMatch(haltOf(4), new RegExp(`^${where("0 and 2")}$`));
});

Deno.test("of two replicas that differ, the one that stops says that either may be broken, and how to decide", () => {
  const either =
    ". Either may be the broken one: replica 0 continues only because its number is smaller. Compare what it " +
    "shows now with a backup, the published data, or the logs of both; if replica 0 is wrong, ";
  assertMatch(haltOf(3), new RegExp(`^${where("0")}${either}stop the cluster and begin again from a backup$`));
  assertMatch(
    haltOf(3, true),
    new RegExp(
      `^${where("0")}${either}type quit, move the files of the other replicas away, and start with --force-from 1, `,
    ),
  );
});
