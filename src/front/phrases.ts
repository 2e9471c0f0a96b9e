/**
 * Words for one thing or several, in a sentence.
 *
 * @module
 */

/** Joins words with commas and a last "or": `a, b or c`. */
export function anyOf(words: Iterable<string>): string {
  return new Intl.ListFormat("en-GB", { type: "disjunction" }).format(words);
}

/** A number of things: `1 site`, `2 sites`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
