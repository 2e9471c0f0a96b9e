/**
 * Several words in a sentence.
 *
 * @module
 */

/** Joins words with commas and a last "or": `a, b or c`. */
export function anyOf(words: Iterable<string>): string {
  return new Intl.ListFormat("en-GB", { type: "disjunction" }).format(words);
}
