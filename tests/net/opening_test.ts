/** How a link is opened: what a replica and its opener learn of each other, and what others can make of it. */

import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { entryOf } from "../../src/access/auth_entries.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { writeFrame } from "../../src/framing.ts";
import { wireVersion } from "../../src/limits.ts";
import { AdmissionError, Link, notShownInTime, whyNotReached } from "../../src/net/link.ts";
import { LinkOpener, openerBounds, openingWith, openLink } from "../../src/net/opening.ts";
import { Admission, type Greeted } from "../../src/net/server/admission.ts";
import { encode } from "../../src/protocol/wire/codec.ts";
import type { Message, MessageOf } from "../../src/protocol/wire/messages.ts";
import { newToken } from "../../src/secrets/token_files.ts";
import { testAccess, testPorts, testToken, tokenAt } from "./admitted.ts";
import { LocalCluster } from "./local_cluster.ts";
import { Mailbox } from "./mailbox.ts";
import { testNeeding } from "./needing.ts";
import { within } from "./within.ts";

const session = openingWith("session", { tokenAt });

/** A connection to a replica, on which a test says what it likes before it is let in. */
class Stranger {
  readonly heard = new Mailbox<Message>();
  readonly link: Link;

  private constructor(connection: Deno.TcpConn) {
    this.link = new Link(connection, {
      onMessage: (_, message) => this.heard.push(message),
      onClosed: () => this.heard.end("the link has ended"),
    }, openerBounds);
  }

  static async connect(port: number): Promise<Stranger> {
    return new Stranger(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async next<K extends Message["kind"]>(kind: K): Promise<Extract<Message, { kind: K }>> {
    const take = (message: Message): message is Extract<Message, { kind: K }> => message.kind === kind;
    return await within(kind, this.heard.take(kind, take));
  }
}

/** Something at a port that answers as it likes. */
function listening(answer: (message: Message, link: Link) => void): { address: string; port: number; end: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  testPorts.add(port);
  const links = new Set<Link>();
  const accept = async () => {
    for await (const connection of listener) {
      links.add(new Link(connection, { onMessage: (link, message) => answer(message, link), onClosed: () => {} }));
    }
  };
  accept();
  const end = () => {
    listener.close();
    testPorts.delete(port);
    for (const link of links) link.abort();
  };
  return { address: `127.0.0.1:${port}`, port, end };
}

const nonce = "0d".repeat(32);

testNeeding(["net"], "openLink() opens a link, and says what the token allows", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const { link, role, name, replicaNowMs } = await openLink(cluster.addresses[0], session);
  assertEquals([role, name], ["operate", "tests"]);
  assert(Math.abs(Date.now() - replicaNowMs()) < 60_000);
  link.abort();
  cluster.close();
});

testNeeding(
  ["net"],
  "a program that listens in place of a replica is found out, and learns nothing of use",
  async () => {
    const proofs: string[] = [];
    const squatter = listening((message, link) => {
      if (message.kind === "GREET") link.send({ kind: "CHALLENGE", nonce });
      else if (message.kind === "PROOF") {
        proofs.push(message.proof);
        link.send({ kind: "ADMITTED", role: "operate", now: 0, proof: message.proof });
      } else proofs.push(`it has said ${message.kind}`);
    });
    const why = "is not a replica that knows the token: another program may listen there";
    await within("the end", assertRejects(() => openLink(squatter.address, session), AdmissionError, why));
    assertEquals(proofs.length, 1);
    // What it has seen lets it in nowhere: another link has another nonce, and another port.
    const cluster = await LocalCluster.start({ replicas: 1 });
    const stranger = await Stranger.connect(cluster.ports[0]);
    stranger.link.send({ kind: "GREET", version: wireVersion, purpose: "session", nonce });
    await stranger.next("CHALLENGE");
    stranger.link.send({ kind: "PROOF", name: "tests", proof: proofs[0] });
    assertStringIncludes((await stranger.next("REFUSED")).reason, "its token does not count here");
    squatter.end();
    cluster.close();
  },
);

testNeeding(["net"], "a program that passes all on to a replica at another port is refused by that", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const far = await Stranger.connect(cluster.ports[0]);
  const between = listening(async (message, link) => {
    far.link.send(message);
    link.send(await far.next(message.kind === "GREET" ? "CHALLENGE" : "REFUSED"));
  });
  await within("a refusal", assertRejects(() => openLink(between.address, session), AdmissionError, "does not count"));
  between.end();
  cluster.close();
});

