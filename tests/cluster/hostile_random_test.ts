/**
 * Clients that say anything at any time, beside two that are correct: the replicas must agree, and the two be served.
 */

import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { batchOf, newSecret, RawClient } from "../net/raw_client.ts";
import { within } from "../net/within.ts";
import { Random } from "../../src/simulator/random.ts";
import { Session } from "../net/admitted.ts";

const harvard = "Harvard University";

// Sessions that are opened again and again, by one while another still holds them.
const sharedSecrets = [newSecret(), newSecret()];

const commands = batchOf({ kind: "set", name: harvard, value: true, recordedAt: 1 });

/** Says some things in a row to one replica, and is gone. */
async function rave(random: Random, port: number): Promise<void> {
  const secret = random.chance(0.5) ? newSecret() : random.pick(sharedSecrets);
  const client = await RawClient.connect(port, secret);
  const small = () => random.pick([0, 1, 2, 3, 5, 64, 65, 1000]);
  const view = () => random.chance(0.9) ? client.v : random.below(6);
  if (random.chance(0.95)) client.hello({ done: random.chance(0.8) ? 0 : small() });
  // It may be told nothing: while its session is barred, or if it has not said who it is.
  if (random.chance(0.8)) await aMoment();
  if (client.received.items.some(({ kind }) => kind === "VIEW")) await client.view();
  let ts = random.below(100_000);
  let seq = 0;
  for (let count = random.below(20); count > 0; count--) {
    ts = random.chance(0.95) ? ts + random.below(5) : random.below(2 ** 40);
    const fields = { v: view(), ts, done: random.chance(0.9) ? 0 : small() };
    switch (random.below(5)) {
      case 0:
        client.resume(fields);
        break;
      case 1:
      case 2:
        seq = random.chance(0.9) ? seq + 1 : small();
        client.request({ ...fields, seq, end: random.chance(0.05), commands: random.chance(0.95) ? commands : empty });
        break;
      case 3:
        client.clock({ ...fields, suspend: random.chance(0.2) });
        break;
      case 4:
        await aMoment();
    }
  }
  if (random.chance(0.5)) client.die();
  else await client.leave();
}

const empty = new Uint8Array();

/** Some turns of the event loop. */
async function aMoment(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  testNeeding(["net"], `Replicas agree beside clients that say anything, with seed ${seed}`, async () => {
    const random = new Random(seed);
    const cluster = await LocalCluster.start({ replicas: random.between(2, 3) });
    const sessions = await Promise.all([1, 2].map(() => Session.connect(cluster.addresses)));
    let isOver = false;
    const loops = sessions.map(async (session) => {
      const client = new VaxlogClient(session);
      let value = 0;
      while (!isOver) {
        const outcome = await within("an answer beside hostile clients", client.set(harvard, value++));
        assertEquals(outcome.kind, "site");
      }
    });
    const raving = (async () => {
      for (let count = 0; count < 40; count++) await rave(random, random.pick(cluster.ports));
    })();
    await Promise.all([raving.finally(() => isOver = true), ...loops]);
    await Promise.all(sessions.map((session) => session.close()));
    const [log, ...others] = cluster.servers.map((_, id) => cluster.logOf(id));
    for (const other of others) {
      const length = Math.min(log.length, other.length);
      assertEquals(other.slice(0, length), log.slice(0, length));
    }
    assertEquals(cluster.events.items.filter(({ kind }) => kind === "halt"), []);
    cluster.close();
  });
}
