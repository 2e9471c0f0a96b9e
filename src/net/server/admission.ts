/**
 * The doorkeeper of a replica: it draws a nonce for each link, checks the proof of the opener, and gives its own.
 *
 * Clients show tokens. The table of them may change at any time; then clients go whose token is not the same any more.
 * Other replicas show the key of the launcher.
 *
 * @module
 */

import { AccessTable } from "../../access/access_table.ts";
import type { AuthEntry } from "../../access/auth_entries.ts";
import { type Claim, clientKeysOf, isClientProof, keyBytes, type ServerKeys, serverProof } from "../../access/keys.ts";
import type { LinkPurpose, MessageOf } from "../../protocol/wire/messages.ts";
import { type AccessRole, mayDo } from "../../roles.ts";
import type { Link } from "../link.ts";
import type { Opening } from "../opening.ts";
import type { AnyMessage } from "../wire.ts";

/** Somebody who was let in. */
export interface Guest {
  /** What the link is for. */
  readonly purpose: LinkPurpose;
  /** The name of the token; "" for a replica. */
  readonly name: string;
  readonly role: AccessRole;
}

/** What an opener has said, and was answered, before its proof. */
export interface Greeted {
  readonly purpose: LinkPurpose;
  readonly openerNonce: string;
  readonly replicaNonce: string;
}

/** What each kind of link is for, by its first message. */
const purposes: Partial<Readonly<Record<AnyMessage["kind"], LinkPurpose>>> = {
  HELLO: "session",
  PEER: "replica",
  COPY: "copy",
  WATCH: "watch",
  STATUS: "status",
};

/** Why a message cannot be the first one of somebody who was let in; undefined: it can. */
export function whyNotFirst({ kind }: AnyMessage, { purpose }: Guest): string | undefined {
  return purposes[kind] === purpose ? undefined : `${kind} came on a link for a ${purpose}`;
}

/** The role that a link of each kind needs at least; requests may need more. */
const neededRoles: Readonly<Record<LinkPurpose, AccessRole>> = {
  session: "read",
  watch: "read",
  status: "read",
  copy: "operate",
  replica: "operate",
};

/** What a replica is told of those that may come in. */
export interface AdmissionOptions {
  /** What replicas show to each other, 64 hexadecimal digits. */
  readonly key: string;
  /** The port that others know of this replica. */
  readonly port: number;
  /** The tokens that count. */
  readonly access: readonly AuthEntry[];
}

/** The doorkeeper of a replica. */
export class Admission {
  readonly #replicaKeys: ServerKeys;
  readonly #port: number;
  #table: AccessTable;
  /** Those that were let in by a token, as long as their links are used. */
  readonly #guests = new WeakMap<Link, Guest>();
  #expiresAt: number;

  /** Nobody is in yet. */
  constructor({ key, port, access }: AdmissionOptions) {
    this.#replicaKeys = clientKeysOf(Uint8Array.fromHex(key));
    this.#port = port;
    this.#table = new AccessTable(access);
    this.#expiresAt = this.#table.nextExpiry(Date.now());
  }

  /** An opener says what its link is for, and is asked for a proof. */
  greet({ purpose, nonce }: MessageOf<"GREET">): Greeted & { readonly challenge: MessageOf<"CHALLENGE"> } {
    const replicaNonce = crypto.getRandomValues(new Uint8Array(keyBytes)).toHex();
    const challenge = { kind: "CHALLENGE", nonce: replicaNonce } as const;
    return { purpose, openerNonce: nonce, replicaNonce, challenge };
  }

  /** An opener gives its proof. Returns the answer to it, or why it is refused. */
  prove(
    link: Link,
    { purpose, openerNonce, replicaNonce }: Greeted,
    { name, proof }: MessageOf<"PROOF">,
  ): { readonly guest: Guest; readonly admitted: MessageOf<"ADMITTED"> } | string {
    const claim: Claim = { purpose, port: this.#port, name, openerNonce, replicaNonce };
    const now = Date.now();
    if (purpose === "replica") {
      const keys = this.#replicaKeys;
      if (name !== "" || !isClientProof(keys, claim, proof)) return "it is not a replica of this cluster";
      const guest: Guest = { purpose, name, role: "operate" };
      return { guest, admitted: { kind: "ADMITTED", role: guest.role, now, proof: serverProof(keys, claim) } };
    }
    const prover = this.#table.prover(claim, proof, now);
    // The same words for all reasons: they tell a stranger nothing.
    if (prover === undefined) return "its token does not count here: it is unknown, has expired, or was revoked";
    const { role } = prover;
    const needed = neededRoles[purpose];
    if (!mayDo(role, needed)) return tooLittle(`a link for a ${purpose}`, needed, prover);
    const guest: Guest = { purpose, name: prover.name, role };
    this.#guests.set(link, guest);
    return { guest, admitted: { kind: "ADMITTED", role, now, proof: prover.serverProof } };
  }

  /**
   * Other tokens count from now on.
   *
   * @returns whether the token of a link counts no more, or is another one; false for replicas.
   */
  replace(access: readonly AuthEntry[]): (link: Link) => boolean {
    const before = this.#table;
    this.#table = new AccessTable(access);
    const now = Date.now();
    this.#expiresAt = this.#table.nextExpiry(now);
    return (link) => {
      const guest = this.#guests.get(link);
      return guest !== undefined && !this.#table.hasSame(guest.name, before, now);
    };
  }

  /** Whether a token has expired since the last call, or since others came to count. */
  get hasExpired(): boolean {
    const now = Date.now();
    if (now < this.#expiresAt) return false;
    this.#expiresAt = this.#table.nextExpiry(now);
    return true;
  }

  /** Whether the token of a link counts no more. */
  isOver(link: Link): boolean {
    const guest = this.#guests.get(link);
    return guest !== undefined && this.#table.entry(guest.name, Date.now()) === undefined;
  }
}

/** What the links of a replica to others show. */
export function replicaOpening(key: string): Opening {
  const shown = { name: "", keys: clientKeysOf(Uint8Array.fromHex(key)) };
  return { purpose: "replica", shown: () => shown };
}

/** Why somebody may not do something. */
export function tooLittle(what: string, needed: AccessRole, { name, role }: Pick<Guest, "name" | "role">): string {
  return `${what} needs a token with the role ${needed}, and "${name}" has the role ${role}`;
}
