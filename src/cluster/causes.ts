/**
 * Why a replica died, in words: each is the end of a sentence that begins with the replica.
 *
 * @module
 */

import { slotOf } from "../uid.ts";
import type { KillReason } from "./detector.ts";

/** Why the failure detector had it killed. */
export function causeOfKill(why: KillReason, suspectAfterMs: number): string {
  return why.kind === "silent"
    ? `gave no answer for ${suspectAfterMs / 1000} s and was killed`
    : `was killed, since its link to replica ${slotOf(why.with)} broke while both lived`;
}

/** What its exit status tells, where nothing else does. */
export function causeOfExit({ code, signal }: { readonly code: number; readonly signal: string | null }): string {
  return signal === null ? `ended by itself, with exit code ${code}` : `was killed from outside by ${signal}`;
}

/** Whether a signal is one that Ctrl-C, a closed terminal or `timeout` send to a whole group of processes. */
export function isGroupSignal(signal: string | null): boolean {
  return signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP";
}
