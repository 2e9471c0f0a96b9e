/**
 * Objects of which a part is optional.
 *
 * @module
 */

/** The members that are not undefined. */
export function given<T extends object>(members: T): T {
  const present: Record<string, unknown> = {};
  for (const name of Object.keys(members) as (keyof T & string)[]) {
    if (members[name] !== undefined) present[name] = members[name];
  }
  return present as T;
}
