import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { frameBytesMax, timestampMax, wireVersion } from "../../src/limits.ts";
import { readOutput } from "../../src/database/wire/outputs.ts";
import { itemsOf } from "../../src/batch.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { batchOf, newSecret, RawClient } from "../net/raw_client.ts";
import { within } from "../net/within.ts";
import { admissionWithinMs } from "../../src/net/link.ts";
import { helloWithinMs } from "../../src/net/server/reception.ts";
import { Session } from "../net/admitted.ts";

const harvard = "Harvard University";

/** Declares a test of an attack on a cluster of two: whatever happens, both replicas serve others afterwards. */
function attack(name: string, fn: (cluster: LocalCluster) => Promise<void>): void {
  testNeeding(["net"], `Replica survives ${name}`, async () => {
    const cluster = await LocalCluster.start({ replicas: 2 });
    try {
      await fn(cluster);
      await assertServes(cluster);
    } finally {
      cluster.close();
    }
  });
}

/** A client that knows nothing of all this is served by both replicas. */
async function assertServes(cluster: LocalCluster): Promise<void> {
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  for (const value of [1, 2]) {
    const outcome = await within("the answer to another client", client.set(harvard, value));
    assertEquals(outcome.kind, "site");
  }
  await session.close();
  // The members that are not the answerer execute a little later.
  await within("the same log at both", areEqual(cluster));
  const [first, second] = cluster.servers.map((server) => server.status());
  assertEquals([first.v, first.members, first.executed], [second.v, [0, 1], second.executed]);
  const [log, other] = [cluster.logOf(0), cluster.logOf(1)];
  assertEquals(log, other);
}

async function areEqual(cluster: LocalCluster): Promise<void> {
  while (cluster.logOf(0).length !== cluster.logOf(1).length) await new Promise((turn) => setTimeout(turn, 1));
}

/** A connection that can send bytes that are not a message. */
async function plainConnection(cluster: LocalCluster): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port: cluster.ports[0] });
}

/** All that comes by a connection until it ends, as text. */
async function readText(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const bytes = new Uint8Array(4096);
  const decoder = new TextDecoder();
  for (;;) {
    const count = await connection.read(bytes);
    if (count === null) return text;
    text += decoder.decode(bytes.subarray(0, count), { stream: true });
  }
}

