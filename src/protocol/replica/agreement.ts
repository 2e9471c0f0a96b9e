/**
 * Whether all members have sealed the same (rule V12): a segment of the history that the machines of two members name,
 * and of which both have overwritten as many entries, has the same digest.
 *
 * Members tell each other what they name. One that hears of another digest than its own ends the view, since only at
 * the beginning of a view all judge by the same digests. There, all state what they name of each segment that is in
 * dispute, and the verdict follows from what all have stated: so it is the same at all members, and never all stop.
 *
 * @module
 */

import { type ComparedSegment, segmentKinds, segmentName, type SegmentPlace } from "../../history.ts";
import type { ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import { broken, type Verdict } from "./agreement_verdict.ts";
import { listed, tieText } from "./audit.ts";
import type { ReplicaHost } from "./replica_host.ts";

/** The member that compares. */
export type AgreementHost = Pick<ReplicaHost, "id" | "order" | "send" | "alarm">;

/** Segments in one SEALED, and at one tick of those that a replica began with: nobody waits for them. */
export const toldTogetherMax = 64;

/** Segments about which a replica may have heard something else at once: one is enough to find the broken replica. */
export const disputesMax = 16;

/** What the members of one view state of the segments in dispute. */
interface Hearing {
  readonly v: number;
  /** All that a member has called disputed, by their keys. */
  readonly places: Map<string, SegmentPlace>;
  readonly stated: Map<ReplicaId, readonly ComparedSegment[]>;
}

/** Compares what this replica has sealed with what other members have. */
export class Agreement {
  readonly #host: AgreementHost;
  /** What it has named and not told yet. */
  #named: SegmentPlace[] = [];
  /** The next one of those that it named when it began; undefined: all are told. */
  #next: SegmentPlace | undefined = { kind: segmentKinds.entries, number: 1 };
  /** Another member has another digest of these. */
  readonly #disputed = new Map<string, SegmentPlace>();
  #hearing: Hearing | undefined;
  /** The view that it has ended: once is enough. */
  #ended = 0;

  /** Nothing was told yet. */
  constructor(host: AgreementHost) {
    this.#host = host;
  }

  // ---- In a view ----

  /** The state names a segment, for the first time or again; the machine hears of it before the next {@link tell}. */
  named(place: SegmentPlace): void {
    this.#named.push(place);
  }

  /** Tells the other members what was named. One that is to be written again is told then. */
  tell(): void {
    while (this.#named.length > 0) this.#tellOf(this.#named.splice(0, toldTogetherMax));
  }

  /** Time passes: tells some of the segments that were named when this replica began. */
  pass(): void {
    const places: SegmentPlace[] = [];
    while (this.#next !== undefined && places.length < toldTogetherMax) {
      const { kind, number }: SegmentPlace = this.#next;
      if (this.#sealedAs(this.#next) !== undefined) {
        places.push(this.#next);
        this.#next = { kind, number: number + 1 };
      } else this.#next = kind === segmentKinds.entries ? { kind: segmentKinds.documents, number: 1 } : undefined;
    }
    this.#tellOf(places);
  }

  #tellOf(places: readonly SegmentPlace[]): void {
    const segments = this.#settled(places);
    if (segments.length > 0) this.#toOthers({ kind: "SEALED", segments });
  }

  /**
   * Another member names these. Whatever this one does not name yet, or is to write again, it tells later itself; then
   * the other one compares.
   */
  heard({ segments }: MessageOf<"SEALED">): void {
    let isNews = false;
    for (const other of segments) {
      const own = this.#sealedAs(other);
      if (own === undefined || own === "due" || own.redacted !== other.redacted || isSame(own, other)) continue;
      isNews = this.#dispute(own) || isNews;
    }
    const { v } = this.#host.order;
    if (!isNews || this.#ended === v) return;
    this.#ended = v;
    this.#host.alarm();
  }

  /** Returns whether there is room for another dispute, or the segment is in dispute already. */
  #dispute({ kind, number }: SegmentPlace): boolean {
    const key = keyOf({ kind, number });
    if (this.#disputed.size >= disputesMax && !this.#disputed.has(key)) return false;
    this.#disputed.set(key, { kind, number });
    return true;
  }

  // ---- At the beginning of a view ----

  /** A view begins: says what is in dispute, before the DIGEST. */
  begin(): void {
    const { v, members } = this.#host.order;
    // One that is alone has nobody to disagree with; whoever comes takes its state, or tells what it names.
    if (members.length === 1) this.#disputed.clear();
    this.#hearing = { v, places: new Map(this.#disputed), stated: new Map() };
    const places = [...this.#disputed.values()];
    if (places.length > 0) this.#toOthers({ kind: "DISPUTED", v, places });
  }

  /** Another member says what is in dispute. */
  disputed({ v, places }: MessageOf<"DISPUTED">): void {
    if (this.#hearing?.v !== v) return;
    for (const { kind, number } of places.slice(0, disputesMax)) {
      this.#hearing.places.set(keyOf({ kind, number }), { kind, number });
    }
  }

  /** All members have begun the view in one state, so all know all disputes. States what this replica names of them. */
  state(): void {
    const { id } = this.#host;
    const hearing = this.#hearing;
    if (hearing === undefined || hearing.places.size === 0 || hearing.stated.has(id)) return;
    const segments = this.#settled(hearing.places.values());
    hearing.stated.set(id, segments);
    this.#toOthers({ kind: "STATED", v: hearing.v, segments });
  }

  /** Another member states what it names. */
  stated(from: ReplicaId, { v, segments }: MessageOf<"STATED">): void {
    const hearing = this.#hearing;
    if (hearing?.v === v && !hearing.stated.has(from)) hearing.stated.set(from, segments);
  }

  /**
   * The verdict once all members of the view have stated what they name, if this replica must stop. The others then
   * keep only the disputes that somebody could say nothing of.
   *
   * @returns why it must stop, for a person; undefined: it may continue, as far as is known.
   */
  verdict(isDurable: boolean): string | undefined {
    const { id, order: { members } } = this.#host;
    const hearing = this.#hearing;
    if (hearing === undefined || !members.every((member) => hearing.stated.has(member.id))) return undefined;
    this.#hearing = undefined;
    const { verdicts, open } = broken(members.map((member) => member.id), [...hearing.places.values()], hearing.stated);
    this.#disputed.clear();
    for (const place of open) this.#dispute(place);
    const verdict = verdicts.get(id);
    return verdict && reasonOf(verdict, hearing.v, id, isDurable);
  }

  // ---- What this replica names ----

  #sealedAs(place: SegmentPlace): ComparedSegment | "due" | undefined {
    return this.#host.order.executor.machine.sealedAs?.(place);
  }

  /** What it names of these, without those that are to be written again. */
  #settled(places: Iterable<SegmentPlace>): ComparedSegment[] {
    return [...places].map((place) => this.#sealedAs(place)).filter((it) => it !== undefined && it !== "due");
  }

  #toOthers(message: MeshMessage): void {
    const { id: self, order: { members }, send } = this.#host;
    for (const { id } of members) {
      if (id !== self) send(id, message);
    }
  }
}

function keyOf({ kind, number }: SegmentPlace): string {
  return `${kind} ${number}`;
}

function isSame(one: ComparedSegment, other: ComparedSegment): boolean {
  return one.digest.every((byte, at) => byte === other.digest[at]);
}

/** Why a replica stops, and what to do. */
function reasonOf({ own, right, digest, isTie }: Verdict, v: number, self: ReplicaId, isDurable: boolean): string {
  const others = listed(right);
  const reason = `it has sealed something else than ${others}: at the start of view ${v}, the digest of ` +
    `${segmentName(own)} was ${own.digest.toHex().slice(0, 14)}, and that of ${others} ${digest.slice(0, 14)}`;
  if (isTie) return `${reason}. ${tieText(others, self, isDurable)}`;
  const files = isDurable ? "move its files away (the database with its -wal, and the folder of its history), " : "";
  return `${reason}. Its history is damaged where no disk tells: ${files}start it again, and it fetches all from ` +
    "the others";
}
