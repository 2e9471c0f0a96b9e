/**
 * Waiting for what may never come.
 *
 * @module
 */

import type { Alarm } from "./surroundings.ts";

/** The result of the promise, or undefined if the signal is aborted first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const abort = () => aborted.resolve(undefined);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    // Nobody hears of it any more.
    promise.catch(() => {});
  }
}

/** The result of the promise, or undefined if the alarm rings first. */
export async function unlessRung<T>(promise: Promise<T>, alarm: Alarm): Promise<T | undefined> {
  try {
    return await Promise.race([promise, alarm.rings.then(() => undefined)]);
  } finally {
    alarm.stop();
    promise.catch(() => {});
  }
}
