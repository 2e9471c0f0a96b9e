/**
 * An import that is repeated: polls of a feed, each on a line of its own.
 *
 * @module
 */

import type { VaxlogClient } from "../library/client.ts";
import { printable } from "../quoted.ts";
import { within } from "../runtime/within.ts";
import { formatImportId } from "./import_id.ts";
import { countsText, ImportReport } from "./import_report.ts";
import { importPass, inputFailureOf } from "./import_pass.ts";
import { InputError } from "./inputs.ts";
import type { RecordSource } from "./record_sources.ts";
import { jsonLine } from "./render.ts";
import type { Surroundings } from "./surroundings.ts";
import { type ExitCode, exitCodes } from "./task.ts";
import { formatSpan } from "../front/spans.ts";
import { formatTime } from "../formats/times.ts";

/** Milliseconds between two polls of a feed that fails, at most, unless somebody wants them even more rarely. */
export const followBackoffMs = 3_600_000;

/** A place that is polled, and how. */
interface Following {
  /** Opens it. @param etag the version that was read before. */
  readonly open: (etag: string | undefined) => Promise<RecordSource>;
  readonly client: VaxlogClient;
  /** The source of records that name none; absent: none. */
  readonly source: string | undefined;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
  /** Milliseconds between two polls. */
  readonly everyMs: number;
  /** Whether each line is a JSON object. */
  readonly json: boolean;
}

/** The time between two polls is shorter or longer by up to this share, so that pollers do not come together. */
const jitter = 0.1;

/**
 * Polls until the signal is aborted, which is its normal end, or until the cluster does not do what it is asked.
 *
 * @throws {InputError | FeedError} if nothing can be read at the first time: then something is wrong with the place.
 */
export async function followImport(following: Following): Promise<ExitCode> {
  const { around, signal, everyMs } = following;
  let etag: string | undefined;
  let failures = 0;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const poll = await pollOnce(following, etag, isFirst);
    if ("exitCode" in poll) return poll.exitCode;
    failures = poll.hasFailed ? failures + 1 : 0;
    if (!poll.hasFailed) etag = poll.etag;
    const backoffMs = Math.max(everyMs, Math.min(everyMs * 2 ** failures, followBackoffMs));
    const waitMs = Math.max(backoffMs * (1 + jitter * (2 * around.random() - 1)), poll.retryAfterMs ?? 0);
    if (poll.hasFailed) await around.stderr.write(`The next poll is in ${formatSpan(waitMs)}\n`);
    const alarm = around.alarm(waitMs);
    await within(signal, alarm.rings);
    alarm.stop();
  }
  return exitCodes.ok;
}

/** What became of a poll: how the import ends for it, or what the next one must know. */
type Poll =
  | { readonly exitCode: ExitCode }
  | { readonly hasFailed: boolean; readonly etag?: string | undefined; readonly retryAfterMs?: number | undefined };

async function pollOnce(following: Following, etag: string | undefined, isFirst: boolean): Promise<Poll> {
  const { client, source: sourceName, around, signal, json } = following;
  const now = around.now();
  const at = formatTime(now);
  const say = async (text: string, object: object | string) => {
    const line = typeof object === "string" ? object : `${jsonLine({ at, ...object })}\n`;
    await around.stdout.write(json ? line : `${at}  ${printable(text)}\n`);
  };
  const failed = async (failure: Error): Promise<Poll> => {
    await say(`failed: ${failure.message}`, { failed: failure.message });
    return { hasFailed: true, retryAfterMs: failure instanceof InputError ? failure.retryAfterMs : undefined };
  };
  const report = new ImportReport();
  try {
    const source = await following.open(etag);
    if (source.isUnchanged) {
      await say("unchanged", { isUnchanged: true });
      return { hasFailed: false, etag };
    }
    const end = await importPass(() => Promise.resolve(source), {
      client,
      now,
      source: sourceName,
      report,
      around,
      signal,
    });
    const { counts, id, left, inputFailure } = end;
    if (signal.aborted && left?.exitCode === exitCodes.failure) return { exitCode: exitCodes.ok };
    if (inputFailure !== undefined && !isFirst) return await failed(inputFailure);
    const refused = report.refused === 0 ? "" : `, ${report.refused} refused`;
    const done = id && formatImportId(id);
    await say(`${countsText(counts)}${refused}`, report.json(counts, { at, import: done }));
    if (left === undefined) return { hasFailed: false, etag: source.etag };
    await around.stderr.write(`${printable(left.line)}\n`);
    return { exitCode: left.exitCode };
  } catch (error) {
    if (signal.aborted) return { exitCode: exitCodes.ok };
    const failure = inputFailureOf(error);
    if (isFirst || failure === undefined) throw error;
    return await failed(failure);
  }
}
