/**
 * The front of a launcher, whatever it has started: its terminal, its signals, and the programs that started it.
 *
 * @module
 */

import { columnsOf } from "../front/layout.ts";
import { onContinued, onCtrlZ } from "../front/suspending.ts";
import { watchParents } from "../runtime/parent_watch.ts";
import { pause } from "../runtime/within.ts";
import type { ServersOptions } from "./arguments.ts";
import { Announcer } from "./announcer.ts";
import { continueWhenStopped, onStopped } from "./continuing.ts";
import { Console, OutputQueue, typedLines } from "./console.ts";
import { isInForeground } from "./foreground.ts";
import { guardTerminal } from "./terminal_guard.ts";

/** Milliseconds for which the last lines may take to be written: nobody may be left who reads them. */
const flushWithinMs = 200;

/** Milliseconds between two looks of a launcher in the background whether it may read its terminal now. */
const lookEveryMs = 1_000;

/** What Ctrl-Z is answered. */
const ctrlZHint = "Ctrl-Z does not stop the cluster: open another terminal, or type quit to end it";

/** The line for when something has stopped this process all the same. */
const continuedHint = "This launcher was stopped, and looked for no failures meanwhile; now it does again";

/** Signals that stop the cluster. */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The end of what a launcher runs. */
export interface LauncherEnd {
  readonly message: string;
  /** The exit code. */
  readonly code: number;
}

/** The front. */
export class LauncherFront implements AsyncDisposable {
  /** Says what happens. */
  readonly announcer: Announcer;
  /** Reads again what the person who runs this has replaced; undefined: there is nothing of that kind. */
  readAgain: (() => void) | undefined;
  readonly #stopped: string;
  readonly #isText: boolean;
  readonly #output: OutputQueue = new OutputQueue(Deno.stdout);
  readonly #errors: OutputQueue = new OutputQueue(Deno.stderr);
  readonly #terminal: Console;
  readonly #complaints: Console;
  readonly #ending = Promise.withResolvers<LauncherEnd>();
  readonly #abort = new AbortController();
  readonly #continuing: AsyncDisposable | undefined = continueWhenStopped();

  /** @param stopped the line for when all was stopped. */
  constructor({ logFormat, logLevel, detach }: ServersOptions, stopped: string) {
    this.#stopped = stopped;
    // Never taken away again: Ctrl-C comes twice, from the terminal and through `deno task`, and people repeat it.
    for (const signal of stopSignals) {
      const hear = () => signal === "SIGHUP" && this.readAgain !== undefined ? this.readAgain() : this.quit();
      Deno.addSignalListener(signal, hear);
    }
    if (!detach) watchParents(() => this.end("Stopped: the program that started this one has ended"));
    this.#isText = logFormat === "text";
    const interactive = this.#isText && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    // An object stays on one line.
    this.#terminal = new Console(this.#output, interactive, this.#isText ? columnsOf(Deno.stdout) : () => undefined);
    this.#complaints = new Console(this.#errors, false, columnsOf(Deno.stderr));
    this.announcer = new Announcer({
      format: logFormat,
      level: logLevel,
      output: this.#terminal,
      complaints: interactive ? this.#terminal : this.#complaints,
    });
    onCtrlZ(() => this.#suspended());
    const continued = () => this.announcer.complain({ level: "warn", event: "continued", text: continuedHint });
    onStopped(continued, this.signal);
  }

  /** Is aborted when all is to end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves when all is to end. */
  get ended(): Promise<LauncherEnd> {
    return this.#ending.promise;
  }

  /** Ends all. */
  end(message: string, code = 0): void {
    this.#ending.resolve({ message, code });
    this.#abort.abort();
  }

  /** Ends all as a person wants it. */
  quit(): void {
    this.end(this.#stopped);
  }

  /** Says why nothing was started. */
  async refuse(error: unknown): Promise<void> {
    const text = `${error instanceof Error ? error.message : error}`;
    // A terminal has its errors on their own stream, too.
    if (this.#isText) this.#complaints.print(text);
    else this.announcer.say({ level: "error", event: "not-started", text });
    await this.flush();
  }

  /**
   * Carries out what is typed, one line after the other, until the input ends, which stops nothing.
   *
   * @param take gives the answer to a line, or undefined if all is to end.
   */
  async obey(take: (line: string) => Promise<string | undefined>): Promise<void> {
    for await (const line of this.#typed()) {
      const text = await take(line);
      if (text === undefined) return this.quit();
      if (text !== "") this.announcer.answer(text);
      this.#terminal.ask();
    }
    this.#terminal.close();
  }

  /** No line will be typed any more. */
  close(): void {
    this.#terminal.close();
  }

  /** Resolves when all is written, or nobody reads it. */
  async flush(): Promise<void> {
    await Promise.all([this.#output.flush(flushWithinMs), this.#errors.flush(flushWithinMs)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#continuing?.[Symbol.asyncDispose]();
  }

  #suspended(): void {
    this.announcer.complain({ level: "info", event: "hint", text: ctrlZHint });
  }

  /** The lines of a pipe, or those that a person types at a terminal, and edits if the answers are seen there, too. */
  async *#typed(): AsyncGenerator<string> {
    const { signal } = this;
    if (Deno.stdin.isTerminal()) {
      while (!signal.aborted && !await isInForeground()) await pause(lookEveryMs, signal);
      if (signal.aborted) return;
    }
    if (!this.#terminal.isInteractive) return yield* typedLines(Deno.stdin.readable);
    using _guard = await guardTerminal();
    const [onInterrupt, onSuspend] = [() => this.quit(), () => this.#suspended()];
    const editor = this.#terminal.edit({ keyboard: Deno.stdin, onInterrupt, onSuspend });
    // In the background, to set the terminal would stop all once more.
    onContinued(async () => await isInForeground() && editor.resume());
    yield* editor;
  }
}
