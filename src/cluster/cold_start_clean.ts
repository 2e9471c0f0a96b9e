/**
 * Clean stops: whether a cluster was stopped so that each of its files has everything, and which files still say so.
 *
 * The mark of a clean stop names a view and a place in the order. All members of that view were there, none had
 * anything pending, and none did anything more: so none of them could have continued alone, and any one of their files
 * is the last word (rule D4). That is so only as long as nothing was started since; the mark is removed before.
 *
 * Pure: nothing in here looks at a file.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import type { CleanStop } from "../storage/cluster_file.ts";
import type { ReplicaStatus } from "../protocol/wire/replica_status.ts";

/**
 * The mark of a stop, if it was clean.
 *
 * @param last what the disk of each member says that ended in good order, and nothing of any other replica.
 */
export function cleanStopOf(last: readonly Found[]): CleanStop | undefined {
  if (last.length === 0) return undefined;
  const [{ v, executed: index, requests, digest, highest: { members } }] = last;
  const stop = { v, index, requests, digest };
  const ended = new Set(last.map(({ id }) => id));
  const isWhole = members.length === ended.size && members.every(({ id }) => ended.has(id));
  const isSame = last.every((found) => relationTo(stop, found) === "same");
  return isWhole && isSame && v > 0 ? stop : undefined;
}

/**
 * Whether replicas that take nothing more from clients have come to rest: all members of one view with the same state.
 *
 * @param answers what each that lives says of itself; undefined: it says nothing.
 */
export function isAtRest(answers: readonly (ReplicaStatus | undefined)[]): boolean {
  const [first] = answers;
  return answers.every((answer) =>
    first !== undefined && answer !== undefined && !answer.frozen && answer.pending === 0 && answer.v === first.v &&
    answer.executed === first.executed && answer.digest === first.digest && answer.members.length === answers.length &&
    answer.members.includes(answer.id)
  );
}

/** How a file stands to the mark of a clean stop. */
export type Relation =
  /** It has everything. */
  | "same"
  /** It lacks something: it was left behind, or it is an older copy. */
  | "behind"
  /** It has more than the mark knows of: the mark is older than the file. */
  | "beyond"
  /** It is at the same place, and has something else: one of the two is wrong. */
  | "other";

/** How a file stands to a clean stop. */
export function relationTo(stop: CleanStop, { v, executed, requests, pending, digest, highest }: Found): Relation {
  if (highest.v > stop.v) return "beyond";
  if (v < stop.v || requests < stop.requests) return "behind";
  if (requests > stop.requests || pending > 0) return "beyond";
  return executed === stop.index && digest === stop.digest ? "same" : "other";
}
