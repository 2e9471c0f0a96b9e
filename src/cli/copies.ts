/**
 * A copy of the database, and commands that are executed on it alone.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import { ByteWriter } from "../bytes.ts";
import { Sites } from "../database/store/sites.ts";
import type { EntryLog } from "../state_machine.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import { AnswerError, NotExecutedError, OutcomeUnknownError, VaxlogClient } from "../library/client.ts";
import type { FetchedCopy } from "../net/client/backup.ts";
import { entriesBytesMax } from "../limits.ts";
import { printable } from "../quoted.ts";
import { megabytes, ProgressLine } from "./progress.ts";
import { askedBeside, type Connected, type TaskContext } from "./task.ts";

/** Milliseconds between two lines about replicas that gave nothing: the client keeps asking the same ones. */
const troubleMs = 1_000;

/** Fetches a copy from whichever replica gives one, and shows how far it is. @throws {CopyError} if none does. */
export async function fetchWholeCopy({ client, session }: Connected, context: TaskContext): Promise<FetchedCopy> {
  const { around } = context;
  const progress = new ProgressLine(around, { did: "Copied", figure: megabytes, unit: "MB" });
  let saidAt = around.elapsed();
  try {
    return await around.fetchCopy({
      ...askedBeside(session, context),
      atLeast: await positionOf(client),
      onProgress: (bytes, estimate) => progress.update(bytes, estimate),
      onTrouble: (address, reason) => {
        const now = around.elapsed();
        if (now - saidAt < troubleMs) return;
        saidAt = now;
        progress.clear();
        around.stderr.write(`Waiting: the replica at ${address} ${printable(reason)}\n`);
      },
    });
  } finally {
    progress.clear();
  }
}

/** The copy must hold all that anybody had seen before it was asked for. */
async function positionOf(client: VaxlogClient): Promise<number> {
  try {
    return await client.position();
  } catch (error) {
    // Whether the question was executed does not matter: there is certainly no copy.
    if (error instanceof OutcomeUnknownError) throw new NotExecutedError(error.message);
    throw error;
  }
}

/** The database in a copy. @throws {AnswerError} if it cannot be read whole. */
export function databaseIn({ bytes }: FetchedCopy): Sites {
  const sites = new Sites({ packing: zstdPacking });
  try {
    sites.restore(bytes);
    return sites;
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new AnswerError(`Cannot use the copy that came: ${why}; run client and servers of one version`);
  }
}

/** A client of a database in this process: what it changes, it changes here and nowhere else. */
export function clientOf(sites: Sites): VaxlogClient {
  let index = 0;
  const log: EntryLog = sites;
  return new VaxlogClient({
    async *entries(after) {
      for (;;) {
        const entries = log.entriesAfter(after, entriesBytesMax);
        if (entries === undefined) return;
        if (entries === "notYet") log.readHistory?.(performance.now());
        else {
          yield await Promise.resolve(entries);
          after = entries.last;
        }
      }
    },
    submit: (command) => {
      const batch = new ByteWriter();
      batch.blob(command);
      const [output] = itemsOf(sites.apply(batch.copy()));
      return Promise.resolve({ output: output.slice(), index: ++index });
    },
  });
}
