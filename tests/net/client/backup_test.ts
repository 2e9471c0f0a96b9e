/** How a client gets a copy, whatever the replicas do. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { Sites } from "../../database/store/machine.ts";
import { copyBytesMax, CopyError, type CopyOptions } from "../../../src/net/client/backup.ts";
import type { Link } from "../../../src/net/link.ts";
import { countItems } from "../../../src/batch.ts";
import type { Message, MessageOf } from "../../../src/protocol/wire/messages.ts";
import { fakeCluster, FakeReplica, type Script } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress } from "../notices.ts";
import { within } from "../within.ts";
import { despiteFault } from "./despite.ts";
import { fetchWhole } from "./fetched.ts";
import { Session } from "../admitted.ts";

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);

/** The copy, in three parts. */
const whole = { executed: 9, bytes, state: bytes.slice(0, 3) };

/** A piece of 3 bytes of a copy of 7. */
function pieceAt(offset: number, fields: Partial<MessageOf<"COPIED">> = {}): MessageOf<"COPIED"> {
  const part = bytes.slice(offset, offset + 3);
  return {
    kind: "COPIED",
    cluster: fakeCluster,
    executed: 9,
    offset,
    estimate: 7,
    final: offset === 6,
    part: 1 + offset / 3,
    bytes: part,
    ...fields,
  };
}

/** Gives a copy as it should be given. */
function give(message: Message, link: Link): void {
  if (message.kind === "COPY") link.send(pieceAt(message.offset));
}

/** Fetches from fakes, the last of which is asked first. */
function fetchFrom(
  fakes: readonly (FakeReplica | string)[],
  more: Partial<Omit<CopyOptions, "tokenAt">> = {},
  why: (bytes: Uint8Array) => string | undefined = () => undefined,
) {
  const addresses = fakes.map((fake) => typeof fake === "string" ? fake : fake.address);
  return within("a copy", fetchWhole({ cluster: fakeCluster, atLeast: 9, addresses: () => addresses, ...more }, why));
}

/** Fetches from a sound fake, and one that does what `script` says and is asked before; returns why that was left. */
function despite(script: Script, more: Partial<Omit<CopyOptions, "tokenAt">> = {}): Promise<string[]> {
  return despiteFault(give, script, async (fakes, onTrouble) => {
    assertEquals(await fetchFrom(fakes, { onTrouble, ...more }), whole);
  });
}

testNeeding(["net"], "fetchCopy() puts the pieces together, and tells how far it is", async () => {
  const fake = new FakeReplica(give);
  const progress: [number, number][] = [];
  const copy = await fetchFrom([fake], { onProgress: (done, total) => progress.push([done, total]) });
  assertEquals(copy, whole);
  assertEquals(progress, [[3, 7], [6, 7], [7, 7]]);
  assertEquals(fake.received.items.map((message) => message.kind === "COPY" && message.offset), [0, 3, 6]);
  fake.die();
});

testNeeding(["net"], "fetchCopy() begins again at another replica when one is lost", async () => {
  for (const when of [0, 3, 6]) {
    const troubles = await despite((message, link, n) => {
      if (message.kind === "COPY" && message.offset === when) link.abort();
      else give(message, link);
      assertEquals(n, 0);
    });
    assertEquals(troubles, ["closed the link"]);
  }
});

testNeeding(["net"], "fetchCopy() turns to another replica when one refuses, or is not what it should be", async () => {
  const refused = await despite((_, link) => {
    link.send({ kind: "REFUSED", reason: "COPY: not now", cluster: undefined });
    link.close();
  });
  assertEquals(refused, ["refused: COPY: not now"]);
  assertEquals(await despite((_, link, __, fake) => link.send(fake.view())), [
    "sent VIEW, which no replica sends for a copy",
  ]);
  assertEquals(await despite((_, link) => link.send(pieceAt(0, { cluster: "00".repeat(16) }))), [
    "is of another cluster",
  ]);
  assertEquals(await despite((_, link) => link.send(pieceAt(0, { estimate: copyBytesMax + 1 }))), [
    `has a copy of over ${copyBytesMax} bytes, which no replica can hold`,
  ]);
});

testNeeding(["net"], "fetchCopy() takes no piece that does not fit", async () => {
  const firsts = [{ offset: 1 }, { bytes: new Uint8Array() }, { part: 2 }, { part: 0 }];
  const seconds = [{ offset: 4 }, { offset: 0 }, { bytes: new Uint8Array() }, { part: 4 }, { part: 0 }];
  const others = [{ executed: 10 }, { cluster: "00".repeat(16) }];
  for (const [when, wrongs] of [[0, firsts], [3, [...seconds, ...others]]] as const) {
    for (const wrong of wrongs) {
      const troubles = await despite((message, link) => {
        if (message.kind !== "COPY") return;
        link.send(message.offset === when ? pieceAt(message.offset, wrong) : pieceAt(message.offset));
      });
      assertEquals(troubles, ["sent a piece that does not fit to the others"], JSON.stringify([when, wrong]));
    }
  }
});

testNeeding(["net"], "fetchCopy() takes a sound copy from another replica, and gives up if none has one", async () => {
  const other = bytes.slice(0, 7).reverse();
  const unsound = (message: Message, link: Link) => {
    if (message.kind !== "COPY") return;
    const { offset } = message;
    link.send(pieceAt(offset, { bytes: other.slice(offset, offset + 3) }));
  };
  const why = (all: Uint8Array) => all[0] === other[0] ? "sent a damaged copy" : undefined;
  const troubles = await despiteFault(give, unsound, async (fakes, onTrouble) => {
    assertEquals(await fetchFrom(fakes, { onTrouble }, why), whole);
  });
  assertEquals(troubles, ["sent a damaged copy"]);
  const fake = new FakeReplica(unsound);
  const error = await assertRejects(() => fetchFrom([fake], {}, why), CopyError);
  assertEquals(error.message, `No replica gives a copy: ${fake.address} sent a damaged copy`);
  fake.die();
});

