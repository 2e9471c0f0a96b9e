/**
 * Waiting that ends.
 *
 * @module
 */

/** The end of a wait. */
export interface Alarm {
  /** Resolves when it is time to wait no longer. */
  readonly rings: Promise<void>;
  /** Nobody waits any more; what the alarm holds is given up. */
  stop(): void;
}

/** An alarm that rings after `ms` milliseconds. */
export function alarm(ms: number): Alarm {
  const { promise: rings, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { rings, stop: () => clearTimeout(timer) };
}

/** An alarm that rings when the signal is aborted, or was. */
function alarmOf(signal: AbortSignal): Alarm {
  const { promise: rings, resolve } = Promise.withResolvers<void>();
  const ring = () => resolve();
  signal.addEventListener("abort", ring);
  if (signal.aborted) ring();
  return { rings, stop: () => signal.removeEventListener("abort", ring) };
}

/**
 * Waits for a promise, but not for ever.
 *
 * @param bound milliseconds, a signal that is aborted, or an alarm that rings.
 * @returns its result, or undefined if the bound is reached first; nobody hears of a failure after that.
 * @throws {Error} what the promise is rejected with before.
 */
export async function within<T>(bound: number | AbortSignal | Alarm, promise: Promise<T>): Promise<T | undefined> {
  const end = typeof bound === "number" ? alarm(bound) : "rings" in bound ? bound : alarmOf(bound);
  try {
    return await Promise.race([promise, end.rings.then(() => undefined)]);
  } finally {
    end.stop();
    promise.catch(() => {});
  }
}

/** Resolves after `ms` milliseconds, or when the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const end = alarm(ms);
  await within(signal ?? end, end.rings);
  end.stop();
}
