/**
 * A client in a process of its own, so that it can be killed or stopped: `client_process_main.ts ADDRESS...`.
 *
 * It opens a session and executes the commands that come on its standard input, as many at once as come. It writes each
 * outcome as a line to its standard output. When its input ends, it closes the session in good order.
 *
 * @module
 */

import { linesOf } from "../../src/runtime/lines.ts";
import type { ClientConnection } from "../../src/net/client/connection.ts";
import { openConnection } from "../net/admitted.ts";

/** A command: a line of its standard input. */
export interface Order {
  readonly n: number;
  /** In hexadecimal digits. */
  readonly command: string;
  readonly outputBytesMax: number;
}

/** What became of it: a line of its standard output. The first line is `{"n":0}`: the session is open. */
export interface Outcome {
  readonly n: number;
  /** In hexadecimal digits. */
  readonly output?: string;
  readonly index?: number;
  /** The name and the text of an error. */
  readonly error?: readonly [name: string, message: string];
}

const encoder = new TextEncoder();
let printing = Promise.resolve();

function print(outcome: Outcome): void {
  const bytes = encoder.encode(`${JSON.stringify(outcome)}\n`);
  printing = printing.then(async () => {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  });
}

async function execute(session: ClientConnection, { n, command, outputBytesMax }: Order): Promise<void> {
  try {
    const { output, index } = await session.submit(Uint8Array.fromHex(command), outputBytesMax);
    print({ n, output: output.toHex(), index });
  } catch (error) {
    print({ n, error: error instanceof Error ? [error.name, error.message] : ["", String(error)] });
  }
}

if (import.meta.main) {
  const session = await openConnection(Deno.args);
  print({ n: 0 });
  for await (const { text } of linesOf(Deno.stdin.readable, 2 ** 24)) {
    execute(session, JSON.parse(text));
  }
  await session.close();
  await printing;
  Deno.exit(0);
}
