/**
 * Another process that holds a file.
 *
 * @module
 */

import { linesOf, type TextLine } from "../../src/runtime/lines.ts";

/** A process of `holder.ts`. */
export class Holder {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<TextLine>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = linesOf(child.stdout, 100);
    this.#input = child.stdin.getWriter();
  }

  /** Starts one, and waits until it has the file open. At its end it closes the file, or leaves that undone. */
  static async of(file: string, end: "close" | "leave" = "close"): Promise<Holder> {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const script = new URL("holder.ts", import.meta.url).pathname;
    const args = ["run", "--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`, script, file, end];
    const options = { stdin: "piped", stdout: "piped" } as const;
    const holder = new Holder(new Deno.Command(Deno.execPath(), { args, ...options }).spawn());
    await holder.#lines.next();
    return holder;
  }

  /** Has it commit a row, and waits until it says so. */
  async commit(seed: number): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${seed}\n`));
    await this.#lines.next();
  }

  /** Waits for its end, which it comes to by itself. */
  async end(): Promise<void> {
    await this.#input.close();
    await this.#ended();
  }

  /** Kills it, and waits for its end. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#input.abort().catch(() => {});
    await this.#ended();
  }

  async #ended(): Promise<void> {
    await this.#child.status;
    await this.#lines.return(undefined);
  }
}
