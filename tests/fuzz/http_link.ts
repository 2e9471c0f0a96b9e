/**
 * A connection to a gateway on which anything can be said, and that reads what comes of it.
 *
 * @module
 */

/** A response, as it came. */
export interface RawResponse {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

const decoder = new TextDecoder("latin1");

/** A connection. */
export class HttpLink implements Disposable {
  readonly #connection: Deno.TcpConn;
  #bytes: Uint8Array = new Uint8Array(0);
  #isOver = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Opens one. */
  static async open(port: number): Promise<HttpLink> {
    return new HttpLink(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Whether the gateway has closed it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Sends the bytes of one request, and reads its response.
   *
   * @param hasBody whether the response has the body that it announces: one to HEAD has none.
   * @param endless whether its body is not read to an end, as it may have none.
   * @returns undefined if the gateway has closed the connection before a whole response came.
   */
  async ask(bytes: Uint8Array, hasBody: boolean, endless: boolean): Promise<RawResponse | undefined> {
    try {
      // It may answer before it has read all.
      const writing = this.#write(bytes);
      const response = await this.#response(hasBody, endless);
      await writing;
      return response;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) throw error;
      this.#isOver = true;
      return undefined;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch {
      this.#isOver = true;
    }
  }

  async #response(hasBody: boolean, endless: boolean): Promise<RawResponse | undefined> {
    let end = -1;
    while ((end = decoder.decode(this.#bytes).indexOf("\r\n\r\n")) < 0) if (!await this.#more()) return undefined;
    const [first, ...lines] = decoder.decode(this.#bytes.subarray(0, end)).split("\r\n");
    this.#bytes = this.#bytes.subarray(end + 4);
    const headers = new Map(lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }));
    const status = Number(first.split(" ")[1]);
    let body: Uint8Array = new Uint8Array(0);
    if (endless && status === 200) this.#isOver = true;
    else if (hasBody && status !== 304 && status !== 204) body = await this.#body(headers);
    return { status, headers, body };
  }

  async #body(headers: ReadonlyMap<string, string>): Promise<Uint8Array> {
    if (headers.get("transfer-encoding") !== "chunked") {
      return await this.#take(Number(headers.get("content-length") ?? 0));
    }
    const pieces: Uint8Array[] = [];
    for (;;) {
      let end: number;
      while ((end = decoder.decode(this.#bytes.subarray(0, 32)).indexOf("\r\n")) < 0) if (!await this.#more()) break;
      const length = parseInt(decoder.decode(await this.#take(end + 2)), 16);
      pieces.push(await this.#take(length));
      await this.#take(2);
      if (!(length > 0)) return new Uint8Array(pieces.flatMap((piece) => [...piece]));
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#bytes.length < count) if (!await this.#more()) break;
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const space = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(space);
    if (count === null) {
      this.#isOver = true;
      return false;
    }
    const all = new Uint8Array(this.#bytes.length + count);
    all.set(this.#bytes);
    all.set(space.subarray(0, count), this.#bytes.length);
    this.#bytes = all;
    return true;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
