/**
 * The parent as its child process sees it. A child exits when its standard input ends, so that it never outlives its
 * parent.
 *
 * @module
 */

import { controlLineBytesMax, encodeControl } from "./control.ts";
import { linesOf } from "./lines.ts";

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
