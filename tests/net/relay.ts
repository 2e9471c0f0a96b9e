/**
 * Stands between two ends of a connection, and lets nothing pass before it is told to.
 *
 * @module
 */

/** Takes one connection, and makes it one to `127.0.0.1:port`. */
export class Relay {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #opened = Promise.withResolvers<void>();
  readonly #done: Promise<void>;

  /** @param port where the connection leads to. */
  constructor(port: number) {
    this.#done = this.#run(port);
  }

  /** Where it listens. */
  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Lets everything pass. */
  open(): void {
    this.#opened.resolve();
  }

  /** Resolves when both ends are gone. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.#done;
  }

  async #run(port: number): Promise<void> {
    const near = await this.#listener.accept();
    await this.#opened.promise;
    const far = await Deno.connect({ hostname: "127.0.0.1", port });
    // An end that is aborted ends the other.
    await Promise.allSettled([near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)]);
  }
}
