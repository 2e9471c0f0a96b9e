/**
 * Why a replica died, in words: each is the end of a sentence that begins with the replica.
 *
 * @module
 */

import { type ReplicaId, slotOf } from "../uid.ts";

/** Why the failure detector had it killed: for its link to another replica, or else for its silence. */
export function causeOfKill(brokenLink: ReplicaId | undefined, suspectAfterMs: number): string {
  return brokenLink === undefined
    ? `gave no answer for ${suspectAfterMs / 1000} s and was killed`
    : `was killed, since its link to replica ${slotOf(brokenLink)} broke while both lived`;
}

/** Why it was ended whose disk has too little room, while another one's has enough. */
export const causeOfShortage =
  "was ended: its disk has too little room, and those of others have enough; make room on it";

/** What its exit status tells, where nothing else does. */
export function causeOfExit({ code, signal }: { readonly code: number; readonly signal: string | null }): string {
  return signal === null ? `ended by itself, with exit code ${code}` : `was killed from outside by ${signal}`;
}

/** Whether a signal is one that Ctrl-C, a closed terminal or `timeout` send to a whole group of processes. */
export function isGroupSignal(signal: string | null): boolean {
  return signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP";
}
