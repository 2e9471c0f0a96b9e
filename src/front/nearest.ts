/**
 * Guesses the word that a person may have misspelt.
 *
 * @module
 */

/** Letters of a word that are compared, unless more are asked for: no command or option is longer. */
const wordLettersMax = 40;

/**
 * The word that is nearest to what was typed, if one is near: at most a third of its letters wrong, missing, too many,
 * or swapped with their neighbours. If two are equally near, the first one counts.
 *
 * @param lettersMax letters of a word that are compared; for a longer one, nothing is near.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("veiw", ["list", "view"]), "view");
 * assertEquals(nearest("remove", ["list", "view"]), undefined);
 * ```
 */
export function nearest(
  typed: string,
  known: Iterable<string>,
  lettersMax: number = wordLettersMax,
): string | undefined {
  const word = typed.toLowerCase();
  if (word.length > lettersMax) return undefined;
  let found: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const farthest = Math.max(1, Math.floor(candidate.length / 3));
    // At least the difference in length is missing, or too much.
    if (Math.abs(candidate.length - word.length) > farthest) continue;
    const distance = editDistance(word, candidate.toLowerCase());
    if (distance < least && distance <= farthest) {
      found = candidate;
      least = distance;
    }
  }
  return found;
}

/** How many letters have to be put in, taken out, changed, or swapped with the next one, to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  // Rows of the table of distances between the beginnings of both: the one before the last, the last, this one.
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, before[j - 2] + 1);
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
