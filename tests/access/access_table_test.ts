import { assert, assertEquals } from "@std/assert";
import { AccessTable } from "../../src/access/access_table.ts";
import { entryOf } from "../../src/access/auth_entries.ts";
import { type Claim, clientProof, isServerProof } from "../../src/access/keys.ts";
import { Token } from "../../src/access/token.ts";
import { type AccessRole, accessRoles, largerRole, mayDo } from "../../src/roles.ts";

const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
const [ann, bob, eve] = [tokenOf("ann", 1), tokenOf("bob", 2), tokenOf("eve", 3)];
const table = new AccessTable([entryOf(ann, "operate"), entryOf(bob, "read", 1_000)]);
const claimOf = (name: string): Claim => {
  return { purpose: "session", port: 1, name, openerNonce: "01".repeat(32), replicaNonce: "02".repeat(32) };
};

Deno.test("each role may do what those before it may, and nothing of those behind it", () => {
  for (const [at, role] of accessRoles.entries()) {
    for (const [needed, other] of accessRoles.entries()) {
      assertEquals(mayDo(role, other), at >= needed, `${role} ${other}`);
      assertEquals(largerRole(role, other), accessRoles[Math.max(at, needed)]);
    }
  }
});

Deno.test("who proves a token that counts is known by its name and role, and gets the proof of the server", () => {
  const claim = claimOf("ann");
  const prover = table.prover(claim, clientProof(ann.keys, claim), 0);
  assertEquals([prover?.name, prover?.role], ["ann", "operate"]);
  assert(isServerProof(ann.keys, claim, prover!.serverProof));
});

Deno.test("another token, an unknown name and a wrong proof prove nothing", () => {
  for (const [name, token] of [["ann", bob], ["ann", eve], ["eve", eve], ["", ann], ["Ann", ann]] as const) {
    const claim = claimOf(name);
    assertEquals(table.prover(claim, clientProof(token.keys, claim), 0), undefined, name);
  }
  assertEquals(table.prover(claimOf("ann"), "", 0), undefined);
});

Deno.test("nobody has the keys that an unknown name is compared with", () => {
  // Zeros in place of each key.
  const zeros = new Uint8Array(32);
  const keys = { clientKey: zeros, storedKey: zeros, serverKey: zeros };
  const claim = claimOf("nobody");
  assertEquals(table.prover(claim, clientProof(keys, claim), 0), undefined);
});

Deno.test("a token counts until it expires", () => {
  const claim = claimOf("bob");
  const proof = clientProof(bob.keys, claim);
  assertEquals(table.prover(claim, proof, 999)?.role, "read");
  assertEquals(table.prover(claim, proof, 1_000), undefined);
  assertEquals([table.nextExpiry(0), table.nextExpiry(1_000)], [1_000, Infinity]);
});

Deno.test("the text of a token that counts says whose it is", () => {
  assertEquals(table.holder(ann.text, 0), { name: "ann", role: "operate" });
  assertEquals(table.holder(bob.text, 999), { name: "bob", role: "read", expires: 1_000 });
  for (const text of [bob.text, eve.text, tokenOf("ann", 2).text, "", "ann", "vaxlog_"]) {
    assertEquals(table.holder(text, 1_000), undefined);
  }
});

Deno.test("a token is the same in two tables if its keys and its role are", () => {
  const of = (token: Token, role: AccessRole, expires?: number) => new AccessTable([entryOf(token, role, expires)]);
  assert(table.hasSame("ann", of(ann, "operate"), 0));
  assertEquals(table.hasSame("ann", of(ann, "report"), 0), false);
  assertEquals(table.hasSame("ann", of(tokenOf("ann", 9), "operate"), 0), false);
  assertEquals(table.hasSame("ann", of(ann, "operate", 5), 5), false);
  assertEquals(table.hasSame("ann", new AccessTable([]), 0), false);
});

Deno.test("of two tokens with the same name, the first one counts", () => {
  const both = new AccessTable([entryOf(ann, "read"), entryOf(tokenOf("ann", 9), "operate")]);
  assertEquals(both.holder(ann.text, 0)?.role, "read");
  assertEquals(both.holder(tokenOf("ann", 9).text, 0), undefined);
});
