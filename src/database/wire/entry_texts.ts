/**
 * The texts of an entry, where they lie: a command brings them, and the log keeps them.
 *
 * @module
 */

import type { TextRange } from "./text_range.ts";

/** The texts that any entry may have, and any command that makes one. */
export interface EntryTexts {
  /** Whether one of them is there; if not, they are all empty. */
  readonly hasTexts: boolean;
  /** The reporter. */
  readonly who: TextRange;
  /** Where it is from. */
  readonly source: TextRange;
  /** A remark. */
  readonly note: TextRange;
}
