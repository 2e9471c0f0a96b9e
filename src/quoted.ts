/**
 * Text that may hold anything, made fit for one line of a terminal or of a log.
 *
 * @module
 */

/** Code points of a value that an error message shows. */
const shownMax = 60;

/** What would move the cursor, break the line, or turn the direction of the text around it. */
// deno-lint-ignore no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** What most texts are: to see that takes a fraction of the time. */
const plain = /^[ -~]*$/;

/** `text` with everything that is unsafe to print written as `\uXXXX`. */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `text` in double quotes, on one line: a string of JSON, in which nothing is unsafe to print. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** {@link quoted}, for error messages: a long value is cut and ends in an ellipsis inside the quotes. */
export function quotedShort(text: string): string {
  // Two UTF-16 units at most make a code point, so this much holds all that is shown, however long the text is.
  const head = [...text.slice(0, 2 * shownMax + 2)];
  return quoted(head.length > shownMax ? `${head.slice(0, shownMax).join("")}…` : text);
}
