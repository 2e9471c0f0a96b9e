/**
 * A copy of the database, and commands that are executed on it alone.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import { ByteWriter, DecodeError } from "../bytes.ts";
import type { MakeSites, Sites } from "../database/store/sites.ts";
import type { EntryLog } from "../state_machine.ts";
import { AnswerError, NotExecutedError, OutcomeUnknownError, VaxlogClient } from "../library/client.ts";
import type { CopyTarget } from "../net/client/backup.ts";
import { readingState } from "../storage/read_backup.ts";
import { checkingHistory, historyIn, whyNotNamed } from "../storage/copied_history.ts";
import type { CopyContents } from "../storage/copy_contents.ts";
import { inSlices } from "../storage/slices.ts";
import { entriesBytesMax } from "../limits.ts";
import { printable } from "../quoted.ts";
import { megabytes, ProgressLine } from "./progress.ts";
import { askedBeside, type Connected, type TaskContext } from "./task.ts";

/** Milliseconds between two lines about replicas that gave nothing: the client keeps asking the same ones. */
const troubleMs = 1_000;

/** A copy that can be used. */
export interface UsableCopy {
  /** The index in the log of its last command. */
  readonly index: number;
  /** The database, which reads its sealed history in the copy. */
  readonly sites: Sites;
}

/** Takes a copy, and can read it then: a file, a directory, or memory. */
export interface ReadableTarget extends Omit<CopyTarget, "end"> {
  /** The copy that was written. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents;
  /**
   * Why the sealed history that has come cannot be used; undefined: it can. Absent: nothing of it was compared yet.
   *
   * @throws {DecodeError} if the copy cannot be one.
   */
  whyNot?(): string | undefined;
}

/**
 * Fetches a copy from whichever replica gives a sound one, and shows how far it is.
 *
 * @throws {CopyError} if none does.
 * @throws {AnswerError} if it cannot be read whole.
 */
export async function fetchWholeCopy(
  { client, session }: Connected,
  context: TaskContext,
  target: ReadableTarget,
): Promise<UsableCopy> {
  const { around } = context;
  const progress = new ProgressLine(around, { did: "Copied", figure: megabytes, unit: "MB" });
  let saidAt = around.elapsed();
  let sites: Sites | undefined;
  try {
    const index = await around.fetchCopy({
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
    }, {
      begin: () => target.begin(),
      write: (part, bytes) => target.write(part, bytes),
      leaveOut: () => target.leaveOut?.() ?? 0,
      end: async () => {
        const found = await databaseIn(target, around.makeSites);
        if (typeof found === "string") return `sent a damaged copy: ${found}`;
        sites = found;
      },
    });
    return { index, sites: sites! };
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

/**
 * The database in a copy, all of which is read.
 *
 * @returns what is damaged in its history, if anything is.
 * @throws {AnswerError} if no replica can give a better one.
 */
async function databaseIn(target: ReadableTarget, makeSites: MakeSites): Promise<Sites | string> {
  const useless = (why: string) =>
    new AnswerError(`Cannot use the copy that came: ${why}; run client and servers of one version`);
  try {
    const fault = target.whyNot?.();
    if (fault !== undefined) return fault;
    const contents = target.contents();
    const history = historyIn(contents);
    const sites = makeSites(history);
    await inSlices(readingState(sites.restoring(), contents.database));
    const why = whyNotNamed(contents, sites.named);
    if (why !== undefined) throw useless(why);
    if (target.whyNot !== undefined) return sites;
    return await inSlices(checkingHistory(history)) ?? sites;
  } catch (error) {
    if (error instanceof DecodeError) throw useless(error.message);
    throw error;
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
