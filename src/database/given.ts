/**
 * Objects of which a part is optional.
 *
 * @module
 */

/** The members that are not undefined. */
export function given<T extends object>(members: T): T {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) present[name] = value;
  return present as T;
}
