/**
 * Whether the clock of this computer may say when something is recorded.
 *
 * A report without a time of its own counts as observed when it is recorded. One from a clock that is years ahead would
 * hide every later report of its site: those would be kept, and not shown. So a change is refused here, before it is
 * sent. Replicas cannot refuse it later: what is in the order is executed by all, and each of them has another clock.
 *
 * @module
 */

import { recordedAheadMsMax } from "../limits.ts";
import { NotExecutedError } from "../net/client/calls.ts";

/**
 * Checks when a change would be recorded.
 *
 * @param recordedAt that time, by the clock of this computer, in ms since 1970.
 * @param replicaNowMs the time now, by the clock of a replica.
 * @throws {NotExecutedError} if that is too far ahead; it has both times.
 */
export function checkRecordedAt(recordedAt: number, replicaNowMs: number): void {
  if (recordedAt - replicaNowMs <= recordedAheadMsMax) return;
  const [ours, theirs] = [recordedAt, replicaNowMs].map((ms) => new Date(ms).toISOString());
  throw new NotExecutedError(
    `It would be recorded at ${ours}, and the clock of the replicas says ${theirs}: set the clock that is wrong`,
  );
}
