/**
 * One end of a TCP connection in memory, for a link: what somebody else says and hears there.
 *
 * @module
 */

/** A connection in memory. */
export class MemoryConnection {
  /** All that the link has written. */
  readonly written: Uint8Array[] = [];
  readonly #coming: Uint8Array[] = [];
  #isOver = false;
  #isClosed = false;
  #wake = Promise.withResolvers<void>();
  /** Resolves when the link has read all that has come, or has closed the connection. */
  #idle = Promise.withResolvers<void>();

  /** What a link takes for a connection. */
  get connection(): Deno.TcpConn {
    return this as unknown as Deno.TcpConn;
  }

  /** Whether the link has closed it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Says something, and waits until the link has read and answered it. */
  async say(...pieces: readonly Uint8Array[]): Promise<void> {
    this.#coming.push(...pieces.filter(({ length }) => length > 0));
    await this.#settled();
  }

  /** Ends what it says, and waits until the link has closed the connection. */
  async end(): Promise<void> {
    this.#isOver = true;
    while (!this.#isClosed) await this.#settled();
  }

  async #settled(): Promise<void> {
    if (this.#isClosed) return;
    this.#idle = Promise.withResolvers();
    this.#wake.resolve();
    await this.#idle.promise;
    // What it writes at the end of a turn.
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  }

  /** The link reads. */
  async read(space: Uint8Array): Promise<number | null> {
    while (this.#coming.length === 0) {
      if (this.#isClosed) throw new Deno.errors.BadResource("It is closed");
      if (this.#isOver) return null;
      this.#wake = Promise.withResolvers();
      this.#idle.resolve();
      await this.#wake.promise;
    }
    const [first] = this.#coming;
    const count = Math.min(first.length, space.length);
    space.set(first.subarray(0, count));
    if (count < first.length) this.#coming[0] = first.subarray(count);
    else this.#coming.shift();
    return count;
  }

  /** The link writes. */
  write(bytes: Uint8Array): Promise<number> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("It is closed"));
    this.written.push(bytes.slice());
    return Promise.resolve(bytes.length);
  }

  /** The link writes no more. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** The link closes it. */
  close(): void {
    this.#isClosed = true;
    this.#wake.resolve();
    this.#idle.resolve();
  }

  /** There is nothing to delay. */
  setNoDelay(): void {}
}
