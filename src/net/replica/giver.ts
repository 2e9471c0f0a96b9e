/**
 * Gives parts of the sealed history to replicas that ask for them (rules D7 and D8), a few in each turn.
 *
 * @module
 */

import type { FilePart, SegmentRef } from "../../history.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { ReplicaId } from "../../uid.ts";

/** The files from which parts are given. */
export interface GivingHistory {
  part(segment: SegmentRef, part: number): FilePart | undefined;
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

/** The parts that are asked for and were not given. Each replica asks for few at a time. */
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
    const nothing = { fileBytes: 0, bytes: new Uint8Array(0) };
    try {
      return { segment, part, ...this.#host.history.part(segment, part) ?? nothing };
    } catch (error) {
      if (this.#host.isFault(error)) return { segment, part, ...nothing };
      throw error;
    }
  }
}
