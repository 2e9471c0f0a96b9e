/**
 * Another process that holds a file.
 *
 * @module
 */

import { TextLineStream } from "@std/streams";

/** A process of `holder.ts`. */
export class Holder {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
    this.#input = child.stdin.getWriter();
  }

  /** Starts one, and waits until it has the file open. */
  static async of(file: string): Promise<Holder> {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const script = new URL("holder.ts", import.meta.url).pathname;
    const args = ["run", "--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`, script, file];
    const options = { stdin: "piped", stdout: "piped" } as const;
    const holder = new Holder(new Deno.Command(Deno.execPath(), { args, ...options }).spawn());
    await holder.#lines.read();
    return holder;
  }

  /** Has it commit a row, and waits until it says so. */
  async commit(seed: number): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${seed}\n`));
    await this.#lines.read();
  }

  /** Has it close the file, and waits for its end. */
  async close(): Promise<void> {
    await this.#input.close();
    await this.#end();
  }

  /** Kills it, and waits for its end. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#input.abort().catch(() => {});
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#child.status;
    await this.#lines.cancel();
  }
}
