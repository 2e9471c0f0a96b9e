/** Roles: each of them, on each kind of link, with each kind of request. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type AuthEntry, entryOf } from "../../../src/access/auth_entries.ts";
import { Token } from "../../../src/access/token.ts";
import { VaxlogClient } from "../../../src/library/client.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { neededRole } from "../../../src/database/wire/commands.ts";
import { ConnectedClient } from "../../../src/library/connect.ts";
import { wireVersion } from "../../../src/limits.ts";
import { ConnectError, NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/session.ts";
import { AdmissionError } from "../../../src/net/link.ts";
import { openLink } from "../../../src/net/opening.ts";
import type { AnyMessage } from "../../../src/net/wire.ts";
import type { Message } from "../../../src/protocol/wire/messages.ts";
import { type AccessRole, accessRoles, mayDo } from "../../../src/roles.ts";
import { Session, testAccess, testToken } from "../admitted.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { batchOf, RawClient } from "../raw_client.ts";
import { within } from "../within.ts";

const harvard = "Harvard University";
const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
const tokens = { read: tokenOf("board", 1), report: tokenOf("ann", 2), operate: tokenOf("olga", 3) };
const access: readonly AuthEntry[] = [
  ...testAccess,
  ...accessRoles.map((role) => entryOf(tokens[role], role)),
  entryOf(tokenOf("late", 4), "operate", 1_000),
];
const unknown = "its token does not count here: it is unknown, has expired, or was revoked";

/** Tokens that let nobody in. */
const worthless = {
  "of an unknown name": tokenOf("eve", 2),
  "of a known name with other bytes": tokenOf("olga", 9),
  "that has expired": tokenOf("late", 4),
};

/** What somebody may want, and the role that it needs. */
interface Wish {
  readonly needed: AccessRole;
  /** The first message on the link. */
  readonly first: (cluster: LocalCluster) => Message;
  /** What a session then asks; absent: it is not a session. */
  readonly request?: readonly Command[] | "end" | "read";
  /** The kind of message that says that it was done. */
  readonly done: Message["kind"];
  /** Why it is refused. */
  readonly why: string;
}

const hello = (): Message => ({
  kind: "HELLO",
  version: wireVersion,
  cluster: undefined,
  secret: crypto.getRandomValues(new Uint8Array(32)).toHex(),
  done: 0,
});
const set: Command = { kind: "set", name: harvard, value: 1, recordedAt: 1 };
const view: Command = { kind: "view", name: harvard };
const redact: Command = { kind: "redact", entry: 1, recordedAt: 1 };
const request = "a request that does this needs a token with the role";

const wishes: Readonly<Record<string, Wish>> = {
  "a session": { needed: "read", first: hello, done: "VIEW", why: "" },
  "a read": { needed: "read", first: hello, request: "read", done: "VALUE", why: "" },
  "a request that only reads": { needed: "read", first: hello, request: [view], done: "OUTPUT", why: "" },
  "the end of a session": { needed: "read", first: hello, request: "end", done: "OUTPUT", why: "" },
  "a change": { needed: "report", first: hello, request: [set], done: "OUTPUT", why: `${request} report` },
  "a change among reads": { needed: "report", first: hello, request: [view, set], done: "OUTPUT", why: request },
  "a redaction": { needed: "operate", first: hello, request: [redact], done: "OUTPUT", why: `${request} operate` },
  "a redaction among changes": {
    needed: "operate",
    first: hello,
    request: [set, redact],
    done: "OUTPUT",
    why: request,
  },
  "a watch": {
    needed: "read",
    first: () => ({ kind: "WATCH", version: wireVersion, cluster: undefined, after: 0 }),
    done: "ENTRIES",
    why: "",
  },
  "a status": {
    needed: "read",
    first: () => ({ kind: "STATUS", version: wireVersion, waits: false }),
    done: "STATUS_IS",
    why: "",
  },
  "a status with waits": {
    needed: "operate",
    first: () => ({ kind: "STATUS", version: wireVersion, waits: true }),
    done: "STATUS_IS",
    why: "STATUS: what a replica waits for needs a token with the role operate",
  },
  "a copy": {
    needed: "operate",
    first: () => ({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 }),
    done: "COPIED",
    why: "a link for a copy needs a token with the role operate",
  },
};

async function withCluster(fn: (cluster: LocalCluster) => Promise<void>): Promise<void> {
  const cluster = await LocalCluster.start({ replicas: 1, access });
  try {
    await fn(cluster);
  } finally {
    cluster.close();
  }
}

