/**
 * How a process opens a link to a replica: it shows who it is, and sees that the replica knows it.
 *
 * The opener greets, and gets a nonce. Its proof covers both nonces, what the link is for, and the port that it has
 * dialled. The proof of the replica covers the same. So a proof is of no use on another link. A program that listens in
 * place of a replica learns nothing, and is found out before anything else is sent.
 *
 * @module
 */

import { type Claim, type ClientKeys, clientProof, isServerProof, keyBytes } from "../access/keys.ts";
import type { Token } from "../access/token.ts";
import { wireVersion } from "../limits.ts";
import { decodeToOpener } from "../protocol/wire/codec.ts";
import type { LinkPurpose, MessageOf } from "../protocol/wire/messages.ts";
import type { AccessRole } from "../roles.ts";
import {
  AdmissionError,
  dial,
  firstFrameBytesMax,
  type Link,
  type LinkBounds,
  type LinkHandler,
  notShownInTime,
  splitAddress,
} from "./link.ts";
import { type AnyMessage, decodeAny } from "./wire.ts";

/** Gives the token to show at `host:port`; it throws an error whose message says why there is none. */
export type TokenAt = (address: string) => Token;

/** How a client shows itself, and whom it believes. */
export interface Reach {
  /** Gives the token to show at an address; it is asked at each attempt. */
  readonly tokenAt: TokenAt;
  /**
   * Certificates in PEM, beside those of the runtime, one of which has signed that of the other end. Absent: links have
   * no TLS, as on one machine.
   */
  readonly authorities?: readonly string[];
}

/** What somebody shows who opens a link. */
export interface Opening {
  /** See {@link Reach}. */
  readonly authorities?: readonly string[];
  /** What the link is for. */
  readonly purpose: LinkPurpose;
  /** Gives what to show at an address. */
  readonly shown: (address: string) => ShownKeys;
}

/** A name, and the keys that go with it. */
export interface ShownKeys {
  /** The name of a token; "" for a replica. */
  readonly name: string;
  readonly keys: ClientKeys;
}

/** Opens links with a token. */
export function openingWith(purpose: LinkPurpose, { tokenAt, authorities }: Reach): Opening {
  return { purpose, shown: tokenAt, authorities };
}

/** A link that is open. */
export interface OpenLink {
  readonly link: Link;
  /** What the token allows. */
  readonly role: AccessRole;
  /** The name of the token. */
  readonly name: string;
  /**
   * The time now by the clock of the replica, in ms since 1970. It goes by a steady clock from the admission on: that
   * of this computer may be set at any moment.
   */
  replicaNowMs(): number;
  /** Takes what comes by the link, from the first message after the admission on. Call it once. */
  attach(handler: LinkHandler<AnyMessage>): void;
}

/** How often a link is opened at most where this program was too slow to show who it is: the computer may be busy. */
const triesMax = 5;

/** This program was too slow to show who it is. */
class SlowOpenerError extends AdmissionError {
  override name = "SlowOpenerError";
}

/**
 * Opens a link to `host:port`.
 *
 * @throws {AdmissionError} if the other end does not let it in, or is not a replica that knows the token.
 * @throws {Error} if nothing accepts there, or `signal` is aborted before the link is open.
 */
export async function openLink(address: string, opening: Opening, signal?: AbortSignal): Promise<OpenLink> {
  for (let tries = 1;; tries++) {
    try {
      return await openOnce(address, opening, signal);
    } catch (error) {
      if (!(error instanceof SlowOpenerError) || tries === triesMax) throw error;
    }
  }
}

