/** How a session comes back: to replicas whose links it has lost, and to a cluster that knows it no more. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/session.ts";
import { correct, emptyOutput, fakeCluster, FakeReplica } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress, Notices } from "../notices.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";
const command = Uint8Array.of(1);

function outcome(set: Promise<unknown>): Promise<unknown> {
  return within("an outcome", set);
}

testNeeding(["net"], "Session continues in a cluster that was started from scratch at its addresses", async () => {
  const first = await LocalCluster.start({ replicas: 2 });
  const notices = new Notices();
  const session = await Session.connect(first.addresses, notices.options);
  const client = new VaxlogClient(session);
  await client.set(harvard, 7);
  first.kill(0);
  await client.set(harvard, 8);
  first.close();
  await notices.notice("unreachable");
  const second = await LocalCluster.start({ replicas: 2, ports: first.ports });
  const { message } = await notices.notice("restarted");
  assertStringIncludes(
    message,
    "Another cluster has replaced the one before: it began empty or from a backup",
  );
  assertEquals(await outcome(client.view(harvard)), {
    kind: "site",
    site: { id: 1, name: harvard, zip: "02138", availability: 0, observedAt: 0 },
    hasDocument: false,
    index: 0,
  });
  assertEquals(notices.kinds, ["failed", "unreachable", "restarted"]);
  await session.close();
  second.close();
});

testNeeding(["net"], "Session notices a cluster that was started from scratch, though never out of reach", async () => {
  const anew = "ae".repeat(16);
  const fake = new FakeReplica((message, link, n, fake) => {
    if (n === 0) {
      if (message.kind === "REQUEST" && message.seq === 2) link.abort();
      else correct(message, link, n, fake);
    } else if (message.kind === "HELLO" && message.cluster === fakeCluster) {
      link.send({ kind: "REFUSED", reason: "this is another cluster", cluster: anew });
      link.close();
    } else if (message.kind === "HELLO") {
      link.send(fake.view({ cluster: anew }));
    } else {
      correct(message, link, n, fake);
    }
  });
  const notices = new Notices();
  const session = await Session.connect([fake.address], notices.options);
  await outcome(session.submit(command, 8));
  const error = await outcome(assertRejects(() => session.submit(command, 8), OutcomeUnknownError));
  assertStringIncludes(String(error), "OutcomeUnknownError");
  await notices.notice("restarted");
  assertEquals((await within("an answer", session.submit(command, 8))).index, 1, "of a new session");
  await session.close();
  fake.die();
});

testNeeding(
  ["net"],
  "Session asks a replica again that was dead before, when the last one dies that it knew",
  async () => {
    const restarted = deadAddress();
    const first = new FakeReplica(correct);
    const notices = new Notices();
    const session = await Session.connect([first.address, restarted], notices.options);
    await session.submit(command, 8);
    // It is a member by now, and the client has not heard of it.
    const second = new FakeReplica((message, link, _, fake) => {
      const v = 2;
      const members = [{ id: 65, address: fake.address }];
      if (message.kind === "HELLO") link.send(fake.view({ v, from: 65, members, base: 1 }));
      if (message.kind === "RESUME") link.send({ kind: "READY", v, floor: 9, pace: 1 });
      if (message.kind !== "REQUEST") return;
      link.send(emptyOutput(message, v));
    }, Number(restarted.split(":")[1]));
    first.die();
    const { index } = await outcome(session.submit(command, 8)) as { index: number };
    assertEquals([index, notices.kinds.includes("unreachable")], [2, false]);
    await session.close();
    second.die();
  },
);

testNeeding(["net"], "Session makes a link that was lost again, and sends on", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind === "RESUME" && n < 3) link.close();
    else correct(message, link, n, fake);
  });
  const notices = new Notices();
  const session = await Session.connect([fake.address], notices.options);
  assertEquals((await within("an answer", session.submit(command, 8))).index, 1);
  assertEquals([fake.links, notices.kinds], [4, []]);
  await session.close();
  fake.die();
});

testNeeding(["net"], "Session comes back to a replica that gave it a view and refused it later", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind === "REQUEST" && n < 2) {
      link.send({ kind: "REFUSED", reason: "others have waited for it for 2000 ms", cluster: undefined });
      link.close();
    } else if (message.kind === "HELLO" && n > 0) {
      link.send(fake.view({ v: n + 1 }));
    } else if (message.kind === "RESUME") {
      link.send({ kind: "READY", v: n + 1, floor: 0, pace: 1 });
    } else if (message.kind === "REQUEST") {
      link.send(emptyOutput(message, n + 1));
    } else {
      correct(message, link, n, fake);
    }
  });
  const notices = new Notices();
  const session = await Session.connect([fake.address], notices.options);
  assertEquals((await within("an answer", session.submit(command, 8))).index, 1);
  assertEquals([fake.links, notices.kinds], [3, []]);
  await session.close();
  fake.die();
});

testNeeding(["net"], "Session leaves a replica whose clock has come to an end, and keeps its own", async () => {
  const end = Number.MAX_SAFE_INTEGER;
  for (
    const last of [
      { kind: "READY", v: 1, floor: end, pace: 1 },
      { kind: "OUTPUT", v: 1, clock: end, seq: 0, index: 1, outputs: new Uint8Array(0) },
      { kind: "NUDGE", v: 1, ts: end },
    ] as const
  ) {
    const fake = new FakeReplica((message, link, n, fake) => {
      if (message.kind === "RESUME" && n === 0) link.send(last);
      else correct(message, link, n, fake);
    });
    const session = await Session.connect([fake.address]);
    const error = await outcome(assertRejects(() => session.submit(command, 8), NotExecutedError));
    assertStringIncludes(String(error), `sent ${last.kind}, which no replica sends to a client`);
    await session.close();
    fake.die();
  }
});

testNeeding(["net"], "Session opens itself again where the replicas have forgotten it", async () => {
  // It answers one request, and says later that it knows the session no more.
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind === "REQUEST" && n === 0 && message.seq === 2) return link.abort();
    if (message.kind === "HELLO" && n > 0) return link.send(fake.view({ v: 2, forgot: 2 }));
    if (message.kind === "RESUME") return link.send({ kind: "READY", v: n === 0 ? 1 : 2, floor: 0, pace: 1 });
    correct(message, link, n, fake);
  });
  const notices = new Notices();
  const session = await Session.connect([fake.address], notices.options);
  await outcome(session.submit(command, 8));
  const error = await outcome(assertRejects(() => session.submit(command, 8), OutcomeUnknownError));
  assertStringIncludes(String(error), "expired");
  await notices.notice("expired");
  await session.close();
  fake.die();
});
