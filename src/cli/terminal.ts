/**
 * The client's surroundings as they are: the process, its terminal or pipes, its signals, TCP.
 *
 * @module
 */

import { Sites } from "../database/store/sites.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import type { ServeOptions } from "../http/serve.ts";
import { columnsOf, wrapped } from "../front/layout.ts";
import { LineEditor } from "../front/line_editor.ts";
import { onContinued, onCtrlZ } from "../front/suspending.ts";
import { fetchCopy } from "../net/client/backup.ts";
import { openConnection } from "../net/client/connection.ts";
import type { Reach } from "../net/opening.ts";
import { readAuthorities } from "../front/certificates.ts";
import { tlsCaOption } from "./help.ts";
import { neededRole } from "../database/wire/commands.ts";
import { AccessTable } from "../access/access_table.ts";
import { readAuthFile } from "../secrets/auth_store.ts";
import { SecretError } from "../secrets/private_file.ts";
import { environment } from "../secrets/token_files.ts";
import { usualTokens } from "../secrets/token_source.ts";
import { fetchAnswers } from "../net/client/status.ts";
import { watchEntries } from "../net/client/watch.ts";
import { BackupsInto, openedToRead } from "../storage/backup_directory.ts";
import { NewBackupFile } from "../storage/backup_file.ts";
import { readBackup } from "../storage/read_backup.ts";
import { linesOf } from "../runtime/lines.ts";
import { alarm } from "../runtime/within.ts";
import { ArchiveFolder } from "./archive_folder.ts";
import { filesIn, openInput } from "./inputs.ts";
import { createDirectory, createFile } from "./outputs.ts";
import {
  OutputClosedError,
  OutputError,
  type ScratchCopy,
  type ServedGateway,
  type Surroundings,
  type TextQueue,
} from "./surroundings.ts";

/** Bytes of a typed line that are looked at. */
const lineBytesMax = 64 * 1024;

/** What Ctrl-Z is answered. */
const ctrlZHint = "Ctrl-Z does not stop the client: open another terminal, or press Ctrl-C to end it";