/** Wants something; returns the kind of what came of it, and why it was refused. */
async function tryIt(cluster: LocalCluster, wish: Wish, token: Token): Promise<{ kind: string; reason: string }> {
  const client = await RawClient.connect(cluster.ports[0], undefined, { tokenAt: () => token });
  client.send(wish.first(cluster));
  const isOver = (message: AnyMessage): message is Message =>
    message.kind === wish.done || message.kind === "REFUSED" || message.kind === "FORBIDDEN";
  if (wish.request !== undefined) {
    const begun = await client.received.take("a view", (message: AnyMessage): message is Message => {
      return message.kind === "VIEW" || message.kind === "REFUSED";
    });
    if (begun.kind === "VIEW") {
      if (wish.request === "read") client.read();
      else {
        const floor = await client.activate();
        const commands = wish.request === "end" ? new Uint8Array(0) : batchOf(...wish.request);
        const ts = floor + 1;
        client.request({ seq: 1, ts, upto: ts + 100_000, commands, end: wish.request === "end" });
      }
    } else client.received.push(begun);
  }
  const outcome = await within("an outcome", client.received.take("an outcome", isOver));
  client.die();
  return { kind: outcome.kind, reason: "reason" in outcome ? outcome.reason : "" };
}

for (const [what, wish] of Object.entries(wishes)) {
  for (const role of accessRoles) {
    const isAllowed = mayDo(role, wish.needed);
    testNeeding(
      ["net"],
      `a token with the role ${role} ${isAllowed ? "gets" : "does not get"} ${what}`,
      () =>
        withCluster(async (cluster) => {
          const { kind, reason } = await tryIt(cluster, wish, tokens[role]);
          if (isAllowed) return assertEquals([kind, reason], [wish.done, ""]);
          assertEquals(kind, wish.request === undefined ? "REFUSED" : "FORBIDDEN");
          assertStringIncludes(reason, wish.why);
          assertStringIncludes(reason, `"${tokens[role].name}" has the role ${role}`);
          // Nothing of it was received.
          assertEquals([cluster.servers[0].status().pending, cluster.servers[0].status().executed], [0, 0]);
        }),
    );
  }
  testNeeding(["net"], `nobody gets ${what} by a token that does not count`, () =>
    withCluster(async (cluster) => {
      for (const [which, token] of Object.entries(worthless)) {
        assertEquals([which, await tryIt(cluster, wish, token)], [which, { kind: "REFUSED", reason: unknown }]);
      }
      assertEquals(cluster.servers[0].status().sessions, 0);
    }));
}

testNeeding(
  ["net"],
  "no token opens a link between replicas, and the key of replicas opens no other link",
  () =>
    withCluster(async (cluster) => {
      const address = cluster.addresses[0];
      const asReplica = { purpose: "replica", shown: () => tokens.operate } as const;
      await assertRejects(() => openLink(address, asReplica), AdmissionError, "it is not a replica of this cluster");
      const nameless = { purpose: "replica", shown: () => ({ name: "", keys: tokens.operate.keys }) } as const;
      await assertRejects(() => openLink(address, nameless), AdmissionError, "it is not a replica of this cluster");
      const { replicaOpening } = await import("../../../src/net/server/admission.ts");
      const shown = replicaOpening(cluster.key).shown;
      for (const purpose of ["session", "copy", "watch", "status"] as const) {
        await assertRejects(() => openLink(address, { purpose, shown }), AdmissionError, unknown);
      }
    }),
);

testNeeding(
  ["net"],
  "a link is for what its opener has proven, and for nothing else",
  () =>
    withCluster(async (cluster) => {
      const firsts: readonly [Message["kind"], Message][] = Object.values(wishes).map(({ first }) => {
        const message = first(cluster);
        return [message.kind, message];
      });
      for (const purpose of ["session", "copy", "watch", "status"] as const) {
        for (const [kind, message] of new Map(firsts)) {
          const own = { HELLO: "session", COPY: "copy", WATCH: "watch", STATUS: "status" }[kind as "HELLO"];
          if (own === purpose) continue;
          const client = await RawClient.connect(cluster.ports[0]);
          await client.admitted(purpose);
          client.send(message);
          assertEquals(await client.refusal(), `${kind} came on a link for a ${purpose}`);
        }
      }
    }),
);

