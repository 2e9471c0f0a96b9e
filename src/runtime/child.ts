/**
 * A child process as its parent sees it: started, told things, heard, ended and reaped.
 *
 * Nothing here waits for the child: what it is told is queued and written as fast as the child reads, and a pipe whose
 * other end is gone is not an error, since the exit status tells that.
 *
 * @module
 */

import { ControlError, controlLineBytesMax, encodeControl } from "./control.ts";
import { linesOf } from "./lines.ts";
import { within } from "./within.ts";

/** Bytes in a line of standard error; the rest of a longer one is dropped. */
const stderrLineBytesMax = 4 * 1024;

/** How a child is started, and what takes its messages. */
export interface ChildOptions<Say> {
  /** The arguments for this very program, `deno`. */
  readonly args: readonly string[];
  /** The directory that it works in; absent: that of its parent. */
  readonly cwd?: string;
  /** Reads a message; throws a {@link ControlError} if a line is not one. */
  readonly parse: (line: string) => Say;
  /** Takes each message, in order. */
  readonly onSay: (message: Say) => void;
  /** Takes each line of its standard error. */
  readonly onStderr: (line: string) => void;
  /** Takes the reason why nothing more of what it says is read: a line that is not a message. */
  readonly onGarbage: (error: ControlError) => void;
}

/** A running child process. */
export class Child<Say, Tell extends object> {
  /** Its process id. */
  readonly pid: number;
  /** Its exit status; resolves as soon as it is dead, whatever may still wait in its pipes. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Resolves when all that it ever said and wrote was read. */
  readonly drained: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #unwritten = 0;

  /**
   * Starts it.
   *
   * @throws {Error} if there is no such program, or no permission to run it.
   */
  constructor(options: ChildOptions<Say>) {
    // This very program and not "deno": under npx, no such name may be on the PATH, or it may be that of a wrapper.
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...options.args],
      cwd: options.cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.exited = this.#child.status;
    this.drained = Promise.all([this.#hear(options), this.#relay(options)]).then(() => {});
  }

  /** How many messages wait for the child to read them. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Queues a message; never waits, and never fails: a child that does not hear it is dead or will be. */
  tell(message: Tell): void {
    this.#unwritten++;
    this.#input.write(new TextEncoder().encode(encodeControl(message))).catch(() => {}).finally(() => {
      this.#unwritten--;
    });
  }

  /** Ends its standard input; then it exits. */
  closeInput(): void {
    this.#input.close().catch(() => {});
  }

  /** Sends SIGKILL, if it has not ended. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended: the runtime says so, or the system if its status was not yet seen.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Ends it, by force if it takes more than `withinMs` milliseconds; resolves when it is dead and all was read. */
  async stop(withinMs: number): Promise<void> {
    this.closeInput();
    await within(withinMs, this.exited);
    this.kill();
    await Promise.all([this.exited, this.drained]);
  }

  async #hear({ parse, onSay, onGarbage }: ChildOptions<Say>): Promise<void> {
    for await (const { text, isCut } of linesOf(this.#child.stdout, controlLineBytesMax)) {
      try {
        if (isCut) throw new ControlError(`Cannot read a control line of over ${controlLineBytesMax} bytes`);
        onSay(parse(text));
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return onGarbage(error);
      }
    }
  }

  async #relay({ onStderr }: ChildOptions<Say>): Promise<void> {
    for await (const { text } of linesOf(this.#child.stderr, stderrLineBytesMax)) onStderr(text);
  }
}
