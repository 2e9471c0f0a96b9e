/**
 * Inputs of the admission: somebody says what begins a link, with faults, to the reception of a replica or to somebody
 * who opens a link. Nobody is let in, and nobody is believed, but by the very bytes that an honest one would send.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { entryOf } from "../../src/access/auth_entries.ts";
import { type Claim, clientKeysOf, clientProof, serverProof } from "../../src/access/keys.ts";
import { Token } from "../../src/access/token.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { frameHeaderBytes, writeFrame } from "../../src/framing.ts";
import { wireVersion } from "../../src/limits.ts";
import { AdmissionError, Link, LinkBudgets } from "../../src/net/link.ts";
import { LinkOpener, openerBounds, openingWith } from "../../src/net/opening.ts";
import { Admission, type Guest } from "../../src/net/server/admission.ts";
import { crowdLinks } from "../../src/net/server/accept_pace.ts";
import { Reception } from "../../src/net/server/reception.ts";
import { decodeFromOpener, decodeToOpener, encode } from "../../src/protocol/wire/codec.ts";
import { type LinkPurpose, linkPurposes, type Message } from "../../src/protocol/wire/messages.ts";
import { accessRoles } from "../../src/roles.ts";
import type { Random } from "../../src/simulator/random.ts";
import { joined } from "../../src/snapshot.ts";
import { MemoryConnection } from "./memory_connection.ts";
import { mutated } from "./mutation.ts";
import { reasonKind, type Tally } from "./tally.ts";

const port = 7_000;
const replicaKey = "4b".repeat(32);
const tokens = accessRoles.map((role, at) => ({
  role,
  token: new Token(role, new Uint8Array(32).fill(0x61 + at)),
}));
const unknown = new Token("read", new Uint8Array(32).fill(0x71));
const access = tokens.map(({ token, role }) => entryOf(token, role));

/** Which links a token of each role opens; `replica` needs the key of the launcher. */
const allowed: Readonly<Record<string, readonly LinkPurpose[]>> = {
  read: ["session", "watch", "status"],
  report: ["session", "watch", "status"],
  operate: ["session", "watch", "status", "copy"],
};

function framed(message: Message): Uint8Array {
  const writer = new ByteWriter(64);
  writeFrame(writer, encode, message);
  return writer.copy();
}

/** The whole frames of what a link has written. */
function framesOf(written: readonly Uint8Array[]): Uint8Array[] {
  const all = new Uint8Array(written.flatMap((bytes) => [...bytes]));
  const frames: Uint8Array[] = [];
  for (let at = 0; at < all.length;) {
    const length = new DataView(all.buffer).getUint32(at);
    frames.push(all.subarray(at + frameHeaderBytes, at += frameHeaderBytes + length));
  }
  return frames;
}