for (
  const [what, bytes, reason] of [
    ["a web browser", [...new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")], "over the bound"],
    ["a TLS client", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], "over the bound"],
    ["an empty frame", [0, 0, 0, 0], "a frame is empty"],
    ["a frame over the bound of strangers", [0, 0, 4, 1], "a frame of 1025 bytes is over the bound"],
    ["a stranger's message of an unknown kind", [0, 0, 0, 1, 0x77], "no message before ADMITTED has the code 119"],
    ["a GREET that ends too early", [0, 0, 0, 2, 1, wireVersion], 'GREET: field "purpose": the bytes end too early'],
    ["a HELLO before GREET", [0, 0, 0, 3, 0x0b, wireVersion, 0], "no message before ADMITTED has the code 11"],
    ["a PROOF before GREET", [0, 0, 0, 34, 0x0c, 0, ...new Array(32).fill(7)], "PROOF came where GREET was expected"],
    [
      "a client of the version before",
      [0, 0, 0, 3, 1, 8, 0],
      `GREET: it speaks version 8 of the wire protocol, and this is version ${wireVersion}`,
    ],
    [
      "a PEER of another version",
      [0, 0, 0, 3, 0x21, 200, 1],
      `PEER: it speaks version 200 of the wire protocol, and this is version ${wireVersion}`,
    ],
  ] as const
) {
  attack(what, async (cluster) => {
    const connection = await plainConnection(cluster);
    await connection.write(new Uint8Array(bytes));
    assertStringIncludes(await within("the reason", readText(connection)), reason);
    connection.close();
  });
}

for (
  const [what, bytes, reason] of [
    ["a frame over the bound", [0, 0x10, 4, 1], `a frame of ${frameBytesMax + 1} bytes is over the bound`],
    ["an empty frame of somebody who was let in", [0, 0, 0, 0], "a frame is empty"],
    ["a message of an unknown kind", [0, 0, 0, 1, 0x77], "no message has the code 119"],
    ["a HELLO that ends too early", [0, 0, 0, 2, 0x0b, wireVersion], 'HELLO: field "cluster": the bytes end too early'],
    [
      "a HELLO of another version",
      [0, 0, 0, 3, 0x0b, 99, 0],
      `HELLO: it speaks version 99 of the wire protocol, and this is version ${wireVersion}`,
    ],
    [
      "a second GREET",
      [0, 0, 0, 35, 1, wireVersion, 0, ...new Array(32).fill(7)],
      "GREET came on a link for a session",
    ],
  ] as const
) {
  attack(what, async (cluster) => {
    const client = await RawClient.connect(cluster.ports[0]);
    await client.admitted();
    await client.write(new Uint8Array(bytes));
    assertStringIncludes(await client.refusal(), reason);
  });
}

attack("random bytes", async (cluster) => {
  for (let round = 0; round < 50; round++) {
    const connection = await plainConnection(cluster);
    // Half of them begin as a frame of the right size does.
    const bytes = crypto.getRandomValues(new Uint8Array(2000));
    if (round % 2 === 0) bytes.set([0, 0, 7, 0xcc]);
    await connection.write(bytes);
    assert((await within("the reason", readText(connection))).length > 0, bytes.toHex());
    connection.close();
  }
});

attack("half a frame and then the end", async (cluster) => {
  for (const bytes of [[0], [0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0, 1, wireVersion]]) {
    const connection = await plainConnection(cluster);
    await connection.write(new Uint8Array(bytes));
    await connection.closeWrite();
    assertEquals(await within("the end", readText(connection)), "");
    connection.close();
  }
});

attack("a thousand connections that come and go", async (cluster) => {
  for (let round = 0; round < 10; round++) {
    const connections = await Promise.all(Array.from({ length: 100 }, () => plainConnection(cluster)));
    for (const connection of connections) connection.close();
  }
});

attack("a thousand sessions that open and say nothing more", async (cluster) => {
  for (let round = 0; round < 10; round++) {
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.greet(cluster.ports[0])));
    for (const client of clients) client.die();
  }
});

attack("a link that says nothing, or half a GREET, or nothing more than who it is", async (cluster) => {
  const setTimer = globalThis.setTimeout;
  // A test has not the time that a stranger is given.
  const setSoon = (ring: () => void, ms: number) =>
    setTimer(ring, ms === helloWithinMs || ms === admissionWithinMs ? 20 : ms);
  globalThis.setTimeout = Object.assign(setSoon, setTimer);
  try {
    const client = await RawClient.connect(cluster.ports[0]);
    assertEquals(await client.refusal(), `it did not show who it is within ${admissionWithinMs} ms`);
    const admitted = await RawClient.connect(cluster.ports[0]);
    await admitted.admitted();
    assertEquals(await admitted.refusal(), `it did not say what for within ${helloWithinMs} ms`);
    const connection = await plainConnection(cluster);
    await connection.write(Uint8Array.of(0, 0, 1, 0, 1));
    assertStringIncludes(await within("the reason", readText(connection)), "it did not show who it is within");
    connection.close();
  } finally {
    globalThis.setTimeout = setTimer;
  }
});