async function openOnce(address: string, opening: Opening, signal: AbortSignal | undefined): Promise<OpenLink> {
  const opener = new LinkOpener(address, opening);
  const onAbort = () => opener.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    opener.begin(await dial(address, opener, signal, openerBounds, opening.authorities));
    if (signal?.aborted) onAbort();
    return await opener.opened;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** What the opener of a link reads before it is admitted. */
export const openerBounds: LinkBounds = { firstFrameBytesMax, decode: decodeToOpener };

/** The opener's side, until it hands the link over. */
export class LinkOpener implements LinkHandler<AnyMessage> {
  readonly #address: string;
  readonly #opening: Opening;
  readonly #nonce = crypto.getRandomValues(new Uint8Array(keyBytes)).toHex();
  readonly #opened = Promise.withResolvers<OpenLink>();
  #link: Link | undefined;
  /** The claim that was proven, and its keys; absent: nothing yet. */
  #shown: { readonly keys: ClientKeys; readonly claim: Claim } | undefined;
  #handler: LinkHandler<AnyMessage> | undefined;
  #isOpen = false;
  /** The link ended before it was handed over. */
  #ended: { readonly reason: string | undefined } | undefined;

  /** @param address `host:port` of the replica. */
  constructor(address: string, opening: Opening) {
    this.#address = address;
    this.#opening = opening;
    // A link may end before anybody waits for it.
    this.#opened.promise.catch(() => {});
  }

  /** Resolves when the replica has let it in. */
  get opened(): Promise<OpenLink> {
    return this.#opened.promise;
  }

  /** Greets by a link whose handler it is. */
  begin(link: Link): void {
    this.#link = link;
    link.send({ kind: "GREET", version: wireVersion, purpose: this.#opening.purpose, nonce: this.#nonce });
  }

  /** Gives up. */
  abort(reason: unknown): void {
    this.#link?.abort();
    this.#opened.reject(reason);
  }

  /** A message came. */
  onMessage(link: Link, message: AnyMessage): void {
    if (this.#isOpen) return this.#handler?.onMessage(link, message);
    switch (message.kind) {
      case "REFUSED":
        return this.#fail(link, `refused: ${message.reason}`, message.reason === notShownInTime);
      case "CHALLENGE":
        if (this.#shown === undefined) return this.#prove(link, message);
        break;
      case "ADMITTED":
        if (this.#shown !== undefined) return this.#admitted(link, message, this.#shown);
        break;
    }
    this.#fail(link, `sent ${message.kind}, which no replica sends there`);
  }

  /** The link ended. */
  onClosed(link: Link, reason?: string): void {
    if (this.#handler !== undefined) return this.#handler.onClosed(link, reason);
    this.#ended = { reason };
    this.#opened.reject(new AdmissionError(reason === undefined ? "closed the link" : ofTls(reason) ?? reason));
  }

  #prove(link: Link, { nonce }: MessageOf<"CHALLENGE">): void {
    let shown: ShownKeys;
    try {
      shown = this.#opening.shown(this.#address);
    } catch (error) {
      return this.#fail(link, `wants a token: ${error instanceof Error ? error.message : error}`);
    }
    const { name, keys } = shown;
    const { purpose } = this.#opening;
    const { port } = splitAddress(this.#address);
    const claim: Claim = { purpose, port, name, openerNonce: this.#nonce, replicaNonce: nonce };
    this.#shown = { keys, claim };
    link.send({ kind: "PROOF", name, proof: clientProof(keys, claim) });
  }

  #admitted(
    link: Link,
    { role, now, proof }: MessageOf<"ADMITTED">,
    { keys, claim }: { readonly keys: ClientKeys; readonly claim: Claim },
  ): void {
    if (!isServerProof(keys, claim, proof)) {
      return this.#fail(link, "is not a replica that knows the token: another program may listen there");
    }
    this.#isOpen = true;
    // A client may have reached a node.
    link.welcome(this.#opening.purpose === "replica" ? undefined : decodeAny);
    // The caller has a turn before the first message.
    link.pause();
    const admittedAt = performance.now();
    this.#opened.resolve({
      link,
      role,
      name: claim.name,
      replicaNowMs: () => Math.round(now + performance.now() - admittedAt),
      attach: (handler) => {
        this.#handler = handler;
        link.resume();
        if (this.#ended !== undefined) handler.onClosed(link, this.#ended.reason);
      },
    });
  }

  #fail(link: Link, reason: string, isSlow = false): void {
    link.abort();
    this.#opened.reject(isSlow ? new SlowOpenerError(reason) : new AdmissionError(reason));
  }
}

/** What to do about a frame that is an alert of TLS: its first bytes, as a length, are 0x1503 and the version. */
function ofTls(reason: string): string | undefined {
  const [, bytes] = /^a frame of (\d+) bytes /.exec(reason) ?? [];
  if (Number(bytes) >>> 16 !== 0x1503) return undefined;
  return "speaks TLS: name the authority of its certificate with --tls-ca";
}
