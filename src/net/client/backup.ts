/**
 * The client's side of a backup: fetches a copy of the database, of one place in the log, from one of the replicas.
 *
 * The pieces of two replicas do not fit together, so a copy comes from one, and begins again at another one when that is
 * lost. To hold all that anybody had seen before, the copy must be of a place that is not before that of a read that was
 * answered meanwhile; a replica that has not come so far gives its copy when it has.
 *
 * @module
 */

import { copyAnswerMs, copyBytesMax, copyWaitMs, wireVersion } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import { pause } from "../../runtime/within.ts";
import { describeTried, Inquiry, InquiryError } from "./inquiry.ts";

/** A copy of the database. */
export interface FetchedCopy {
  /** The index in the log of the last command in it. */
  readonly executed: number;
  /** As the state machine has written it. */
  readonly bytes: Uint8Array;
}

/** No replica has given a whole copy; the message names every address tried. */
export class CopyError extends Error {
  /** What kind of error it is. */
  override name = "CopyError";
}

/** What copy is fetched, and who hears of it. */
export interface CopyOptions {
  /** The cluster that it must be of. */
  readonly cluster: string;
  /** The index in the log that it must have reached. */
  readonly atLeast: number;
  /** `host:port` of the replicas that there are, whenever it is asked. */
  addresses(): readonly string[];
  /** Is told how many bytes have come, of how many. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** Is told that a replica did not give a whole copy, and why; another one is asked, or the same again. */
  readonly onTrouble?: (address: string, reason: string) => void;
  /** Aborting it ends all links. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a piece from any replica after which it gives up; 15 s. */
  readonly waitMs?: number;
  /** Milliseconds within which a replica must have sent a piece; 5 s. */
  readonly answerMs?: number;
}

// Between two rounds in which no replica gave anything.
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
    onProgress: (bytes, total) => {
      progressAt = performance.now();
      onProgress?.(bytes, total);
    },
  };
  for (;;) {
    // The last member has the least to do: the first one answers clients, and feeds newcomers.
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
  const inquiry = new Inquiry({ answer: "COPIED", purpose: "a copy", answerMs, signal });
  const askAt = (offset: number) => inquiry.ask({ kind: "COPY", version: wireVersion, atLeast, offset });
  try {
    await inquiry.open(address);
    const first = await askAt(0);
    const refusal = whyNot(first, options);
    if (refusal !== undefined) return refusal;
    const { executed, total } = first;
    const bytes = new Uint8Array(total);
    for (let piece = first;;) {
      bytes.set(piece.bytes, piece.offset);
      const next = piece.offset + piece.bytes.length;
      onProgress?.(next, total);
      if (next === total) return { executed, bytes };
      piece = await askAt(next);
      if (!fits(piece, first, next)) return "sent a piece that does not fit to the others";
    }
  } catch (error) {
    if (error instanceof InquiryError) return error.message;
    throw error;
  } finally {
    inquiry.end("is not needed any more");
  }
}

/** Why the copy that begins so is not the one that is wanted. */
function whyNot(first: MessageOf<"COPIED">, { cluster, atLeast }: CopyOptions): string | undefined {
  if (first.cluster !== cluster) return "is of another cluster";
  if (first.executed < atLeast) return `has executed only ${first.executed} of ${atLeast} commands`;
  if (first.total > copyBytesMax) return `has a copy of ${first.total} bytes, over the bound of ${copyBytesMax}`;
  return fits(first, first, 0) ? undefined : "sent a piece that does not fit to the others";
}

function fits(piece: MessageOf<"COPIED">, first: MessageOf<"COPIED">, offset: number): boolean {
  const { cluster, executed, total, bytes } = piece;
  return cluster === first.cluster && executed === first.executed && total === first.total &&
    piece.offset === offset && offset + bytes.length <= total &&
    (bytes.length > 0 || total === 0);
}