testNeeding(["net"], "a proof that somebody has seen is of no use on another link to the same replica", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const seen = Promise.withResolvers<MessageOf<"PROOF">>();
  const said = Promise.withResolvers<MessageOf<"GREET">>();
  const opener = new LinkOpener(cluster.addresses[0], session);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: cluster.ports[0] });
  const link = new Link(connection, opener, openerBounds);
  const send = link.send.bind(link);
  link.send = (message) => {
    if (message.kind === "GREET") said.resolve(message);
    if (message.kind === "PROOF") seen.resolve(message);
    send(message);
  };
  opener.begin(link);
  await within("the admission", opener.opened);
  const [greet, proof] = [await said.promise, await seen.promise];
  const challenges: string[] = [];
  for (let round = 0; round < 3; round++) {
    const again = await Stranger.connect(cluster.ports[0]);
    again.link.send(greet);
    challenges.push((await again.next("CHALLENGE")).nonce);
    again.link.send(proof);
    assertStringIncludes((await again.next("REFUSED")).reason, "its token does not count here");
  }
  assertEquals(new Set(challenges).size, 3);
  link.abort();
  cluster.close();
});

testNeeding(["net"], "messages out of order are refused before anybody is let in", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const greet = { kind: "GREET", version: wireVersion, purpose: "session", nonce } as const;
  const proof = { kind: "PROOF", name: "tests", proof: nonce } as const;
  for (
    const [messages, reason] of [
      [[proof], "PROOF came where GREET was expected"],
      [[greet, greet], "GREET came where PROOF was expected"],
      [[{ kind: "HELLO", version: wireVersion, cluster: undefined, secret: nonce, done: 0 }], "no message before"],
      [[greet, { kind: "NUDGE", v: 1, ts: 1 }], "no message before ADMITTED has the code 20"],
      [[greet, { kind: "REFUSED", reason: "", cluster: undefined }], "no message before ADMITTED has the code 22"],
      [[greet, { ...proof, name: "x".repeat(1_000) }], "a frame of 1035 bytes is over the bound of 1024"],
    ] as const satisfies readonly (readonly [readonly Message[], string])[]
  ) {
    const stranger = await Stranger.connect(cluster.ports[0]);
    for (const message of messages) stranger.link.send(message);
    assertStringIncludes((await stranger.next("REFUSED")).reason, reason);
  }
  cluster.close();
});

testNeeding(["net"], "an opener takes nothing but what belongs there, in frames of 1 KiB", async () => {
  const long = "x".repeat(2_000);
  for (
    const [answer, why] of [
      [{ kind: "VIEW", cluster: "c0".repeat(16), v: 1, from: 0, members: [], base: 0, forgot: 0 }, "has the code 17"],
      [{ kind: "ADMITTED", role: "operate", now: 0, proof: nonce }, "sent ADMITTED, which no replica sends there"],
      [{ kind: "REFUSED", reason: "go away", cluster: undefined }, "refused: go away"],
      [{ kind: "REFUSED", reason: long, cluster: undefined }, "is over the bound of 1024"],
    ] as const satisfies readonly (readonly [Message, string])[]
  ) {
    const other = listening((_, link) => link.send(answer));
    const error = await within("an end", assertRejects(() => openLink(other.address, session), AdmissionError));
    assertStringIncludes(whyNotReached(error), why);
    other.end();
  }
  const twice = listening((message, link) => {
    if (message.kind !== "GREET") return;
    link.send({ kind: "CHALLENGE", nonce });
    link.send({ kind: "CHALLENGE", nonce });
  });
  await assertRejects(() => openLink(twice.address, session), AdmissionError, "sent CHALLENGE");
  twice.end();
});

testNeeding(["net"], "an opener that was too slow to show who it is tries again, but not for ever", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const far = await Stranger.connect(cluster.ports[0]);
  const late = { kind: "REFUSED", reason: notShownInTime, cluster: undefined } as const;
  let greets = 0;
  const slow = listening(async (message, link) => {
    if (message.kind !== "GREET") return;
    greets++;
    if (greets <= 2) return link.send(late);
    // It is let in to be refused for another reason: that is final.
    far.link.send(message);
    link.send(await far.next("CHALLENGE"));
    link.send({ ...late, reason: "enough" });
  });
  await within("an end", assertRejects(() => openLink(slow.address, session), AdmissionError, "refused: enough"));
  assertEquals(greets, 3);
  slow.end();
  cluster.close();
  let tries = 0;
  const slowest = listening((_, link) => {
    tries++;
    link.send(late);
  });
  await within("an end", assertRejects(() => openLink(slowest.address, session), AdmissionError, notShownInTime));
  assertEquals(tries, 5);
  slowest.end();
});

