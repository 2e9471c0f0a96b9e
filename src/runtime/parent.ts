/**
 * The parent as its child process sees it. A child exits when its standard input ends, so that it never outlives its
 * parent; nothing else that a person does at a terminal ends it or stops it: the parent decides.
 *
 * @module
 */

import { controlLineBytesMax, encodeControl } from "./control.ts";
import { linesOf } from "./lines.ts";

/**
 * What Ctrl-C, a closed terminal and Ctrl-Z send to the whole group of processes, and what a process in the background
 * gets that reads or writes its terminal.
 */
const terminalSignals: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGHUP", "SIGTSTP", "SIGTTIN", "SIGTTOU"];

let writing: Promise<void> = Promise.resolve();

/** Queues a message for the parent; resolves when it and all before it are written, or nobody is left to read them. */
export function say(message: object): Promise<void> {
  const bytes = new TextEncoder().encode(encodeControl(message));
  return writing = writing.then(async () => {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }).catch(() => {});
}

/** Yields what this process is told, until it is to exit. */
export async function* told<Tell>(parse: (line: string) => Tell): AsyncGenerator<Tell> {
  for await (const { text } of linesOf(Deno.stdin.readable, controlLineBytesMax)) yield parse(text);
}

/** Says as a `fatal` message why this process ends, and ends it. */
export async function fail(error: unknown): Promise<never> {
  await say({ say: "fatal", message: error instanceof Error ? error.message : String(error) });
  Deno.exit(1);
}

/** Runs a child process: it exits when `main` is done, or fails, as it does with an error that nobody handles. */
export async function runChild(main: () => Promise<void>): Promise<never> {
  for (const signal of terminalSignals) Deno.addSignalListener(signal, () => {});
  for (const kind of ["error", "unhandledrejection"] as const) {
    globalThis.addEventListener(kind, (event) => {
      event.preventDefault();
      fail("reason" in event ? event.reason : event.error);
    });
  }
  await main().catch(fail);
  Deno.exit(0);
}
