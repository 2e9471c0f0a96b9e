/**
 * The client's side of a backup: fetches a copy of the database at one index of the log from one replica.
 *
 * The pieces of two replicas do not fit together. So a copy comes from one replica, and begins again at another when
 * that one is lost. The copy must hold every command whose outcome anybody knew before: so it must have reached the
 * index of a read that the client did first. A replica that is behind gives its copy when it has reached that index.
 *
 * @module
 */

import { wireVersion } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import { joined } from "../../snapshot.ts";
import { pause } from "../../runtime/within.ts";
import { describeTried, Inquiry, InquiryError } from "./inquiry.ts";

/** Bytes of a copy of the database: more than a replica can hold. */
export const copyBytesMax = 2 ** 32;

const tooLong = `has a copy of over ${copyBytesMax} bytes, which no replica can hold`;

/** Milliseconds without a piece from any replica after which a backup gives up. */
export const copyWaitMs = 15_000;

/** Milliseconds within which a replica must send a piece. Then the program that fetches it turns to another replica. */
export const copyAnswerMs = 5_000;

/** A copy of the database. */
export interface FetchedCopy {
  /** The index in the log of the last command in it. */
  readonly executed: number;
  /** The bytes as the state machine wrote them. */
  readonly bytes: Uint8Array;
}

/** No replica gave a whole copy; the message names every address tried. */
export class CopyError extends Error {
  /** The name of the class. */
  override name = "CopyError";
}

/** Which copy to fetch, and how. */
export interface CopyOptions {
  /** The cluster that the copy must come from. */
  readonly cluster: string;
  /** The index of the log that the copy must have reached. */
  readonly atLeast: number;
  /** `host:port` of the present replicas; called in each round. */
  addresses(): readonly string[];
  /** Is called with the bytes that came, and about how many come in all. */
  readonly onProgress?: (bytes: number, estimate: number) => void;
  /**
   * Is called when a replica did not give a whole copy, with the reason; then another one is asked, or the same again.
   */
  readonly onTrouble?: (address: string, reason: string) => void;
  /** Aborting it ends all links. */
  readonly signal?: AbortSignal;
  readonly waitMs?: number;
  /** Milliseconds within which a replica must send a piece; 5,000 if absent. */
  readonly answerMs?: number;
}

// The pause after a round in which no replica gave anything.
const roundPauseMs = 50;

/**
 * Fetches a copy.
 *
 * @throws {CopyError} if no replica gives one, or it was aborted.
 */
export async function fetchCopy(options: CopyOptions): Promise<FetchedCopy> {
  const { onTrouble, onProgress, signal, waitMs = copyWaitMs } = options;
  const reasons = new Map<string, string>();
  let progressAt = performance.now();
  const observed: CopyOptions = {
    ...options,
    onProgress: (bytes, estimate) => {
      progressAt = performance.now();
      onProgress?.(bytes, estimate);
    },
  };
  for (;;) {
    // The last member has the least to do: the first one sends outputs to clients, and feeds newcomers.
    for (const address of options.addresses().toReversed()) {
      const fetched = await fetchFrom(address, observed);
      if (typeof fetched !== "string") return fetched;
      if (signal?.aborted) throw new CopyError("The copy was interrupted");
      reasons.set(address, fetched);
      onTrouble?.(address, fetched);
    }
    if (performance.now() - progressAt >= waitMs) {
      throw new CopyError(`No replica gives a copy: ${describeTried(reasons)}`);
    }
    await pause(roundPauseMs, signal);
  }
}

/** Fetches a copy from one replica; a string says why that did not work. */
async function fetchFrom(address: string, options: CopyOptions): Promise<FetchedCopy | string> {
  const { atLeast, answerMs = copyAnswerMs, signal, onProgress } = options;
  using inquiry = new Inquiry({ answer: "COPIED", purpose: "a copy", answerMs, signal });
  const askAt = (offset: number) => inquiry.ask({ kind: "COPY", version: wireVersion, atLeast, offset });
  try {
    await inquiry.open(address);
    const first = await askAt(0);
    const refusal = whyNot(first, options);
    if (refusal !== undefined) return refusal;
    const { executed } = first;
    const pieces: Uint8Array[] = [];
    for (let piece = first;;) {
      // A link reads the next frame into the same bytes.
      pieces.push(piece.bytes.slice());
      const next = piece.offset + piece.bytes.length;
      if (next > copyBytesMax) return tooLong;
      onProgress?.(next, piece.final ? next : piece.estimate);
      if (piece.final) return { executed, bytes: joined(pieces) };
      piece = await askAt(next);
      if (!fits(piece, first, next)) return "sent a piece that does not fit to the others";
    }
  } catch (error) {
    if (error instanceof InquiryError) return error.message;
    throw error;
  }
}

/** Why the copy with this first piece is not the wanted one. */
function whyNot(first: MessageOf<"COPIED">, { cluster, atLeast }: CopyOptions): string | undefined {
  if (first.cluster !== cluster) return "is of another cluster";
  if (first.executed < atLeast) return `has executed only ${first.executed} of ${atLeast} commands`;
  if (first.estimate > copyBytesMax) return tooLong;
  return fits(first, first, 0) ? undefined : "sent a piece that does not fit to the others";
}

function fits(piece: MessageOf<"COPIED">, first: MessageOf<"COPIED">, offset: number): boolean {
  const { cluster, executed, bytes, final } = piece;
  return cluster === first.cluster && executed === first.executed && piece.offset === offset &&
    (bytes.length > 0 || final);
}
