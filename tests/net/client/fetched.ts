/**
 * Copies that are gathered in memory.
 *
 * @module
 */

import { copyParts } from "../../../src/copy_layout.ts";
import type { CopyOptions } from "../../../src/net/client/backup.ts";
import { joined } from "../../../src/snapshot.ts";
import { fetchCopy } from "../admitted.ts";

/** A copy. */
export interface FetchedCopy {
  /** The index of its last command. */
  readonly executed: number;
  /** All of its bytes. */
  readonly bytes: Uint8Array;
  /** Those of its state. */
  readonly state: Uint8Array;
}

/** Fetches a copy. @param why says why a whole copy is not sound. */
export async function fetchWhole(
  options: Omit<CopyOptions, "tokenAt">,
  why: (bytes: Uint8Array) => string | undefined = () => undefined,
): Promise<FetchedCopy> {
  let pieces: { readonly part: number; readonly bytes: Uint8Array }[] = [];
  const all = (wanted: (part: number) => boolean) =>
    joined(pieces.filter(({ part }) => wanted(part)).map(({ bytes }) => bytes));
  const executed = await fetchCopy(options, {
    begin: () => pieces = [],
    write: (part, bytes) => void pieces.push({ part, bytes: bytes.slice() }),
    end: () => why(all(() => true)),
  });
  return { executed, bytes: all(() => true), state: all((part) => part === copyParts.state) };
}
