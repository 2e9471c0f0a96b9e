/**
 * Which versions of etcd may be used, and what is known of them.
 *
 * @module
 */

/** The version as numbers; undefined: it does not look like one. */
function numbersOf(version: string): readonly [number, number, number] | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((number, at) => number !== b[at]);
  return at >= 0 && a[at] < b[at];
}

/** Why a version must not be used; undefined: it may. */
export function refusalOfVersion(version: string): string | undefined {
  const numbers = numbersOf(version);
  if (numbers === undefined) return `"${version}" is not a version of etcd`;
  if (isBefore(numbers, [3, 4, 0])) return `etcd ${version} is too old: use 3.4 or later`;
  if (!isBefore(numbers, [3, 5, 0]) && isBefore(numbers, [3, 5, 3])) {
    return `etcd ${version} can corrupt its data: use 3.5.3 or later`;
  }
  return undefined;
}

/** Whether a read that etcd calls linearizable is: before 3.6.9, it may be stale after a pause (etcd #20418). */
export function hasSafeReads(version: string): boolean {
  const numbers = numbersOf(version);
  return numbers !== undefined && !isBefore(numbers, [3, 6, 9]);
}
