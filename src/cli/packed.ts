/**
 * Outputs that are packed with gzip on their way into a file.
 *
 * @module
 */

import type { NewOutput } from "./surroundings.ts";

/** Packs what is written, and writes that. */
export class PackedOutput {
  readonly #packing = new CompressionStream("gzip");
  readonly #writer = this.#packing.writable.getWriter();
  readonly #written: Promise<void>;

  /** @param output takes the packed bytes; the caller completes it. */
  constructor(output: Pick<NewOutput, "write">) {
    this.#written = (async () => {
      for await (const piece of this.#packing.readable) output.write(piece);
    })();
    // The next write fails with it.
    this.#written.catch(() => {});
  }

  /** Writes bytes behind those before. @throws {OutputError} if the output cannot take them. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#orWhy(this.#writer.write(bytes));
  }

  /** Writes the end. @throws {OutputError} if the output cannot take it. */
  async end(): Promise<void> {
    await this.#orWhy(this.#writer.close());
    await this.#written;
  }

  /** A stream whose other end has failed says only that it is closed. */
  async #orWhy(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.#written;
      throw error;
    }
  }
}
