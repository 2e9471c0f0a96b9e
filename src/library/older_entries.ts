/**
 * Entries that are not in the tail of the log: a command does not give them, and a watch does, from any replica.
 *
 * @module
 */

import type { Entries } from "../state_machine.ts";
import type { CallOptions } from "../net/client/calls.ts";
import { NotExecutedError } from "../net/client/calls.ts";
import { reasonOf } from "../reason.ts";

/** What gives the entries of the log. */
export interface EntrySource {
  /**
   * The entries after an index, in batches: those that exist, and then each new one.
   *
   * @param signal aborting it ends them, without an error.
   */
  entries(after: number, signal: AbortSignal): AsyncIterable<Entries>;
}

/**
 * Reads the entries after an index, in batches, up to one that exists. The last batch may have more.
 *
 * @param options how long to wait for each batch.
 * @throws {NotExecutedError} if they do not come: no replica answers, the wait ends, or the source has none.
 */
export async function* olderEntries(
  source: Partial<EntrySource>,
  after: number,
  upTo: number,
  { signal, timeoutMs }: CallOptions,
): AsyncGenerator<Uint8Array> {
  if (source.entries === undefined) throw new NotExecutedError(`Cannot read entries up to ${upTo} without a session`);
  const ending = new AbortController();
  const ends = signal === undefined ? ending.signal : AbortSignal.any([ending.signal, signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const setTimer = () => {
    if (timeoutMs !== undefined) timer = setTimeout(() => ending.abort(), timeoutMs);
  };
  try {
    setTimer();
    for await (const { bytes, last } of source.entries(after, ends)) {
      clearTimeout(timer);
      // Aborted while the caller was at work.
      if (ends.aborted) break;
      yield bytes;
      if (last >= upTo) return;
      setTimer();
    }
  } catch (error) {
    throw new NotExecutedError(reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
  const why = signal?.aborted ? "the call was aborted" : `the deadline of ${timeoutMs} ms passed`;
  throw new NotExecutedError(`${why} before the entries came`, { cause: signal?.reason });
}
