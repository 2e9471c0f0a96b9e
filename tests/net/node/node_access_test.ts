/** Whom a node lets in, and what each may do. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { entryOf } from "../../../src/access/auth_entries.ts";
import { Token } from "../../../src/access/token.ts";
import { wireVersion } from "../../../src/limits.ts";
import type { AccessRole } from "../../../src/roles.ts";
import { testAccess } from "../admitted.ts";
import { batchOf, newSecret, RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import type { LocalNodes } from "./local_nodes.ts";
import { harvard, set, submit, view } from "./node_asks.ts";
import { testNodes } from "./node_stage.ts";

const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
const tokens: Readonly<Record<AccessRole, Token>> = {
  read: tokenOf("board", 1),
  report: tokenOf("ann", 2),
  operate: tokenOf("olga", 3),
};
const access = (["read", "report", "operate"] as const).map((role) => entryOf(tokens[role], role));

async function guest(nodes: LocalNodes, role: AccessRole): Promise<RawClient> {
  const client = await RawClient.connect(nodes.nodes[0].port, newSecret(), { tokenAt: () => tokens[role] });
  client.hello();
  await client.next("NODE");
  return client;
}

testNodes("a request that needs more than the role of its token ends the link, and is not executed", {
  access,
}, async (nodes) => {
  const redact = batchOf({ kind: "redact", entry: 1, recordedAt: 1 });
  const other = batchOf({ kind: "set", name: harvard, value: 1, recordedAt: 1, by: "olga" });
  const wishes: readonly (readonly [AccessRole, Uint8Array, string])[] = [
    ["read", set(), "a request that does this needs a token with the role report"],
    ["report", redact, "a request that does this needs a token with the role operate"],
    ["report", other, 'a command says that the token "olga" was used, and "ann" was'],
  ];
  for (const [role, commands, why] of wishes) {
    const client = await guest(nodes, role);
    submit(client, 1, { commands });
    assertStringIncludes((await client.next("FORBIDDEN")).reason, why);
    await within("the end of the link", client.closed.promise);
  }
  assertEquals(nodes.order.records, []);
  for (const [role, commands] of [["read", view], ["report", set()], ["operate", other]] as const) {
    const client = await guest(nodes, role);
    submit(client, 1, { commands });
    assertEquals((await client.next("RESULT")).seq, 1);
    await client.leave();
  }
});

testNodes("a copy needs the role operate, and a node has no links with replicas", { access }, async (nodes) => {
  const [{ port }] = nodes.nodes;
  const copier = await RawClient.connect(port, newSecret(), { tokenAt: () => tokens.report });
  copier.send({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
  assertStringIncludes(await copier.refusal(), "a link for a copy needs a token with the role operate");
  const replica = await RawClient.connect(port, newSecret(), { key: "ab".repeat(32) });
  replica.send({ kind: "PEER", version: wireVersion, cluster: nodes.order.cluster, from: 0, to: 1 });
  assertEquals(await replica.refusal(), "it is not a replica of this cluster");
});

testNodes("a token that is revoked cuts its links", { access: [...access, ...testAccess] }, async (nodes) => {
  const [{ server, node }] = nodes.nodes;
  await within("ready", node.caughtUp);
  const [ann, olga] = [await guest(nodes, "report"), await guest(nodes, "operate")];
  server.allow(access.filter(({ name }) => name !== "ann"));
  assertEquals(await ann.refusal(), "its token was revoked or changed");
  submit(olga, 1);
  assertEquals((await olga.next("RESULT")).seq, 1);
  await olga.leave();
});