for (
  const [what, message] of [
    ["RESUME", { kind: "RESUME", v: 1, ts: 0, done: 0 }],
    ["NUDGE", { kind: "NUDGE", v: 1, ts: 1 }],
    ["PREPARE", { kind: "PREPARE", v: 1, ballot: { n: 9, id: 1 } }],
    ["INSTALL", { kind: "INSTALL", decision: { v: 2, members: [], clock: 0, cut: [], expired: [] } }],
  ] as const satisfies readonly [string, Message][]
) {
  attack(`a link for a session that begins with ${what}`, async (cluster) => {
    const client = await RawClient.connect(cluster.ports[0]);
    client.send(message);
    assertEquals(await client.refusal(), `${what} came on a link for a session`);
  });
  if (what === "RESUME") continue;
  attack(`a client that says ${what}`, async (cluster) => {
    const client = await RawClient.greet(cluster.ports[0]);
    client.send(message);
    assertEquals(await client.refusal(), `${what} is not a message that a client sends`);
  });
}

attack("forged members of the mesh", async (cluster) => {
  const peer = { kind: "PEER", version: wireVersion, cluster: cluster.id, from: 1, to: 0 } as const;
  const stranger = "PEER: it is not a replica of this cluster";
  for (
    const [forged, reason] of [
      [{ ...peer, cluster: "00".repeat(16) }, stranger],
      [{ ...peer, from: 0 }, stranger],
      // One that knows the key, and dials where another one listened before.
      [{ ...peer, from: 2, to: 1 }, "PEER: it is for replica 1, and this is replica 0"],
      [{ ...peer, from: 2, to: 2 ** 40 }, `PEER: it is for replica ${2 ** 40}, and this is replica 0`],
    ] as const
  ) {
    const client = await RawClient.connect(cluster.ports[0], undefined, cluster);
    client.send(forged);
    client.send({ kind: "PREPARE", v: 1, ballot: { n: 9, id: 1 } });
    assertEquals(await client.refusal(), reason);
  }
  // Without the key, nothing of it is read.
  for (const key of ["00".repeat(32), "ab".repeat(31) + "ac"]) {
    const client = await RawClient.connect(cluster.ports[0], undefined, { key });
    client.send(peer);
    assertEquals(await client.refusal(), "it is not a replica of this cluster");
  }
  // Even one that knows the key cannot take the place of one that is there.
  const client = await RawClient.connect(cluster.ports[0], undefined, cluster);
  client.send(peer);
  assertEquals(await client.refusal(), "PEER: a link between replicas is made only once");
});

attack("a client of another cluster", async (cluster) => {
  const client = await RawClient.connect(cluster.ports[0]);
  const other = "00".repeat(16);
  client.hello({ cluster: other });
  const refused = await client.next("REFUSED");
  assertEquals(refused.cluster, cluster.id);
  assertEquals(refused.reason, `this is cluster "${cluster.id}", not "${other}"`);
  await client.closed.promise;
});

attack("a second HELLO", async (cluster) => {
  const client = await RawClient.greet(cluster.ports[0]);
  client.hello();
  assertEquals(await client.refusal(), "HELLO came twice");
});

attack("a session that links to it again and again", async (cluster) => {
  const secret = newSecret();
  let { client } = await RawClient.join(cluster.ports[0], secret);
  for (let round = 0; round < 20; round++) {
    const newer = await RawClient.connect(cluster.ports[0], secret);
    newer.hello();
    assertEquals(await client.refusal(), "a newer link of the session has taken its place");
    await newer.view();
    client = newer;
  }
  client.die();
});

attack("messages before RESUME", async (cluster) => {
  const requests = await RawClient.greet(cluster.ports[0]);
  requests.request({ seq: 1 });
  assertEquals(await requests.refusal(), "REQUEST 1: it came before RESUME");
  const clocks = await RawClient.greet(cluster.ports[0]);
  clocks.clock({});
  assertEquals(await clocks.refusal(), "CLOCK came before RESUME");
});