testNeeding(["net"], "a replica of the version before is told of with both versions", async () => {
  // It reads the code of a client's first frame, and a version that it does not speak.
  const old = listening((message, link) => {
    const writer = new ByteWriter();
    encode(writer, message);
    const [code, version] = writer.view();
    assertEquals([code, version], [0x01, wireVersion]);
    const reason = `HELLO: it speaks version ${version} of the wire protocol, and this is version ${wireVersion - 1}`;
    link.send({ kind: "REFUSED", reason, cluster: undefined });
  });
  const why = `refused: HELLO: it speaks version ${wireVersion} of the wire protocol, and this is version ${
    wireVersion - 1
  }`;
  await within("a refusal", assertRejects(() => openLink(old.address, session), AdmissionError, why));
  old.end();
});

testNeeding(["net"], "an opener without a token says why, and one that is aborted ends its link", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const without = openingWith("session", {
    tokenAt: () => {
      throw new Error('"FILE" is missing');
    },
  });
  const why = 'wants a token: "FILE" is missing';
  await assertRejects(() => openLink(cluster.addresses[0], without), AdmissionError, why);
  cluster.close();
  const silent = listening(() => {});
  const aborting = new AbortController();
  const opening = openLink(silent.address, session, aborting.signal);
  aborting.abort(new Error("enough"));
  await within("the end", assertRejects(() => opening, Error, "enough"));
  silent.end();
});

testNeeding(["net"], "a link that ends between its admission and its use tells its user so", async () => {
  const admissionAt = (port: number) => new Admission({ key: nonce, port, access: testAccess });
  let greeted: Greeted | undefined;
  const brief = listening((message, link) => {
    const admission = admissionAt(brief.port);
    if (message.kind === "GREET") {
      const { challenge, ...others } = admission.greet(message);
      greeted = others;
      link.send(challenge);
    } else if (message.kind === "PROOF") {
      const proven = admission.prove(link, greeted!, message);
      assert(typeof proven !== "string", String(proven));
      link.send(proven.admitted);
      link.close();
    }
  });
  const { attach, link } = await within("the admission", openLink(brief.address, session));
  const ended = Promise.withResolvers<void>();
  const late = new Promise((resolve) => setTimeout(resolve, 20));
  await late;
  attach({ onMessage: () => {}, onClosed: () => ended.resolve() });
  await within("the end", ended.promise);
  link.abort();
  brief.end();
});

Deno.test("an admission draws a new nonce each time, and knows who may come in at the moment", () => {
  const ann = newToken("ann");
  const admission = new Admission({ key: nonce, port: 1, access: [entryOf(ann, "read")] });
  const greet = { kind: "GREET", version: wireVersion, purpose: "session", nonce } as const;
  const [one, other] = [admission.greet(greet), admission.greet(greet)];
  assertNotEquals(one.replicaNonce, other.replicaNonce);
  assertEquals(one.replicaNonce, one.challenge.nonce);
  const link = {} as Link;
  assertStringIncludes(
    String(admission.prove(link, one, { kind: "PROOF", name: "tests", proof: nonce })),
    "does not count here",
  );
  assertEquals([admission.isOver(link), admission.hasExpired], [false, false]);
  assertEquals(admission.replace([entryOf(testToken, "read")])(link), false);
});

Deno.test("the secret of a token is in no message of a link", () => {
  const writer = new ByteWriter();
  const link = { send: (message: Message) => writeFrame(writer, encode, message), pause: () => {}, abort: () => {} };
  testPorts.add(1);
  const opener = new LinkOpener("127.0.0.1:1", session);
  opener.begin(link as unknown as Link);
  opener.onMessage(link as unknown as Link, { kind: "CHALLENGE", nonce });
  testPorts.delete(1);
  const sent = writer.view().toHex();
  const { clientKey, storedKey, serverKey } = testToken.keys;
  for (const secret of ["7e".repeat(16), ...[clientKey, storedKey, serverKey].map((key) => key.toHex())]) {
    assertEquals(sent.includes(secret), false);
  }
});
