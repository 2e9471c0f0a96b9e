/**
 * One pass of an import: the records of an input, executed as they are read.
 *
 * @module
 */

import type { VaxlogClient } from "../library/client.ts";
import { within } from "../runtime/within.ts";
import { defined } from "../formats/record_fields.ts";
import type { ImportRecord } from "../formats/records.ts";
import { FeedError } from "../formats/scheduling_links.ts";
import { explain, type Explanation, unknownOutcome } from "./failures.ts";
import type { ImportId } from "./import_id.ts";
import type { ImportReport } from "./import_report.ts";
import { InputError } from "./inputs.ts";
import { grouped, megabytes, ProgressLine } from "./progress.ts";
import { RecordPipeline } from "./record_pipeline.ts";
import type { RecordCounts } from "./record_steps.ts";
import type { RecordSource } from "./record_sources.ts";
import type { Surroundings } from "./surroundings.ts";
import { exitCodes } from "./task.ts";

/** Milliseconds for which a stopped import waits for the outcomes of what it has sent. */
const importStopMs = 10_000;

/** What a pass works with. */
interface Pass {
  readonly client: VaxlogClient;
  /** When all of it is recorded, in milliseconds since 1970. */
  readonly now: number;
  /** The source of records that name none; absent: none. */
  readonly source?: string | undefined;
  readonly report: ImportReport;
  readonly around: Surroundings;
  /** Is aborted when the person wants to stop; what is under way is waited for. */
  readonly signal: AbortSignal;
}

/** What became of a pass. */
interface PassEnd {
  readonly counts: RecordCounts;
  /** What the import is called, so that its reports can be taken back; absent: it has reported nothing. */
  readonly id?: ImportId;
  /** Why something is not done, if anything; absent: all is. */
  readonly left?: Explanation;
  /** The failure of the input, if that is why; another try may find it better. */
  readonly inputFailure?: Error;
  /** The line at which to continue. */
  readonly nextLine: number;
}

/** The error, if it is one of an input, and not of the cluster or of the program. */
export function inputFailureOf(error: unknown): Error | undefined {
  return error instanceof InputError || error instanceof FeedError ? error : undefined;
}

/** How reading has ended: all was read, the person has stopped it, or it has failed. */
type ReadingEnd = "all" | "stopped" | { readonly error: unknown };

/**
 * Reads an input to its end, and has its records executed.
 *
 * @param open opens it; called once.
 * @param fromLine the line at which it begins.
 * @throws {InputError | FeedError} if nothing at all could be read.
 */
export async function importPass(
  open: () => Promise<RecordSource>,
  { client, now, source, report, around, signal }: Pass,
  fromLine = 1,
): Promise<PassEnd> {
  const pipeline = new RecordPipeline(client, defined({ recordedAt: now, source }), report.onProblem);
  const progress = new ProgressLine(around, {
    did: "Read",
    figure: megabytes,
    unit: "MB",
    beside: () => `${grouped(report.read)} ${report.read === 1 ? "record" : "records"}`,
  });
  const records = async function* () {
    const source = await open();
    pipeline.changedAt = source.observedAt;
    const show = () => {
      if (!signal.aborted) progress.update(source.bytesRead, source.size);
    };
    for await (const record of report.counted(source.records(client, report.onProblem, show))) {
      show();
      yield record;
    }
  };
  const ending = await execute(records(), pipeline, signal);
  progress.clear();
  // If nothing could be read at all, there is nothing else to say.
  if (typeof ending === "object" && report.isEmpty) throw ending.error;
  // Records under way are waited for, but not for ever if the import is stopped.
  const drained = pipeline.drained().then(() => true);
  if (!await within(signal, drained)) await within(around.alarm(importStopMs), drained);
  const { counts, undone, lastLine = fromLine - 1 } = pipeline;
  const left = whatIsLeft(ending, undone, lastLine);
  const inputFailure = typeof ending === "object" && undone === undefined ? inputFailureOf(ending.error) : undefined;
  const id = pipeline.reported && { ...pipeline.reported, recordedAt: now };
  return { counts, ...defined({ id, left, inputFailure }), nextLine: undone?.line ?? lastLine + 1 };
}

/** Has records executed as they are read, as many at a time as there is room for. */
async function execute(
  records: AsyncGenerator<ImportRecord>,
  pipeline: RecordPipeline,
  signal: AbortSignal,
): Promise<ReadingEnd> {
  try {
    for (;;) {
      const next = await within(signal, records.next());
      if (next === undefined) return "stopped";
      if (next.done) return "all";
      if (!pipeline.hasRoom) await within(signal, pipeline.room());
      if (signal.aborted || pipeline.hasFailed) return "stopped";
      pipeline.take(next.value);
    }
  } catch (error) {
    return signal.aborted ? "stopped" : { error };
  } finally {
    // Not awaited: a read that never ends would hold it up.
    records.return(undefined).catch(() => {});
  }
}

/** Why something is not done; undefined if all is. */
function whatIsLeft(
  ending: ReadingEnd,
  undone: RecordPipeline["undone"],
  lastLine: number,
): Explanation | undefined {
  if (undone?.error !== undefined) return explain(undone.error);
  if (undone !== undefined) return unknownOutcome("the import was stopped while it waited for answers");
  if (ending === "all") return undefined;
  if (ending !== "stopped") return explain(ending.error);
  return { line: `Stopped: what was read up to line ${lastLine} is done`, exitCode: exitCodes.failure };
}