for (
  const [what, reason, fields, upto = 1] of [
    ["a request that comes twice", "REQUEST 1: 2 was expected", { seq: 1 }],
    ["a gap between requests", "REQUEST 3: 2 was expected", { seq: 3 }],
    ["a request 0", "REQUEST 0: 2 was expected", { seq: 0 }],
    ["a timestamp that stands still", "REQUEST 2: its timestamp 1 is not above 1", { seq: 2, ts: 1 }],
    ["a promise below the timestamp", "REQUEST 2: it has the timestamp 5 and promises 4", { seq: 2, ts: 5, upto: 4 }],
    ["a timestamp that was promised", "REQUEST 2: its timestamp 3 is not above 9", { seq: 2, ts: 3 }, 9],
    ["done above what was sent", "REQUEST 2: done 2 cannot be", { seq: 2, done: 2 }],
    ["a request without commands", "REQUEST 2: it has no commands", { seq: 2, commands: new Uint8Array() }],
    ["the end of a session with commands", "REQUEST 2: the end of a session has commands", { seq: 2, end: true }],
    [
      "a promise that leaves no timestamps",
      `REQUEST 2: it has the timestamp 2 and promises ${timestampMax + 1}`,
      { seq: 2, upto: timestampMax + 1 },
    ],
    ["the last timestamp of all", "and promises", { seq: 2, ts: Number.MAX_SAFE_INTEGER }],
  ] as const
) {
  attack(what, async (cluster) => {
    const { client } = await RawClient.join(cluster.ports[0]);
    client.request({ seq: 1, ts: 1, upto });
    client.request({ ts: 2, ...fields });
    assertStringIncludes(await client.refusal(), reason);
  });
}

for (
  const [what, reason, fields] of [
    ["CLOCK with done above what was sent", "CLOCK: done 2 cannot be", { done: 2 }],
    ["CLOCK that suspends too early", "CLOCK: it suspends before it has all outputs", { suspend: true }],
    ["CLOCK far ahead", `CLOCK: timestamp ${timestampMax + 1} is too large`, { ts: timestampMax + 1 }],
  ] as const
) {
  attack(what, async (cluster) => {
    const { client } = await RawClient.join(cluster.ports[0]);
    client.request({ seq: 1, ts: 1 });
    client.clock({ ts: 2, ...fields });
    assertStringIncludes(await client.refusal(), reason);
  });
}

attack("requests after the end of the session", async (cluster) => {
  const { client } = await RawClient.join(cluster.ports[0]);
  client.request({ seq: 1, ts: 1 });
  client.request({ seq: 2, ts: 2, end: true, commands: new Uint8Array() });
  client.request({ seq: 3, ts: 3 });
  assertEquals(await client.refusal(), "REQUEST 3: it came after the end of the session");
});

attack("a batch that is none, and one of too many commands", async (cluster) => {
  for (const commands of [Uint8Array.of(5, 1), new Uint8Array(100_000)]) {
    const { client } = await RawClient.join(cluster.ports[0]);
    client.request({ commands });
    assertStringIncludes(await client.refusal(), 'REQUEST: field "commands":');
  }
});

testNeeding(["net"], "Replica answers commands that make no sense, and changes nothing for them", async () => {
  // A replica that is alone executes at once.
  const alone = await LocalCluster.start({ replicas: 1 });
  const { client } = await RawClient.join(alone.ports[0]);
  const nonsense = [[], [0], [99], [3], [3, 200, 1], [4, 4, 2, 0xff, 0xfe, 0xff, 0xff], [2, 1, 65, 7]];
  client.request({ commands: Uint8Array.from(nonsense.flatMap((bytes) => [bytes.length, ...bytes])) });
  const { outputs } = await client.next("OUTPUT");
  const statuses = [...itemsOf(outputs)].map((output) => readOutput(output).status);
  assertEquals(statuses, nonsense.map(() => "invalid"));
  client.request({ seq: 2, ts: 2, commands: batchOf({ kind: "list-page" }) });
  const [page] = itemsOf((await client.next("OUTPUT")).outputs);
  const output = readOutput(page);
  assertEquals(output.status === "page" && output.sites, [{ name: harvard, zip: "02138", availability: 0 }]);
  client.die();
  alone.close();
});