/** The signals that end the client in good order. Windows knows only some of them. */
const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** The surroundings of this process. Call it once. */
export function processSurroundings(): Surroundings {
  const interrupted = Promise.withResolvers<void>();
  // Listeners stay: a second Ctrl-C (`deno task` passes each on once more) changes nothing.
  let hungUp: (() => void) | undefined;
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      if (signal === "SIGHUP" && hungUp !== undefined && !Deno.stdin.isTerminal()) hungUp();
      else interrupted.resolve();
    });
  }
  const errorColumns = columnsOf(Deno.stderr);
  const columns = columnsOf(Deno.stdout);
  // Standard error is for people, and nobody can be told that it cannot be written. A progress line fits already.
  const stderr = { write: (text: string) => writeAll(Deno.stderr, wrapped(text, errorColumns())).catch(() => {}) };
  const stdout = inOrder({ write: (text) => writeAll(Deno.stdout, text) });
  const isTyped = Deno.stdin.isTerminal();
  let editor: LineEditor | undefined;
  const suspended = () => {
    if (editor !== undefined) editor.print(wrapped(ctrlZHint, columns()));
    // The "^Z" of a terminal, or a bar of progress, may stand there.
    else stderr.write(`${Deno.stderr.isTerminal() ? "\r\x1b[K" : ""}${ctrlZHint}\n`);
  };
  onCtrlZ(suspended);
  onContinued(() => editor?.resume());
  const openEditor = () =>
    editor ??= new LineEditor({
      keyboard: Deno.stdin,
      write: (text) => void stdout.write(text).catch(() => {}),
      columns,
      onInterrupt: interrupted.resolve,
      onSuspend: suspended,
    });
  let tokens = usualTokens();
  let authorities: readonly string[] | undefined;
  const reach: Reach = {
    tokenAt: (address) => tokens(address),
    get authorities() {
      return authorities;
    },
  };
  return {
    variable: environment,
    useTokenFile: (file) => tokens = usualTokens(file),
    useAuthorities: (file) => authorities = readAuthorities(tlsCaOption.name, file),
    reach,
    // To reconnect, it may have to read a token again.
    giveUpFiles: () => void Deno.permissions.revokeSync({ name: "write" }),
    createBackup: (file) => new NewBackupFile(file),
    createScratch,
    openBackups: (directory) => BackupsInto.open(directory, Math.random()),
    backupsIn: openedToRead,
    readBackup,
    makeSites: (reader) => new Sites({ packing: zstdPacking, reader, logBytes: Infinity }),
    fetchCopy: (options, target) => fetchCopy({ ...reach, ...options }, target),
    watchEntries: (options) => watchEntries({ ...reach, ...options }),
    fetchStatuses: (addresses, options) => fetchAnswers(addresses, { ...reach, ...options }),
    serve,
    openInput,
    filesIn,
    createFile,
    createDirectory,
    openArchive: (directory, mayWrite) => ArchiveFolder.open(directory, mayWrite),
    alarm,
    now: () => Date.now(),
    random: () => Math.random(),
    elapsed: () => performance.now(),
    connect: (addresses, onNotice) => openConnection(addresses, { ...reach, neededRole, onNotice }),
    stdout,
    stderr,
    openLines: isTyped && Deno.stdout.isTerminal() ? openEditor : openLines,
    isTyped,
    columns,
    errorColumns,
    hasColour: Deno.stdout.isTerminal() && !Deno.noColor,
    hasErrorColour: Deno.stderr.isTerminal() && !Deno.noColor,
    interrupted: interrupted.promise,
    onHangup: (listener) => {
      hungUp = listener;
      return { [Symbol.dispose]: () => hungUp = undefined };
    },
    readTokens: (file) => {
      const entries = readAuthFile(file);
      if (entries === undefined) {
        throw new SecretError(`Cannot read the file of tokens "${file}": there is no such file`);
      }
      const table = new AccessTable(entries);
      return { holder: (text) => table.holder(text, Date.now()) };
    },
    readTls: async (directory) => {
      const { readTlsPair } = await import("../http/tls.ts");
      return await readTlsPair(directory, Date.now());
    },
  };
}

/** No other command pays for what a gateway loads. */
async function serve(options: ServeOptions): Promise<ServedGateway> {
  const { GatewayServer } = await import("../http/serve.ts");
  return new GatewayServer(options);
}

/** A file in the directory for temporary files, which has no name any more where systems allow that. */
function createScratch(): ScratchCopy {
  const folder = Deno.makeTempDirSync({ prefix: "vaxlog-" });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  const target = new NewBackupFile(`${folder}/copy`);
  // Then nothing is left of it, however the process ends.
  const isNameless = Deno.build.os !== "windows";
  if (isNameless) remove();
  return {
    begin: () => target.begin(),
    write: (part, bytes) => target.write(part, bytes),
    contents: () => target.contents(),
    discard: () => {
      target.discard();
      if (!isNameless) remove();
    },
  };
}

const encoder = new TextEncoder();

async function writeAll(file: { write(bytes: Uint8Array): Promise<number> }, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  } catch (error) {
    if (isClosed(error)) throw new OutputClosedError("nobody reads the output any more");
    throw new OutputError(`Cannot write the output: ${error instanceof Error ? error.message : error}`);
  }
}

/** A pipe without a reader (EPIPE), or a terminal that was closed (EIO). */
function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && "code" in error && error.code === "EIO");
}

/** Writes one text after the other. */
function inOrder(sink: TextQueue): TextQueue {
  let last: Promise<void> = Promise.resolve();
  return {
    write: (text) => {
      const written = last.then(() => sink.write(text));
      last = written.catch(() => {});
      return written;
    },
  };
}

async function* openLines(): AsyncGenerator<string> {
  try {
    for await (const { text } of linesOf(Deno.stdin.readable, lineBytesMax)) yield text;
  } catch (error) {
    // A closed terminal reads as an error; to the menu it is the end of the input.
    if (!isClosed(error)) throw error;
  }
}
