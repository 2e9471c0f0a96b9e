/**
 * A subprocess of the bench: it says lines, is told lines, and ends when its standard input does.
 *
 * @module
 */

import { linesOf, type TextLine } from "../src/runtime/lines.ts";

/** Milliseconds for which a subprocess may take to end by itself. */
const endWithinMs = 1_000;

/** Bytes of a line that it says: the results of a job. */
const lineBytesMax = 2 ** 24;

/** A running module of the bench. */
export class Child {
  readonly pid: number;
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncGenerator<TextLine>;
  readonly #exited: Promise<unknown>;
  #hasExited = false;

  /** Runs a module that lies here, with these arguments for `deno run` before it and for itself after it. */
  constructor(name: string, permissions: readonly string[], args: readonly string[]) {
    this.#name = name;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", ...permissions, new URL(name, import.meta.url).href, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#lines = linesOf(this.#child.stdout, lineBytesMax);
    this.#exited = this.#child.status.then(() => this.#hasExited = true);
  }

  /** Tells it a line. */
  async tell(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  }

  /**
   * The next line that it says.
   *
   * @throws {Error} if the process has ended or prints nothing within that many milliseconds, or the signal's reason.
   */
  async line(withinMs: number, signal: AbortSignal): Promise<string> {
    const late = Promise.withResolvers<never>();
    const say = () => late.reject(new Error(`Cannot continue: ${this.#name} has not answered within ${withinMs} ms`));
    const abort = () => late.reject(signal.reason);
    const timer = setTimeout(say, withinMs);
    signal.addEventListener("abort", abort);
    try {
      signal.throwIfAborted();
      const { done, value } = await Promise.race([this.#lines.next(), late.promise]);
      if (done) throw new Error(`Cannot continue: ${this.#name} has ended`);
      return value.text;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#input.close().catch(() => {});
    const timer = setTimeout(() => this.kill(), endWithinMs);
    await this.#exited;
    clearTimeout(timer);
    await this.#lines.return(undefined);
    // If no line was asked for, nobody has read.
    await this.#child.stdout.cancel();
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#hasExited) return;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has just ended, and its status was not yet seen.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
