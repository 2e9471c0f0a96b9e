/**
 * One replica subprocess and its standard streams.
 *
 * Nothing in here waits for a replica: what it is told is queued and written as fast as it reads, and a pipe whose
 * other end is gone is no error, since the exit status tells that.
 *
 * @module
 */

import { ControlError, controlLineBytesMax, encodeControl, parseSay, type Say, type Tell } from "./control.ts";
import { LineSplitter } from "./lines.ts";

/** Bytes in a line of standard error; the rest of a longer one is dropped. */
const stderrLineBytesMax = 4 * 1024;

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
      cwd: options.logDir,
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
    const splitter = new LineSplitter(controlLineBytesMax);
    for await (const bytes of this.#child.stdout) {
      for (const line of splitter.push(bytes)) {
        try {
          if (line.cut) throw new ControlError(`Cannot read a control line of over ${controlLineBytesMax} bytes`);
          onSay(parseSay(line.text));
        } catch (error) {
          if (!(error instanceof ControlError)) throw error;
          return onGarbage(error);
        }
      }
    }
  }

  async #relay({ onStderr }: ReplicaProcessOptions): Promise<void> {
    const splitter = new LineSplitter(stderrLineBytesMax);
    for await (const bytes of this.#child.stderr) {
      for (const { text } of splitter.push(bytes)) onStderr(text);
    }
    const rest = splitter.end();
    if (rest !== undefined) onStderr(rest.text);
  }
}

/** The arguments for `deno`: no permission but for the network of this machine and the directory of the log. */
function replicaArguments({ entry, port, logDir }: ReplicaProcessOptions): string[] {
  const permissions = [`--allow-net=${host}`];
  const rest = [`--port=${port}`];
  if (logDir !== undefined) {
    // The replica works in that directory: a path with a comma in it cannot be granted by its name.
    permissions.push("--allow-read=.", "--allow-write=.");
    rest.push("--log-dir=.");
  }
  return ["run", "--quiet", "--no-prompt", ...permissions, entry.href, ...rest];
}
