/**
 * The client's side of a backup: fetches a copy of the database at one index of the log from one replica.
 *
 * The pieces of two replicas do not fit together. So a copy comes from one replica, and begins again at another when
 * that one is lost. The copy must hold every command whose outcome anybody knew before: so it must have reached the
 * index of a read that the client did first. A replica that is behind gives its copy when it has reached that index.
 *
 * A copy may be larger than memory: each piece goes to its target as it comes. A target that has files of sealed
 * history already leaves them out: the next question names a later place.
 *
 * @module
 */

import { wireVersion } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import { copyParts } from "../../copy_layout.ts";
import { pause } from "../../runtime/within.ts";
import { openingWith, type Reach } from "../opening.ts";
import { describeTried, Inquiry, InquiryError } from "./inquiry.ts";

/** Bytes of a copy of the database: more than a replica can hold. */
export const copyBytesMax = 2 ** 48;

const tooLong = `has a copy of over ${copyBytesMax} bytes, which no replica can hold`;

/** Milliseconds without a piece from any replica after which a backup gives up. */
export const copyWaitMs = 15_000;

/** Milliseconds within which a replica must send a piece. Then the program that fetches it turns to another replica. */
export const copyAnswerMs = 5_000;

/** Takes a copy of the database, piece by piece. Whatever it throws ends the fetching. */
export interface CopyTarget {
  /** A copy begins: what came of another one is void. */
  begin(): void;
  /**
   * The next bytes, good only until the call returns, whatever it waits for then.
   *
   * @param part what they are of: one of `copyParts`, and never one before that of the last bytes.
   */
  write(part: number, bytes: Uint8Array): Promise<void> | void;
  /**
   * How many of the bytes that follow need not come: bytes of files. It is asked after each piece. Absent: none.
   */
  leaveOut?(): number;
  /**
   * All has come.
   *
   * @returns why it is not sound, so that another replica is asked; undefined: it is.
   */
  end(): Promise<string | undefined> | string | undefined;
}

/** No replica gave a whole copy; the message names every address tried. */
export class CopyError extends Error {
  /** The name of the class. */
  override name = "CopyError";
}

/** Which copy to fetch, and how. */
export interface CopyOptions extends Reach {
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

/** What one replica gave: the index of a whole copy; or why it gave none, which may be sent whole and not be sound. */
type Given = number | { readonly why: string; readonly wasWhole?: boolean };

// The pause after a round in which no replica gave anything.
const roundPauseMs = 50;

/**
 * Fetches a copy.
 *
 * @returns the index in the log of the last command in it.
 * @throws {CopyError} if no replica gives one, or it was aborted.
 */
export async function fetchCopy(options: CopyOptions, target: CopyTarget): Promise<number> {
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
    let wasWhole = false;
    for (const address of options.addresses().toReversed()) {
      const given = await fetchFrom(address, observed, target);
      if (typeof given === "number") return given;
      if (signal?.aborted) throw new CopyError("The copy was interrupted");
      reasons.set(address, given.why);
      wasWhole ||= given.wasWhole ?? false;
      onTrouble?.(address, given.why);
    }
    // The same replica would send the same once more, however long that takes.
    if (wasWhole || performance.now() - progressAt >= waitMs) {
      throw new CopyError(`No replica gives a copy: ${describeTried(reasons)}`);
    }
    await pause(roundPauseMs, signal);
  }
}

/** Fetches a copy from one replica. */
async function fetchFrom(address: string, options: CopyOptions, target: CopyTarget): Promise<Given> {
  const { atLeast, answerMs = copyAnswerMs, signal, onProgress } = options;
  const opening = openingWith("copy", options);
  using inquiry = new Inquiry({ answers: ["COPIED"], purpose: "a copy", opening, answerMs, signal });
  const askAt = (offset: number) => inquiry.ask({ kind: "COPY", version: wireVersion, atLeast, offset });
  try {
    await inquiry.open(address);
    const first = await askAt(0);
    const refusal = whyNot(first, options);
    if (refusal !== undefined) return { why: refusal };
    target.begin();
    for (let piece = first;;) {
      const { part, bytes, final, estimate } = piece;
      const end = piece.offset + bytes.length;
      if (end > copyBytesMax) return { why: tooLong };
      await target.write(part, bytes);
      if (final) {
        onProgress?.(end, end);
        break;
      }
      const next = end + (target.leaveOut?.() ?? 0);
      onProgress?.(next, estimate);
      piece = await askAt(next);
      if (!fits(piece, first, next, part)) return { why: "sent a piece that does not fit to the others" };
    }
    const why = await target.end();
    return why === undefined ? first.executed : { why, wasWhole: true };
  } catch (error) {
    if (error instanceof InquiryError) return { why: error.message };
    throw error;
  }
}

/** Why the copy with this first piece is not the wanted one. */
function whyNot(first: MessageOf<"COPIED">, { cluster, atLeast }: CopyOptions): string | undefined {
  if (first.cluster !== cluster) return "is of another cluster";
  if (first.executed < atLeast) return `has executed only ${first.executed} of ${atLeast} commands`;
  if (first.estimate > copyBytesMax) return tooLong;
  return fits(first, first, 0, copyParts.state) ? undefined : "sent a piece that does not fit to the others";
}

/** Whether a piece follows one of this part, or is the first one. */
function fits(piece: MessageOf<"COPIED">, first: MessageOf<"COPIED">, offset: number, after: number): boolean {
  const { cluster, executed, part, bytes, final } = piece;
  return cluster === first.cluster && executed === first.executed && piece.offset === offset &&
    part >= after && part <= copyParts.files && (bytes.length > 0 || final) &&
    (offset > 0 || part === copyParts.state);
}
