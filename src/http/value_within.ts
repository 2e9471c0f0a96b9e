/**
 * Waiting for a value, and not for ever.
 *
 * @module
 */

/** The value of the promise, or undefined if it takes longer than `ms` milliseconds; that is not an error then. */
export async function valueWithin<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
    // Whatever comes of it later, nobody waits for it.
    promise.catch(() => {});
  }
}
