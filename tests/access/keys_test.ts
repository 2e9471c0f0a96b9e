import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import {
  type Claim,
  clientKeysOf,
  clientProof,
  isClientProof,
  isSameKey,
  isServerProof,
  serverProof,
} from "../../src/access/keys.ts";

const secret = new Uint8Array(32).fill(7);
const keys = clientKeysOf(secret);
const claim: Claim = {
  purpose: "session",
  port: 8892,
  name: "ann",
  openerNonce: "01".repeat(32),
  replicaNonce: "02".repeat(32),
};

/** A claim that differs in one field, each once. */
const others: readonly Claim[] = [
  { ...claim, purpose: "copy" },
  { ...claim, port: 8893 },
  { ...claim, name: "bob" },
  { ...claim, openerNonce: "03".repeat(32) },
  { ...claim, replicaNonce: "03".repeat(32) },
  { ...claim, openerNonce: claim.replicaNonce, replicaNonce: claim.openerNonce },
];

Deno.test("a proof of a client holds for its claim, and for no other", () => {
  const proof = clientProof(keys, claim);
  assert(isClientProof(keys, claim, proof));
  for (const other of others) assertEquals(isClientProof(keys, other, proof), false, JSON.stringify(other));
});

Deno.test("a proof of a server holds for its claim, and for no other", () => {
  const proof = serverProof(keys, claim);
  assert(isServerProof(keys, claim, proof));
  for (const other of others) assertEquals(isServerProof(keys, other, proof), false, JSON.stringify(other));
  assertNotEquals(proof, clientProof(keys, claim));
  assertEquals(isClientProof(keys, claim, proof), false);
});

Deno.test("a proof is 64 hexadecimal digits, and nothing else is one", () => {
  const proof = clientProof(keys, claim);
  for (const text of ["", proof.slice(2), `${proof}00`, proof.toUpperCase(), `zz${proof.slice(2)}`, "0".repeat(64)]) {
    assertEquals(isClientProof(keys, claim, text), false, text);
    assertEquals(isServerProof(keys, claim, text), false, text);
  }
});

Deno.test("another secret proves nothing, and the keys of a server make no proof of a client", () => {
  const other = clientKeysOf(new Uint8Array(32).fill(8));
  assertEquals(isClientProof(keys, claim, clientProof(other, claim)), false);
  assertEquals(isServerProof(keys, claim, serverProof(other, claim)), false);
  // What the server keeps, in place of the client's key.
  for (const clientKey of [keys.storedKey, keys.serverKey, new Uint8Array(32)]) {
    assertEquals(isClientProof(keys, claim, clientProof({ ...keys, clientKey }, claim)), false);
  }
});

Deno.test("the keys are those of SCRAM with SHA-256, and stay the same", () => {
  const clientKey = createHmac("sha256", secret).update("vaxlog client key 1").digest("hex");
  assertEquals(keys.clientKey.toHex(), clientKey);
  assertEquals(keys.storedKey.toHex(), "c3340408e9a49ce04a37d499a4039cbd8c124cbce7a3f791a88df754fdf935f1");
  assertEquals(keys.serverKey.toHex(), "a5417c02bae602cd0f6a549fca62715a54bc87cb00d6bb28145807b81d0b45fa");
});

Deno.test("keys are compared whole", () => {
  assert(isSameKey(keys.storedKey, keys.storedKey.slice()));
  assertEquals(isSameKey(keys.storedKey, keys.serverKey), false);
  assertEquals(isSameKey(keys.storedKey, keys.storedKey.subarray(1)), false);
});