/** Cuts bytes somewhere, or leaves them whole. */
function inPieces(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (random.chance(0.7)) return [bytes];
  const at = random.below(bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** A reception that takes connections in memory. */
class Door {
  readonly #reception: Reception;
  #waiting = Promise.withResolvers<Deno.TcpConn>();
  /** The last one that was let in and has said what for. */
  introduced: { readonly message: Message; readonly guest: Guest } | undefined;
  met = 0;

  constructor() {
    const isAccepting = { accept: () => this.#waiting.promise, close: () => this.#waiting.reject(new Error("closed")) };
    this.#reception = new Reception({
      listener: isAccepting as unknown as Deno.TcpListener,
      budgets: new LinkBudgets(),
      admission: new Admission({ key: replicaKey, port, access }),
      introduce: (_, message, guest) => {
        this.introduced = { message, guest };
        return { onMessage: () => {}, onClosed: () => {} };
      },
      overflowed: () => {},
    });
    this.#reception.open();
  }

  /** Brings a connection. */
  meet(connection: MemoryConnection): void {
    this.met++;
    this.introduced = undefined;
    const waiting = this.#waiting;
    this.#waiting = Promise.withResolvers();
    waiting.resolve(connection.connection);
  }

  close(): void {
    this.#waiting.promise.catch(() => {});
    this.#reception.close();
  }
}

const hello = framed({ kind: "HELLO", version: wireVersion, cluster: undefined, secret: "5e".repeat(32), done: 0 });

/** The outcomes that a long run must reach. */
export const wantedOfDoors: readonly string[] = [
  "reception: let in and introduced",
  "reception: let in",
  "reception: nothing was answered",
  "reception: asked for a proof",
  "reception: refused: its token does not count here: it is unknown, has expired, or was revoked",
  "reception: refused: it is not a replica of this cluster",
  'reception: refused: a link for a copy needs a token with the role operate, and "…" has the role read',
  "reception: refused: PROOF came where GREET was expected",
  "reception: refused: GREET came where PROOF was expected",
  "reception: refused: a frame is empty",
  "reception: refused: a frame of N bytes is over the bound of N",
  "reception: refused: no message before ADMITTED has the code N",
  "reception: refused: it speaks version N of the wire protocol, and this is version N",
  "opener: opened",
  "opener: closed the link",
  "opener: is not a replica that knows the token: another program may listen there",
  "opener: sent ADMITTED, which no replica sends there",
  "opener: sent CHALLENGE, which no replica sends there",
  "opener: refused: …",
];

/** Links in memory. */
export class DoorInputs {
  readonly #corpus: readonly Uint8Array[];
  #door: Door | undefined;

  /** @param corpus valid messages. */
  constructor(corpus: readonly Uint8Array[]) {
    this.#corpus = corpus;
  }

  /** Ends what listens. */
  close(): void {
    this.#door?.close();
  }

  /** Opens one link. @throws {Error} if somebody is let in, or believed, who should not be. */
  async run(random: Random, tally: Tally): Promise<void> {
    if (random.chance(0.5)) await this.#knock(random, tally);
    else await this.#answer(random, tally);
    // Links share turns of the event loop, and nothing here waits for it.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** A frame with faults in it, or around it, or none. */
  #faulty(random: Random, frame: Uint8Array): Uint8Array {
    return random.chance(0.4) ? frame : mutated(random, frame, this.#corpus);
  }

  async #knock(random: Random, tally: Tally): Promise<void> {
    if (this.#door === undefined || this.#door.met >= crowdLinks) {
      this.#door?.close();
      this.#door = new Door();
    }
    const door = this.#door;
    const connection = new MemoryConnection();
    door.meet(connection);
    const purpose = random.pick(linkPurposes);
    const openerNonce = random.hex(64);
    const greet = framed({ kind: "GREET", version: wireVersion, purpose, nonce: openerNonce });
    const firsts = random.chance(0.05) ? framed({ kind: "PROOF", name: "read", proof: openerNonce }) : greet;
    const saidFirst = this.#faulty(random, firsts);
    await connection.say(...inPieces(random, saidFirst));
    const [challenge] = framesOf(connection.written);
    let isHonest = false;
    const asked = challenge === undefined ? undefined : decodeToOpener(challenge);
    if (asked?.kind === "CHALLENGE") {
      const who = random.pick([...tokens.map(({ token }) => token), unknown, undefined]);
      const name = who?.name ?? "";
      const keys = who?.keys ?? clientKeysOf(Uint8Array.fromHex(replicaKey));
      const claim: Claim = { purpose, port, name, openerNonce, replicaNonce: asked.nonce };
      const proof = framed({ kind: "PROOF", name, proof: clientProof(keys, claim) });
      const second = random.chance(0.05) ? greet : proof;
      const said = this.#faulty(random, second);
      await connection.say(...inPieces(random, said));
      const mayOpen = who === undefined ? purpose === "replica" : who !== unknown && allowed[name].includes(purpose);
      isHonest = mayOpen && startsWith(joined([saidFirst, said]), joined([greet, proof]));
      if (random.chance(0.5)) await connection.say(hello);
    }
    await connection.end();
    const frames = framesOf(connection.written).map((frame) => decodeToOpener(frame));
    const isIn = frames.some(({ kind }) => kind === "ADMITTED");
    if (isIn !== isHonest) throw new Error(`It was ${isIn ? "" : "not "}let in for a ${purpose}`);
    if (door.introduced !== undefined && !isIn) throw new Error("Somebody was introduced who was not let in");
    const refused = frames.find((message) => message.kind === "REFUSED");
    if (isIn) tally.add(`reception: let in${door.introduced === undefined ? "" : " and introduced"}`);
    else if (refused === undefined) {
      tally.add(`reception: ${frames.length === 0 ? "nothing was answered" : "asked for a proof"}`);
    } else tally.add(`reception: refused: ${reasonKind(refused.reason.replace(/^[A-Z]\w+: (?:field "\w+": )?/, ""))}`);
  }

  async #answer(random: Random, tally: Tally): Promise<void> {
    const { token, role } = random.pick(tokens);
    const connection = new MemoryConnection();
    const purpose = random.pick(linkPurposes);
    const opener = new LinkOpener(`127.0.0.1:${port}`, openingWith(purpose, { tokenAt: () => token }));
    opener.begin(new Link(connection.connection, opener, openerBounds));
    const replicaNonce = random.hex(64);
    const challenge = framed({ kind: "CHALLENGE", nonce: replicaNonce });
    await connection.say();
    const [greeting] = framesOf(connection.written);
    const greet = decodeFromOpener(greeting);
    if (greet.kind !== "GREET") throw new Error(`An opener begins with ${greet.kind}`);
    const claim: Claim = { purpose, port, name: token.name, openerNonce: greet.nonce, replicaNonce };
    const proof = serverProof((random.chance(0.8) ? token : unknown).keys, claim);
    const admitted = framed({ kind: "ADMITTED", role, now: 1, proof });
    const refused = framed({ kind: "REFUSED", reason: "go away", cluster: undefined });
    const said = [challenge, admitted].map((honest) => {
      return this.#faulty(random, random.chance(0.1) ? random.pick([challenge, admitted, refused]) : honest);
    });
    for (const bytes of said) await connection.say(...inPieces(random, bytes));
    const isRight = proof === serverProof(token.keys, claim);
    // The role and the time are not proven: they tell the opener something, and let it do nothing.
    const honest = joined([challenge, admitted]);
    let outcome = "opened";
    try {
      const settled = Promise.race([opener.opened, connection.end().then(() => opener.opened)]);
      (await settled).link.abort();
      if (!isRight) throw new Error("An opener has believed a program that does not know the token");
    } catch (error) {
      if (!(error instanceof AdmissionError)) throw error;
      outcome = reasonKind(error.message).replace(/^refused: .*$/, "refused: …");
      if (isRight && startsWith(joined(said), honest)) throw new Error(`An opener did not believe: ${outcome}`);
    }
    await connection.end();
    const sent = joined(connection.written).toHex();
    const { clientKey, storedKey, serverKey } = token.keys;
    for (const key of [clientKey, storedKey, serverKey]) {
      if (sent.includes(key.toHex())) throw new Error("An opener has sent a key");
    }
    tally.add(`opener: ${outcome}`);
  }
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return bytes.length >= beginning.length && beginning.every((byte, at) => byte === bytes[at]);
}