testNeeding(["net"], "fetchCopy() does not wait for a replica that says nothing", async () => {
  assertEquals(await despite(() => {}, { answerMs: 1_000 }), ["gave no answer within 1000 ms"]);
});

testNeeding(["net"], "fetchCopy() asks again until a replica has executed enough", async () => {
  const fake = new FakeReplica((message, link, n) => {
    if (message.kind === "COPY") link.send(pieceAt(message.offset, { executed: 5 + 2 * n }));
  });
  const late: string[] = [];
  const copy = await fetchFrom([fake], { atLeast: 10, onTrouble: (_, reason) => late.push(reason) });
  assertEquals([copy.executed, late], [11, [5, 7, 9].map((count) => `has executed only ${count} of 10 commands`)]);
  fake.die();
});

testNeeding(["net"], "fetchCopy() says of all replicas why they gave no copy", async () => {
  const fake = new FakeReplica((_, link) => {
    link.send({ kind: "REFUSED", reason: "COPY: not now", cluster: undefined });
    link.close();
  });
  const dead = deadAddress();
  const error = await assertRejects(() => fetchFrom([fake, dead, "127.0.0.1:0"], { waitMs: 0 }), CopyError);
  assertStringIncludes(error.message, `No replica gives a copy: 127.0.0.1:0 cannot be reached (`);
  assertStringIncludes(error.message, `, ${dead} refused the connection, ${fake.address} refused: COPY: not now`);
  const none = await assertRejects(() => fetchFrom([], { waitMs: 0 }), CopyError);
  assertEquals(none.message, "No replica gives a copy: none is there");
  fake.die();
});

testNeeding(["net"], "fetchCopy() asks for the addresses again in each round", async () => {
  const fake = new FakeReplica(give);
  const dead = deadAddress();
  let rounds = 0;
  const copy = await fetchFrom([], { addresses: () => rounds++ < 3 ? [dead] : [fake.address] });
  assertEquals([copy.executed, rounds], [9, 4]);
  fake.die();
});

testNeeding(["net"], "fetchCopy() ends at once when it is interrupted, wherever it is", async () => {
  for (const when of [0, 6]) {
    const interrupting = new AbortController();
    const fake = new FakeReplica((message, link) => {
      if (message.kind === "COPY" && message.offset === when) interrupting.abort();
      else give(message, link);
    });
    await assertRejects(() => fetchFrom([fake], { signal: interrupting.signal }), CopyError, "interrupted");
    fake.die();
  }
  // Between two rounds, and before the first.
  const interrupting = new AbortController();
  const onTrouble = () => queueMicrotask(() => interrupting.abort());
  const waiting = fetchFrom([deadAddress()], { onTrouble, signal: interrupting.signal });
  await assertRejects(() => waiting, CopyError, "interrupted");
  await assertRejects(() => fetchFrom([deadAddress()], { signal: AbortSignal.abort() }), CopyError, "interrupted");
});

testNeeding(
  ["net"],
  "fetchCopy() from a cluster has all that was answered before, and is one prefix of its log",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 3 });
    const [session, other] = await Promise.all([1, 2].map(() => Session.connect(cluster.addresses)));
    const [client, writer] = [session, other].map((session) => new VaxlogClient(session));
    await Promise.all(Array.from({ length: 5000 }, (_, at) => writer.add(`${"y".repeat(150)} ${at}`, "1")));
    let isWriting = true;
    const writing = (async () => {
      for (let value = 0; isWriting; value++) {
        await Promise.all([0, 1, 2, 3].map((at) => writer.set(`${"y".repeat(150)} ${at}`, value)));
      }
    })();
    const copies = [];
    for (let round = 0; round < 10; round++) {
      const atLeast = await client.position();
      const addresses = () => session.members.map(({ address }) => address);
      const copy = await within("a copy", fetchWhole({ cluster: session.cluster, atLeast, addresses }));
      assert(copy.executed >= atLeast);
      copies.push(copy);
    }
    isWriting = false;
    await writing;
    const reference = new Sites();
    let index = 0;
    // That of the answerer, who has executed all that was answered.
    for (const line of cluster.logOf(1)) {
      const [first, , , commands] = line.split(" ");
      // A copy is taken between two requests.
      for (const copy of copies) if (copy.executed === index) assertEquals(reference.snapshot(), copy.state);
      assertEquals(Number(first), index + 1);
      const batch = Uint8Array.fromHex(commands);
      reference.apply(batch);
      index += countItems(batch);
    }
    for (const { executed } of copies) assert(executed <= index);
    await Promise.all([session.close(), other.close()]);
    cluster.close();
  },
);

testNeeding(
  ["net"],
  "VaxlogClient.position() gives an index after every command that was answered before",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 2 });
    const [first, second] = await Promise.all([1, 2].map(() => Session.connect(cluster.addresses)));
    const [writer, reader] = [first, second].map((session) => new VaxlogClient(session));
    for (let round = 0; round < 5; round++) {
      const { index } = await writer.set("Harvard University", round);
      assertEquals(await reader.position(), index);
    }
    await Promise.all([first.close(), second.close()]);
    cluster.close();
  },
);
