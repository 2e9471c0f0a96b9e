/**
 * Outcomes as values: what became of a command, unknown included, without a `catch`.
 *
 * @module
 */

import { type AnyOutcome, NotExecutedError, OutcomeUnknownError } from "./client.ts";

/**
 * What became of a command; `status` tells which it is:
 *
 * - `done`: the cluster executed it.
 * - `refused`: the cluster did not do it, for the reason that `outcome.kind` names. To repeat it as it is makes no
 *   sense.
 * - `notExecuted`: the cluster did not execute it and never will. It can be repeated.
 * - `unknown`: the cluster may have executed it, or may still. Look before you repeat it, or make it conditional.
 */
export type Settled<T extends AnyOutcome> =
  | { readonly status: "done"; readonly outcome: Extract<T, { readonly kind: "site" }> }
  | { readonly status: "refused"; readonly outcome: Exclude<T, { readonly kind: "site" }> }
  | { readonly status: "notExecuted"; readonly error: NotExecutedError }
  | { readonly status: "unknown"; readonly error: OutcomeUnknownError };

/**
 * Waits for a command and tells what became of it.
 *
 * ```ts ignore
 * const settlement = await settled(vaxlog.set("Harvard University", 12, { timeoutMs: 2_000 }));
 * if (settlement.status === "unknown") console.error(settlement.error.message);
 * ```
 *
 * @param call a call of a client that is about one site.
 * @throws what else the call throws: that is a fault of the program (such as {@link ValueError}) or of the installation
 * ({@link AnswerError}).
 */
export async function settled<T extends AnyOutcome>(call: Promise<T>): Promise<Settled<T>> {
  try {
    const outcome = await call;
    if (outcome.kind === "site") return { status: "done", outcome: outcome as Extract<T, { readonly kind: "site" }> };
    return { status: "refused", outcome: outcome as Exclude<T, { readonly kind: "site" }> };
  } catch (error) {
    if (error instanceof NotExecutedError) return { status: "notExecuted", error };
    if (error instanceof OutcomeUnknownError) return { status: "unknown", error };
    throw error;
  }
}
