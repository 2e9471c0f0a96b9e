/**
 * The keys of a token, and proofs that somebody has it, as SCRAM has them (RFC 5802).
 *
 * The server keeps no equivalent of the token: from what it keeps, nobody can compute a proof without having seen one.
 * A proof holds for one claim: both sides have drawn a nonce for it, and it names the kind of link, the port and the
 * token.
 *
 * @module
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Bytes of a secret, of a key, of a nonce and of a proof. */
export const keyBytes = 32;

/** What a server keeps of a token. */
export interface ServerKeys {
  /** The hash of the client's key: it checks proofs of clients. */
  readonly storedKey: Uint8Array;
  /** It makes proofs of the server. */
  readonly serverKey: Uint8Array;
}

/** What a client derives from its token. */
export interface ClientKeys extends ServerKeys {
  /** It makes proofs of clients. */
  readonly clientKey: Uint8Array;
}

/** What a proof is about. Both sides know all of it. */
export interface Claim {
  /** What the link is for. */
  readonly purpose: string;
  /** The port at which the one side reaches the other. */
  readonly port: number;
  /** The name of the token. */
  readonly name: string;
  /** What the side that opens the link has drawn, in hexadecimal digits. */
  readonly openerNonce: string;
  /** What the replica has drawn, in hexadecimal digits. */
  readonly replicaNonce: string;
}

/** Derives all keys from a secret. */
export function clientKeysOf(secret: Uint8Array): ClientKeys {
  const clientKey = hmac(secret, "vaxlog client key 1");
  return { clientKey, storedKey: hash(clientKey), serverKey: hmac(secret, "vaxlog server key 1") };
}

/** The proof of a client, in hexadecimal digits. */
export function clientProof({ clientKey, storedKey }: ClientKeys, claim: Claim): string {
  return xor(clientKey, hmac(storedKey, textOf(claim))).toHex();
}

/** Whether this is the proof of a client that has the token. */
export function isClientProof({ storedKey }: ServerKeys, claim: Claim, proof: string): boolean {
  const given = fromHex(proof);
  if (given === undefined) return false;
  return timingSafeEqual(hash(xor(given, hmac(storedKey, textOf(claim)))), storedKey);
}

/** The proof of a server, in hexadecimal digits. */
export function serverProof({ serverKey }: ServerKeys, claim: Claim): string {
  return hmac(serverKey, textOf(claim)).toHex();
}

/** Whether this is the proof of a server that knows the token. */
export function isServerProof({ serverKey }: ServerKeys, claim: Claim, proof: string): boolean {
  const given = fromHex(proof);
  return given !== undefined && timingSafeEqual(given, hmac(serverKey, textOf(claim)));
}

/** Whether two keys are the same; the time that it takes says nothing of them. */
export function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** One text for one claim: no two claims have the same. */
function textOf({ purpose, port, name, openerNonce, replicaNonce }: Claim): string {
  return JSON.stringify(["vaxlog link 1", purpose, port, name, openerNonce, replicaNonce]);
}

function hmac(key: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(text).digest());
}

function hash(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ other[at]);
}

function fromHex(proof: string): Uint8Array | undefined {
  return /^[0-9a-f]{64}$/.test(proof) ? Uint8Array.fromHex(proof) : undefined;
}