testNeeding(
  ["net"],
  "a session that may only read says so before it sends a change",
  () =>
    withCluster(async (cluster) => {
      const session = await Session.connect(cluster.addresses, { tokenAt: () => tokens.read, neededRole });
      const client = new VaxlogClient(session);
      assertEquals(session.role, "read");
      assert(Math.abs(Date.now() - session.replicaNowMs()) < 60_000);
      assertEquals((await client.summary()).sites, 1);
      const error = await assertRejects(() => client.set(harvard, 1), NotExecutedError);
      assertEquals(error.message, 'This needs a token with the role report, and "board" has the role read');
      assertEquals((await client.summary()).sites, 1);
      await session.close();
      assertEquals(cluster.servers[0].status().executed, 0);
    }),
);

testNeeding(
  ["net"],
  "a session may not say that another token was used, and the library says that its own was",
  () =>
    withCluster(async (cluster) => {
      const session = await Session.connect(cluster.addresses, { tokenAt: () => tokens.report });
      const why = `a command says that the token "Bob" was used, and "${session.tokenName}" was`;
      const lie = new VaxlogClient(session).set(harvard, 1, { by: "Bob" });
      await within("an outcome", assertRejects(() => lie, OutcomeUnknownError, why));
      assertEquals(cluster.servers[0].status().executed, 0);
      await session.close();
      const other = await Session.connect(cluster.addresses, { tokenAt: () => tokens.report });
      const client = new ConnectedClient(other);
      await within("an outcome", client.set(harvard, 1));
      const [[, entry]] = await Array.fromAsync(client.history(harvard));
      assertEquals(entry.by, other.tokenName);
      await client.close();
    }),
);

testNeeding(
  ["net"],
  "a session that does not know what it may learns it, and ends at once what it waits for",
  () =>
    withCluster(async (cluster) => {
      const session = await Session.connect(cluster.addresses, { tokenAt: () => tokens.read });
      const client = new VaxlogClient(session);
      const why = "a replica refuses it: a request that does this needs a token with the role report";
      await within("an outcome", assertRejects(() => client.set(harvard, 1), OutcomeUnknownError, why));
      // Another session takes its place.
      assertEquals((await within("an answer", client.summary())).sites, 1);
      await session.close();
      assertEquals(cluster.servers[0].status().executed, 0);
    }),
);

testNeeding(
  ["net"],
  "a revoked token is cut off at once, on every kind of link, and others notice nothing",
  () =>
    withCluster(async (cluster) => {
      const [server] = cluster.servers;
      const open = async (token: Token) => {
        const links = await Promise.all(
          ["session", "watch", "status", "copy"].map(() =>
            RawClient.connect(cluster.ports[0], undefined, { tokenAt: () => token })
          ),
        );
        const firsts = ["a session", "a watch", "a status", "a copy"].map((what) => wishes[what].first(cluster));
        for (const [at, link] of links.entries()) link.send(firsts[at]);
        const kinds = ["VIEW", "ENTRIES", "STATUS_IS", "COPIED"] as const;
        await Promise.all(links.map((link, at) => link.next(kinds[at])));
        const silent = await RawClient.connect(cluster.ports[0], undefined, { tokenAt: () => token });
        await silent.admitted();
        return [...links, silent];
      };
      const [revoked, kept] = [await open(tokens.operate), await open(testToken)];
      server.allow(access.filter(({ name }) => name !== "olga"));
      for (const link of revoked) {
        assertEquals(await within("a refusal", link.refusal()), "its token was revoked or changed");
      }
      kept[4].send(hello());
      await kept[4].next("VIEW");
      kept[2].send({ kind: "STATUS", version: wireVersion, waits: true });
      await kept[2].next("STATUS_IS");
      for (const link of kept) link.die();
      await assertRejects(
        () => Session.connect(cluster.addresses, { tokenAt: () => tokens.operate }),
        ConnectError,
        unknown,
      );
      // With another role, it is let in again.
      server.allow([...testAccess, entryOf(tokens.operate, "read")]);
      const session = await Session.connect(cluster.addresses, { tokenAt: () => tokens.operate });
      assertEquals(session.role, "read");
      await session.close();
    }),
);

testNeeding(["net"], "a token that expires is cut off", async () => {
  const now = Date.now;
  const cluster = await LocalCluster.start({
    replicas: 1,
    access: [...testAccess, entryOf(tokens.report, "report", now() + 3_600_000)],
  });
  try {
    const client = await RawClient.connect(cluster.ports[0], undefined, { tokenAt: () => tokens.report });
    client.hello();
    await client.next("VIEW");
    const other = await RawClient.greet(cluster.ports[0]);
    Date.now = () => now() + 3_600_001;
    assertEquals(await within("a refusal", client.refusal()), "its token has expired");
    other.hello();
    assertEquals(await other.refusal(), "HELLO came twice");
  } finally {
    Date.now = now;
    cluster.close();
  }
});
