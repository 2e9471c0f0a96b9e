/**
 * Responses in gzip, for who takes that (RFC 9110, sections 8.4 and 12.5.3).
 *
 * Compression runs on the event loop, whichever way it is called. So what is large is compressed in pieces, one of them in
 * a turn, however many responses are under way.
 *
 * What is compressed is another representation, with an ETag of its own: that of the plain one with a mark at its end.
 * Wherever a tag comes back, {@link plainTag} takes the mark off.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { gzipSync } from "node:zlib";
import { gzipBytesMin, gzipPieceBytes, httpRequestsMax } from "../limits.ts";
import { Turns } from "./turns.ts";

const mark = '-gzip"';

/** An entity tag as the plain representation has it. */
export function plainTag(tag: string): string {
  return tag.endsWith(mark) ? `${tag.slice(0, -mark.length)}"` : tag;
}

/** Whether `Accept-Encoding` takes gzip. */
export function takesGzip(header: string | null): boolean {
  if (header === null) return false;
  let any = false;
  for (const item of header.split(",")) {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
    if (coding === "gzip" || coding === "x-gzip") return !isRefused;
    if (coding === "*") any = !isRefused;
  }
  return any;
}

/** Compresses what is worth it. */
export class Compression {
  readonly #turns = new Turns(httpRequestsMax, () => new Promise((resolve) => setImmediate(resolve)));
  readonly #sent: (bytes: number) => void;

  /** @param sent is told of the bytes of bodies whose length is not known before they are sent. */
  constructor(sent: (bytes: number) => void) {
    this.#sent = sent;
  }

  /**
   * The response as whoever asked takes it.
   *
   * @param length bytes of its body; 0: nobody knows.
   */
  apply(request: Request, response: Response, length: number): Response | Promise<Response> {
    const { headers } = response;
    const isLarge = length >= gzipBytesMin;
    // Only what is looked at is kept by caches, so a small output of a command has nothing to say of it.
    if (!isLarge && request.method !== "GET" && request.method !== "HEAD") return response;
    if (headers.get("content-type") === "text/event-stream") return response;
    headers.append("vary", "accept-encoding");
    if (response.status === 304) return marked(request, response);
    if (!isLarge || !takesGzip(request.headers.get("accept-encoding"))) return response;
    return this.#compressed(response, length);
  }

  async #compressed(response: Response, length: number): Promise<Response> {
    const { status, headers } = response;
    headers.set("content-encoding", "gzip");
    const etag = headers.get("etag");
    if (etag !== null) headers.set("etag", etag.slice(0, -1) + mark);
    if (length <= gzipPieceBytes) {
      const bytes = gzipSync(await response.bytes());
      headers.set("content-length", String(bytes.length));
      return new Response(new Uint8Array(bytes), { status, headers });
    }
    headers.delete("content-length");
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        this.#sent(bytes.length);
        controller.enqueue(bytes);
      },
    });
    const compressed = this.#pieces(response.body!).pipeThrough(new CompressionStream("gzip")).pipeThrough(counted);
    return new Response(compressed, { status, headers });
  }

  /** A body in pieces, each in a turn of its own. */
  #pieces(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = body.getReader();
    let rest = new Uint8Array();
    return new ReadableStream({
      pull: async (controller) => {
        await this.#turns.next();
        if (rest.length === 0) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          rest = new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.length);
        }
        controller.enqueue(rest.subarray(0, gzipPieceBytes));
        rest = rest.subarray(gzipPieceBytes);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }
}

/** What is as it was has the tag under which it is known. */
function marked(request: Request, response: Response): Response {
  const etag = response.headers.get("etag");
  if (etag === null) return response;
  const tag = etag.slice(0, -1) + mark;
  if (request.headers.get("if-none-match")?.includes(tag)) response.headers.set("etag", tag);
  return response;
}
