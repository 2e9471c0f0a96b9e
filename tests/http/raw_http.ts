/**
 * HTTP as somebody types it who does not keep to the rules.
 *
 * @module
 */

/** A connection to a gateway. */
export class RawHttp implements Disposable {
  readonly #connection: Deno.TcpConn;
  #text = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Makes one. */
  static async open(port: number): Promise<RawHttp> {
    return new RawHttp(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends this; nobody may be left who reads it. */
  async send(text: string): Promise<void> {
    let bytes = new TextEncoder().encode(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Resolves when what has come matches; with all that has come. */
  async said(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (!await this.#read()) throw new Error(`The connection was closed without ${pattern}:\n${this.#text}`);
    }
    return this.#text;
  }

  /** All that comes until the other side closes the connection. */
  async all(): Promise<string> {
    while (await this.#read());
    return this.#text;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(16 * 1024);
    try {
      const count = await this.#connection.read(buffer);
      if (count === null) return false;
      this.#text += new TextDecoder().decode(buffer.subarray(0, count));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}
