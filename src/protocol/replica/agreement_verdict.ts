/**
 * Which members have sealed something else than the others, by what all have stated (rule V12).
 *
 * @module
 */

import type { ComparedSegment, SegmentPlace } from "../../history.ts";
import type { ReplicaId } from "../../uid.ts";

/** Why one member must stop. */
export interface Verdict {
  /** What it has stated of the segment. */
  readonly own: ComparedSegment;
  /** The members that are right. */
  readonly right: readonly ReplicaId[];
  /** Their digest, in hexadecimal digits. */
  readonly digest: string;
  /** Whether they are as many as those that have stated what this one has: nothing says which of the two is broken. */
  readonly isTie: boolean;
}

/** The verdict of one view. */
export interface Judgement {
  /** The members that must stop. */
  readonly verdicts: ReadonlyMap<ReplicaId, Verdict>;
  /** Those segments in dispute about which somebody could say nothing: they wait for another view. */
  readonly open: readonly SegmentPlace[];
}

/**
 * Judges the segments in their order. All members have a voice about each, and the larger party is right; of two of one
 * size, it is the one with the smallest id. But a party whose members have all been found broken before is never right:
 * so one member at least is left, whatever they have stated.
 *
 * @param members those of the view.
 * @param places the segments in dispute.
 * @param stated what each member has stated of them: it leaves out what it does not name, or is to write again. Those
 * of which entries were redacted are compared only where all have overwritten as many.
 */
export function broken(
  members: readonly ReplicaId[],
  places: readonly SegmentPlace[],
  stated: ReadonlyMap<ReplicaId, readonly ComparedSegment[]>,
): Judgement {
  const verdicts = new Map<ReplicaId, Verdict>();
  const open: SegmentPlace[] = [];
  for (const place of places.toSorted((a, b) => a.kind - b.kind || a.number - b.number)) {
    const said = new Map(members.flatMap((id) => {
      const segment = stated.get(id)?.find(({ kind, number }) => kind === place.kind && number === place.number);
      return segment === undefined ? [] : [[id, segment]];
    }));
    const parties = Map.groupBy(said.keys(), (id) => said.get(id)!.digest.toHex());
    // A member that has stated late may have applied another redaction.
    const counts = new Set([...said.values()].map(({ redacted }) => redacted));
    if (said.size < members.length || counts.size > 1) {
      if (parties.size > 1) open.push(place);
      continue;
    }
    const mayBeRight = [...parties.values()].filter((party) => party.some((id) => !verdicts.has(id)));
    const [right] = mayBeRight.sort((a, b) => b.length - a.length || Math.min(...a) - Math.min(...b));
    for (const party of parties.values()) {
      if (party === right) continue;
      const digest = said.get(right[0])!.digest.toHex();
      const isTie = party.length === right.length;
      for (const id of party) if (!verdicts.has(id)) verdicts.set(id, { own: said.get(id)!, right, digest, isTie });
    }
  }
  return { verdicts, open };
}
