/**
 * Waiting for something that must happen: no test waits for ever, and one that fails says for what it waited.
 *
 * @module
 */

/** Milliseconds after which what has not happened never will: far more than a loaded machine needs. */
export const patienceMs = 120_000;

/**
 * The result of the promise.
 *
 * @throws {Error} if it does not settle in `ms` milliseconds; the text says what was awaited.
 */
export async function within<T>(what: string, promise: Promise<T>, ms = patienceMs): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Waited ${ms} ms in vain for ${what}`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
