/**
 * What the parts of the scenario runner share.
 *
 * @module
 */

/** A scenario that cannot be run as it is written, or that ends in another way than it expects. */
export class ScenarioError extends Error {
  override name = "ScenarioError";
}

/** A whole number in a script. */
export function count(word: string): number {
  const value = Number(word);
  if (!Number.isSafeInteger(value) || value < 0) throw new ScenarioError(`"${word}" is not a number`);
  return value;
}
