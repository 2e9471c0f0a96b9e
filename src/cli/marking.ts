/**
 * Colours, which mark what a piece of text is.
 *
 * @module
 */

import { styleText } from "node:util";

const marks = { prompt: "bold", bad: "red", good: "green", notice: "yellow" } as const;

/** Marks a text as something that is asked, went wrong, went well, or happened beside. */
export type Marking = (what: keyof typeof marks, text: string) => string;

/** Marks text with colours, or leaves it as it is. */
export function marking(hasColour = false): Marking {
  return (what, text) => hasColour ? styleText(marks[what], text, { validateStream: false }) : text;
}
