/**
 * One replica subprocess and its standard streams.
 *
 * Nothing in here waits for a replica: what it is told is queued and written as fast as it reads, and a pipe whose
 * other end is gone is no error, since the exit status tells that.
 *
 * @module
 */

import { resolve } from "node:path";
import { ControlError, controlLineBytesMax, encodeControl, parseSay, type Say, type Tell } from "./control.ts";
import { linesOf } from "../runtime/lines.ts";
import type { DataFile } from "./registry.ts";

/** Bytes in a line of standard error; the rest of a longer one is dropped. */
const stderrLineBytesMax = 4 * 1024;

/** What the names of the files end with that belong to a replica's data: a new one is made under another name. */
const fileSuffixes = ["", "-wal", "-shm", "-journal", "-new", "-new-wal", "-new-shm", "-new-journal"] as const;

/** Where replicas listen. */
export const host = "127.0.0.1";

/** What a replica subprocess needs, and who hears from it. */
export interface ReplicaProcessOptions {
  /** The module that it runs. */
  readonly entry: URL;
  /** The port that it listens at; 0: a free one. */
  readonly port: number;
  /** The directory of its log; undefined: it writes none. */
  readonly logDir: string | undefined;
  /** Where it keeps its data; undefined: in memory. */
  readonly data: DataFile | undefined;
  /** The backup that it starts from, undefined: none. */
  readonly restore: string | undefined;
  /** Takes each message, in order. */
  readonly onSay: (message: Say) => void;
  /** Takes each line of its standard error. */
  readonly onStderr: (line: string) => void;
  /** Takes the reason why nothing more of what it says is read: a line that is no message. */
  readonly onGarbage: (error: ControlError) => void;
}

/** A running replica. */
export class ReplicaProcess {
  /** Its process id. */
  readonly pid: number;
  /** Its exit status; resolves as soon as it is dead, whatever may still wait in its pipes. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Resolves when all that it ever said and wrote was read. */
  readonly drained: Promise<void>;
  #child: Deno.ChildProcess;
  #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #unwritten = 0;
  #ended = false;

  /**
   * Starts it.
   *
   * @throws {Error} if there is no such program, or no permission to run it.
   */
  constructor(options: ReplicaProcessOptions) {
    // This very program and not "deno": under npx, no such name may be on the PATH, or it may be that of a wrapper.
    this.#child = new Deno.Command(Deno.execPath(), {
      args: replicaArguments(options),
      cwd: options.data?.directory ?? options.logDir,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.exited = this.#child.status.then((status) => {
      this.#ended = true;
      return status;
    });
    this.drained = Promise.all([this.#hear(options), this.#relay(options)]).then(() => {});
  }

  /** How many messages wait for the replica to read them. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Queues a message; never waits, and never fails: a replica that does not hear it is dead or will be. */
  tell(message: Tell): void {
    this.#unwritten++;
    this.#input.write(new TextEncoder().encode(encodeControl(message))).catch(() => {}).finally(() => {
      this.#unwritten--;
    });
  }

  /** Ends its standard input, upon which it exits. */
  closeInput(): void {
    this.#input.close().catch(() => {});
  }

  /** Sends SIGKILL, if it has not ended. */
  kill(): void {
    if (this.#ended) return;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has just ended, and its status was not yet seen.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #hear({ onSay, onGarbage }: ReplicaProcessOptions): Promise<void> {
    for await (const { text, isCut } of linesOf(this.#child.stdout, controlLineBytesMax)) {
      try {
        if (isCut) throw new ControlError(`Cannot read a control line of over ${controlLineBytesMax} bytes`);
        onSay(parseSay(text));
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return onGarbage(error);
      }
    }
  }

  async #relay({ onStderr }: ReplicaProcessOptions): Promise<void> {
    for await (const { text } of linesOf(this.#child.stderr, stderrLineBytesMax)) onStderr(text);
  }
}

/**
 * How the engine compiles a replica: a command goes through many small functions, and with as much inlined as this, the
 * state machine takes three quarters of the time.
 */
export const replicaEngineFlags = "--v8-flags=--max-inlined-bytecode-size-cumulative=3000";

/** The arguments for `deno`: no permission but for the network of this machine, and for its own files. */
function replicaArguments({ entry, port, logDir, data, restore }: ReplicaProcessOptions): string[] {
  const reads: string[] = [];
  const writes: string[] = [];
  const rest = [`--port=${port}`];
  if (data !== undefined) {
    // It works in the directory of its data: a path with a comma in it cannot be granted by its name. And the directory
    // has to be opened for reading where a new file in it is to be lasting.
    reads.push(".");
    for (const suffix of fileSuffixes) writes.push(data.name + suffix);
    // By its whole name, for whoever reads a message about it.
    rest.push(`--data=${resolve(data.directory, data.name)}`);
  }
  if (logDir !== undefined) {
    const directory = data === undefined ? "." : resolve(logDir);
    reads.push(directory);
    writes.push(directory);
    rest.push(`--log-dir=${directory}`);
  }
  if (restore !== undefined) {
    reads.push(resolve(restore));
    rest.push(`--restore=${resolve(restore)}`);
  }
  const permissions = [`--allow-net=${host}`];
  if (reads.length > 0) permissions.push(`--allow-read=${reads.join(",")}`);
  if (writes.length > 0) permissions.push(`--allow-write=${writes.join(",")}`);
  return ["run", "--quiet", "--no-prompt", replicaEngineFlags, ...permissions, entry.href, ...rest];
}
