/**
 * Whom a member asks for what is damaged in its files (rule D8): one other member, and the next one if that does not
 * have it.
 *
 * @module
 */

import type { SegmentRef } from "../../history.ts";
import type { ReplicaId } from "../../uid.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { ReplicaEvent } from "./replica_events.ts";
import type { ReplicaHost } from "./replica_host.ts";

/** The member. */
export type HealingMember = Pick<ReplicaHost, "id" | "order" | "failed" | "send" | "effect">;

/** The member that is asked. */
export class HealingSources {
  readonly #host: HealingMember;
  /** The other members as a round began: their numbers stay the same in it, whoever fails. */
  #others: readonly ReplicaId[] = [];
  #source: ReplicaId | undefined;
  /** What it was asked for and has not answered: the segment of each part. */
  readonly #asked = new Map<number, SegmentRef>();

  /** Nobody was asked yet. */
  constructor(host: HealingMember) {
    this.#host = host;
  }

  /** The files lack a part, and want to ask the other member of a number. */
  wants({ segment, part, other }: ReplicaEvent & { readonly kind: "wants" }): void {
    const { id: self, order, failed } = this.#host;
    if (other === 0) this.#others = order.members.map(({ id }) => id).filter((id) => id !== self && !failed.has(id));
    const to = this.#others.at(other);
    if (to !== this.#source) this.#asked.clear();
    this.#source = to;
    if (to === undefined) return this.#host.effect({ kind: "nobody" });
    if (failed.has(to)) return this.#hasNone(part, segment);
    this.#asked.set(part, segment);
    this.#host.send(to, { kind: "PART", segment, part });
  }

  #hasNone(part: number, segment: SegmentRef): void {
    this.#host.effect({ kind: "part", segment, part, fileBytes: 0, bytes: new Uint8Array(0) });
  }

  /** A part came, or the word that there is none. A late word of another one says nothing. */
  came(from: ReplicaId, { segment, part, fileBytes, bytes }: MessageOf<"PART_IS">): void {
    if (from !== this.#source || !this.#asked.delete(part)) return;
    this.#host.effect({ kind: "part", segment, part, fileBytes, bytes });
  }

  /** A member is dead: it does not have what it was asked for. */
  failed(id: ReplicaId): void {
    if (id !== this.#source) return;
    for (const [part, segment] of this.#asked) this.#hasNone(part, segment);
    this.#asked.clear();
  }
}
