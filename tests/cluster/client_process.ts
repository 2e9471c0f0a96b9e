/**
 * A client subprocess, as something to submit to.
 *
 * @module
 */

import type { Submitter } from "../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { linesOf } from "../../src/runtime/lines.ts";
import { within } from "../net/within.ts";
import type { Order, Outcome } from "./client_process_main.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

/** Outputs in hexadecimal digits. */
const lineBytesMax = 2 ** 24;

type Reply = Awaited<ReturnType<Submitter["submit"]>>;

/** It was killed, and what it waited for was not answered. */
export class KilledError extends Error {
  override name = "KilledError";
}

/** A client in a process of its own. */
export class ClientProcess implements Submitter {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #connected = Promise.withResolvers<void>();
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  readonly #heard: Promise<void>;
  #orders = 0;

  private constructor(addresses: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-net=127.0.0.1",
        ...tokenPermissions,
        new URL("./client_process_main.ts", import.meta.url).href,
        ...addresses,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {});
    this.#heard = this.#hear();
  }

  /** Starts one; resolves when its session is open. */
  static async start(addresses: readonly string[]): Promise<ClientProcess> {
    const client = new ClientProcess(addresses);
    await within("the session of a client process", client.#connected.promise);
    return client;
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const order: Order = { n: ++this.#orders, command: command.toHex(), outputBytesMax };
    const answer = Promise.withResolvers<Reply>();
    this.#waiting.set(order.n, answer);
    this.#input.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {});
    return answer.promise;
  }

  /** Sends a signal. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** Ends it with SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#end();
  }

  /** Lets it end its session; resolves when it is gone. */
  async close(): Promise<void> {
    await this.#input.close();
    const { code } = await this.#end();
    if (code !== 0) throw new Error(`A client process ended with exit code ${code}`);
  }

  async #end(): Promise<Deno.CommandStatus> {
    const status = await within("the end of a client process", this.#child.status);
    await this.#heard;
    await this.#input.abort().catch(() => {});
    return status;
  }

  async #hear(): Promise<void> {
    // A line that its death has torn is none.
    for await (const { text } of linesOf(this.#child.stdout, lineBytesMax)) {
      if (text.endsWith("}")) this.#take(JSON.parse(text));
    }
    this.#connected.reject(new KilledError("the client process has ended"));
    for (const { reject } of this.#waiting.values()) reject(new KilledError("the client process was killed"));
  }

  #take({ n, output, index, error }: Outcome): void {
    if (n === 0) return this.#connected.resolve();
    const answer = this.#waiting.get(n);
    this.#waiting.delete(n);
    if (output !== undefined && index !== undefined) answer?.resolve({ output: Uint8Array.fromHex(output), index });
    else if (error?.[0] === "NotExecutedError") answer?.reject(new NotExecutedError(error[1]));
    else answer?.reject(new OutcomeUnknownError(error?.[1]));
  }
}
