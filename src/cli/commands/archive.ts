/**
 * `archive DIR`: the whole log in files, one for each day, which every program can read.
 *
 * @module
 */

import { decodeEntries } from "../../library/client.ts";
import { parseSpan } from "../../formats/times.ts";
import { WatchError } from "../../net/client/watch.ts";
import { within } from "../../runtime/within.ts";
import { printable, quoted } from "../../quoted.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { type ArchiveFiles, type ClientSession, OutputError, type Surroundings } from "../surroundings.ts";
import { type ArchivedFile, lastOf, redactedLater } from "../archive_index.ts";
import { ArchiveWriter, beginArchive } from "../archive_writer.ts";
import { grouped, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import { askedBeside, type ExitCode, exitCodes, type Task, type TaskContext } from "../task.ts";
import { placeOperand } from "./operands.ts";

/** How far apart it may look for more. */
const followMs = { shortest: 10_000, longest: 86_400_000 } as const;

/** The command. */
export const archiveCommand = defineCommand({
  name: "archive",
  summary: "write the whole log into a directory: a packed NDJSON file for each day",
  details: [
    "Each entry is a line, as watch --json prints it. The files are packed with gzip: zcat DIR/*.gz | jq. A file has " +
    "entries that follow each other, and is written once. The file archive.ndjson says which entries each one has.",
    "The command continues where the last one ended, however that was. A day is complete when two entries in a row " +
    "were recorded neither on it nor on the day before; until then it is open, and the command says so.",
    "A directory belongs to one cluster. Check it with archive verify.",
  ],
  examples: ["archive /tmp/archive", "archive /tmp/archive --follow 1h", "archive /tmp/archive --all --json"],
  operands: [placeOperand("DIR", "a directory, which is made if it is not there", "give that of a directory")],
  options: {
    follow: option("SPAN", "look for more again and again, that far apart: 5m", (typed) => parseSpan(typed, followMs)),
    all: flag("complete the open day, too; what comes later on that day gets a file of its own"),
    json: flag("print each file, and then what is open, as JSON objects, one on a line"),
  },
  exclusive: ["follow", "all"],
  make: ({ operands: [directory], options }): Task => {
    const archiving = new Archiving(directory, options);
    return {
      needsFiles: true,
      endsItself: true,
      run: (context) => archiving.run(context),
      stop: () => archiving.stop(),
    };
  },
});

/** The options, as they were typed. */
interface ArchiveOptions {
  /** Milliseconds between two looks. */
  readonly follow?: number;
  readonly all?: true;
  readonly json?: true;
}

/** One run. */
class Archiving {
  readonly #directory: string;
  readonly #options: ArchiveOptions;
  #files: ArchiveFiles | undefined;
  #writer: ArchiveWriter | undefined;
  /** The last entry that came. */
  #last = 0;

  constructor(directory: string, options: ArchiveOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  async run(context: TaskContext): Promise<ExitCode> {
    const { around, connect, signal } = context;
    const { follow, all } = this.#options;
    // Before anything else: if nothing can be written there, no replica needs to be asked.
    const files = this.#files = around.openArchive(this.#directory, true);
    const { client, session } = await connect();
    const index = await beginArchive(files, this.#directory, session.cluster);
    const writer = this.#writer = new ArchiveWriter(files, index);
    this.#last = lastOf(index);
    try {
      for (;;) {
        const { lastEntry } = await client.summary();
        await this.#readUntil(lastEntry, context, session);
        if (follow === undefined || signal.aborted) break;
        const alarm = around.alarm(follow);
        await within(signal, alarm.rings);
        alarm.stop();
        if (signal.aborted) break;
      }
      if (all && !signal.aborted) { for (const file of writer.end()) await this.#say(file, around); }
    } catch (error) {
      if (error instanceof OutputError) {
        const next = lastOf(writer.index) + 1;
        await around.stderr.write(`From entry ${next} on, nothing is archived; repeat the command to continue there\n`);
      }
      if (!(error instanceof WatchError)) throw error;
      await around.stderr.write(`${printable(error.message)}\n`);
      await this.#summarize(context);
      return exitCodes.failure;
    }
    await this.#summarize(context);
    if (!signal.aborted || follow !== undefined) return exitCodes.ok;
    await around.stderr.write("Stopped before the end of the log; repeat the command to continue\n");
    return exitCodes.failure;
  }

  /** Archives what there is up to an entry, or until the signal is aborted. */
  async #readUntil(lastEntry: number, context: TaskContext, session: ClientSession): Promise<void> {
    const { around, signal } = context;
    const after = this.#last;
    if (after >= lastEntry) return;
    const progress = new ProgressLine(around, { did: "Archived", figure: grouped, unit: "entries" });
    try {
      const batches = around.watchEntries({
        ...askedBeside(session, context),
        after,
        onTrouble: (address, reason) => {
          progress.clear();
          around.stderr.write(`The replica at ${printable(address)} ${printable(reason)}; another one is asked\n`);
        },
      });
      for await (const batch of batches) {
        for (const entry of decodeEntries(batch.bytes)) {
          const file = this.#writer!.take(entry);
          this.#last = entry.index;
          if (file === undefined) continue;
          progress.clear();
          await this.#say(file, around);
        }
        if (signal.aborted || this.#last >= lastEntry) return;
        progress.update(this.#last - after, lastEntry - after);
      }
    } finally {
      progress.clear();
    }
  }

  async #say(file: ArchivedFile, { stdout }: Surroundings): Promise<void> {
    await stdout.write(`${this.#options.json ? jsonLine({ ...file }) : fileLine(file)}\n`);
  }

  stop(): void {
    this.#writer?.discard();
    this.#files?.close();
  }

  /** Says what is archived and what is not. */
  async #summarize({ around }: TaskContext): Promise<void> {
    const last = this.#last;
    const { index, openDay } = this.#writer!;
    const [directory, archived] = [this.#directory, lastOf(index)];
    const open = last > archived && openDay !== undefined ? { day: openDay, first: archived + 1, last } : undefined;
    const redactions = redactedLater(index);
    if (this.#options.json) {
      const files = index.files.length;
      await around.stdout.write(`${jsonLine({ directory, files, last: archived, open, redactions })}\n`);
      return;
    }
    const lines = [
      archived === 0
        ? `Archive ${quoted(directory)}: no day is complete yet`
        : `Archive ${quoted(directory)}: entries 1 to ${archived} in ${counted(index.files.length, "file")}`,
      ...open === undefined ? [] : [`${open.day} is open: entries ${open.first} to ${last} are in no file yet`],
    ];
    await around.stdout.write(lines.map((line) => `${line}\n`).join(""));
    await around.stderr.write(redactionLines(redactions));
  }
}

function fileLine({ file, first, last, bytes }: ArchivedFile): string {
  return `${file}  entries ${first} to ${last}, ${bytes} bytes`;
}

/** What to say of entries that were redacted after they were archived. */
export function redactionLines(redactions: ReturnType<typeof redactedLater>): string {
  if (redactions.length === 0) return "";
  const some = redactions.slice(0, redactionsShown).map(({ file, entry }) => `  entry ${entry} in ${file}\n`);
  const more = redactions.length > some.length ? `  and ${redactions.length - some.length} more\n` : "";
  return `${counted(redactions.length, "entry was", "entries were")} redacted after being archived, and ` +
    `the files still say who and note:\n${some.join("")}${more}` +
    "To be rid of them, archive into a new directory, and delete this one\n";
}

/** Redactions that are listed for a person. */
const redactionsShown = 20;
