/**
 * Waiting that ends.
 *
 * @module
 */

/** Resolves when the promise has settled, or after `ms` milliseconds. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise.catch(() => {}), late.promise]);
  clearTimeout(timer);
}
