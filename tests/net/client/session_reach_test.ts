/**
 * When a session says that no replica answers: never while one may, and soon when none does.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { wireVersion } from "../../../src/limits.ts";
import type { Link } from "../../../src/net/link.ts";
import { ConnectError, NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/session.ts";
import { SessionLinks } from "../../../src/net/client/session_links.ts";
import { correct, emptyOutput, FakeReplica, type Script } from "../fake_replica.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress, Notices } from "../notices.ts";
import { within } from "../within.ts";
import { openingWith } from "../../../src/net/opening.ts";
import { Session, tokenAt } from "../admitted.ts";

const command = Uint8Array.of(1);
const never = 2 ** 30;

/** Resolves when that many links to the fake have said who they are. */
async function greetedBy(fake: FakeReplica, links: number): Promise<void> {
  const hellos = () => fake.received.items.filter(({ kind }) => kind === "HELLO").length;
  await fake.received.first(`link ${links}`, () => hellos() >= links);
}

/** Does what a replica does that is alone in a view. */
function aloneIn(v: number, from: number, { base = 0, forgot = 0 } = {}): Script {
  return (message, link, _, fake) => {
    switch (message.kind) {
      case "HELLO":
        return link.send(fake.view({ v, from, members: [{ id: from, address: fake.address }], base, forgot }));
      case "RESUME":
        return link.send({ kind: "READY", v, floor: 9, pace: 1 });
      case "REQUEST":
        return link.send(emptyOutput(message, v));
    }
  };
}

/**
 * A session in a view of two, of which one was dead when it was tried, has been restarted since, and has not said its
 * first word yet; the other one has died, and was tried again in vain.
 */
async function whileOneComesIn() {
  const restartedAt = deadAddress();
  const links: Link[] = [];
  const last = new FakeReplica((message, link, n, fake) => {
    links[n] = link;
    if (n === 0) correct(message, link, n, fake);
    // Its address stays taken, so that each attempt at it is seen.
    else link.abort();
  });
  const notices = new Notices();
  const session = await Session.connect([last.address, restartedAt], notices.options);
  await session.submit(command, 8);
  const hello = Promise.withResolvers<() => void>();
  const newcomer = new FakeReplica((message, link, n, fake) => {
    const comeIn = () => aloneIn(3, 65, { base: 1 })(message, link, n, fake);
    if (message.kind === "HELLO") hello.resolve(comeIn);
    else comeIn();
  }, Number(restartedAt.split(":")[1]));
  const members = [{ id: 0, address: last.address }, { id: 65, address: restartedAt }];
  links[0].send(last.view({ v: 2, members, base: 1 }));
  const comeIn = await within("a link to the newcomer", hello.promise);
  const answer = session.submit(command, 8);
  // It may fail before anybody waits for it.
  answer.catch(() => {});
  links[0].abort();
  // The first attempt has failed, and what follows from that was decided, before there is another one.
  await greetedBy(last, 3);
  const end = async () => {
    await session.close();
    last.die();
  };
  return { answer, notices, newcomer, comeIn, end };
}

testNeeding(["net"], "Session waits for a replica that is coming back when the last other one dies", async () => {
  const { answer, notices, newcomer, comeIn, end } = await whileOneComesIn();
  comeIn();
  assertEquals((await within("an answer", answer)).index, 2);
  assertEquals(notices.kinds.includes("unreachable"), false);
  await end();
  newcomer.die();
});

testNeeding(["net"], "Session says that all are lost when the one that was coming back dies, too", async () => {
  const { answer, notices, newcomer, end } = await whileOneComesIn();
  newcomer.die();
  const error = await within("an outcome", assertRejects(() => answer, NotExecutedError, "all replicas were lost"));
  assertStringIncludes(error.message, newcomer.address);
  assertEquals(notices.kinds.filter((kind) => kind === "unreachable"), ["unreachable"]);
  await end();
});

testNeeding(["net"], "Session whose replicas have forgotten it finds a member that was not named", async () => {
  const later = new FakeReplica((message, link, n, fake) => {
    if (n > 0) aloneIn(3, 1, { forgot: 3 })(message, link, n, fake);
    else if (message.kind === "REQUEST" && message.seq === 2) link.abort();
    else aloneIn(2, 1)(message, link, n, fake);
  });
  const named = new FakeReplica((_, link, __, fake) => {
    link.send(fake.view({ members: [{ id: 0, address: fake.address }, { id: 1, address: later.address }] }));
  });
  const notices = new Notices();
  const session = await Session.connect([named.address], notices.options);
  await session.submit(command, 8);
  named.die();
  await within("an outcome", assertRejects(() => session.submit(command, 8), OutcomeUnknownError, "expired"));
  assertEquals((await within("an answer", session.submit(command, 8))).index, 1);
  assertEquals(notices.kinds, ["failed", "expired"]);
  await session.close();
  later.die();
});

testNeeding(["net"], "Session.connect() fails at once where two close each link without a word", async () => {
  const fakes = [1, 2].map(() => new FakeReplica((_, link) => link.abort()));
  const addresses = fakes.map(({ address }) => address);
  const error = await within(
    "a refusal",
    assertRejects(() => Session.connect(addresses, { viewWaitMs: never }), ConnectError),
  );
  for (const address of addresses) assertStringIncludes(error.message, `${address} closed the link`);
  for (const fake of fakes) fake.die();
});

testNeeding(["net"], "SessionLinks does not wait for ever for an address that accepts and says nothing", async () => {
  const silent = new FakeReplica((_, link, n, fake) => {
    if (n > 0) return;
    link.send(fake.view());
    link.close();
  });
  const lost = Promise.withResolvers<string>();
  const links: SessionLinks = new SessionLinks(
    {
      wanted: () => links.addresses.includes(silent.address) ? [] : [silent.address],
      step: (event) => {
        const hello = {
          kind: "HELLO",
          version: wireVersion,
          cluster: undefined,
          secret: "ab".repeat(32),
          done: 0,
        } as const;
        if (event.kind === "linkOpened") links.send(event.link, hello);
        else if (event.kind === "linkClosed") links.dialWanted();
        else if (event.kind === "received") links.reached();
      },
      admitted: () => {},
      forbidden: () => {},
      metNode: () => {},
      unreachable: lost.resolve,
    },
    openingWith("session", { tokenAt }),
    1,
  );
  links.dialWanted();
  assertEquals(await within("the end of its patience", lost.promise), `${silent.address} gave no view within 1 ms`);
  links.abort();
  silent.die();
});
