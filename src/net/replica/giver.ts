/**
 * Gives parts of the sealed history to newcomers that ask for them (rule D7), a few in each turn.
 *
 * @module
 */

import type { SegmentPlace, SegmentRef } from "../../history.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { ReplicaId } from "../../uid.ts";

/** The files from which parts are given. */
export interface GivingHistory {
  find(place: SegmentPlace): SegmentRef | undefined;
  tail(place: SegmentPlace): Uint8Array;
  fileBytes(place: SegmentPlace): number;
  packed(place: SegmentPlace, block: number): Uint8Array;
}

/** Where the files are, and how parts reach another replica. */
export interface GiverHost {
  readonly history: GivingHistory;
  /** Whether an error tells of the disk, and not of a mistake of the program. */
  isFault(error: unknown): boolean;
  send(to: ReplicaId, part: MessageOf<"PART_IS">): void;
}

/** A part that a replica asks for. */
export type AskedPart = Omit<MessageOf<"PART">, "kind">;

/** The parts that are asked for and were not given. A newcomer asks for few parts at a time. */
export class Giver {
  readonly #host: GiverHost;
  #asked: (AskedPart & { readonly to: ReplicaId })[] = [];

  constructor(host: GiverHost) {
    this.#host = host;
  }

  /** Whether there is anything to give. */
  get isReady(): boolean {
    return this.#asked.length > 0;
  }

  /** A replica asks for a part. */
  ask(to: ReplicaId, asked: AskedPart): void {
    this.#asked.push({ to, ...asked });
  }

  /** Gives the next part, if one is asked for. */
  step(): void {
    const asked = this.#asked.shift();
    if (asked !== undefined) this.#host.send(asked.to, { kind: "PART_IS", ...this.#read(asked) });
  }

  #read({ segment, part }: AskedPart): Omit<MessageOf<"PART_IS">, "kind"> {
    const { history } = this.#host;
    const nothing = { segment, part, fileBytes: 0, bytes: new Uint8Array(0) };
    // Entries of it may have been redacted since it was named.
    if (history.find(segment)?.digest.toHex() !== segment.digest.toHex()) return nothing;
    try {
      const bytes = part === 0 ? history.tail(segment) : history.packed(segment, part - 1);
      return { segment, part, fileBytes: history.fileBytes(segment), bytes };
    } catch (error) {
      if (this.#host.isFault(error)) return nothing;
      throw error;
    }
  }
}
