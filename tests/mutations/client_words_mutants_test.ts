/** No client can say what members have sealed: if a replica takes it, a check fails that the sound replica passes. */

import { assertEquals, assertRejects } from "@std/assert";
import type { ReplicaServer } from "../../src/net/replica/replica_server.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { RawClient } from "../net/raw_client.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const mutant: Mutant = {
  name: "V12: a client is believed like a member",
  file: "net/replica/replica_server.ts",
  from: "      default:\n        this.#lost(id);\n",
  to: '      case "SEALED":\n      case "DISPUTED":\n      case "STATED":\n' +
    '        return this.#step({ kind: "fromPeer", from: 1, message });\n' +
    "      default:\n        this.#lost(id);\n",
};

const segment = { kind: 1, number: 1, redacted: 0, digest: new Uint8Array(32) };
const words = [
  { kind: "SEALED", segments: [segment] },
  { kind: "DISPUTED", v: 1, places: [segment] },
  { kind: "STATED", v: 1, segments: [segment] },
] as const;

/** A client that says what only members say loses its link for that, and not for what it says next. */
async function check(server?: typeof ReplicaServer): Promise<void> {
  const cluster = await LocalCluster.start({ replicas: 2, server });
  try {
    for (const message of words) {
      const client = await RawClient.greet(cluster.ports[0]);
      client.send(message);
      client.hello();
      assertEquals(await client.refusal(), `${message.kind} is not a message that a client sends`);
      const stranger = await RawClient.connect(cluster.ports[0]);
      stranger.send(message);
      assertEquals(await stranger.refusal(), `${message.kind} came on a link for a session`);
    }
    assertEquals(cluster.servers.map((server) => server.status().v), [1, 1]);
  } finally {
    cluster.close();
  }
}

testNeeding(["net", "read"], "a client that says what members have sealed is refused", () => check());

testNeeding(["net", "read"], `mutant "${mutant.name}" is caught`, async () => {
  const modules = changedModules((text, file) => file === `src/${mutant.file}` ? mutated(text, mutant) : text);
  const { ReplicaServer: Server } = modules(`src/${mutant.file}`);
  await assertRejects(() => check(Server as typeof ReplicaServer), Error, "HELLO came twice");
});
