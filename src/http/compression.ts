/**
 * Responses in gzip, for clients that accept it (RFC 9110, sections 8.4 and 12.5.3).
 *
 * Compression runs on the event loop, in every API of the runtime. So the gateway compresses a large body in pieces,
 * one in each turn, however many responses are under way. Middleware of other projects compresses in one go.
 *
 * A compressed response is another representation, with an ETag of its own: the plain tag with a mark at its end.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { gzipBytesMin, gzipPieceBytes, httpRequestsMax } from "../limits.ts";
import { gzipTag } from "./etags.ts";
import { Turns } from "./turns.ts";

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

/** Compresses the responses that are worth it. */
export class Compression {
  readonly #turns = new Turns(httpRequestsMax);
  readonly #sent: (bytes: number) => void;

  /** @param sent counts the bytes of a body whose length nobody knows before it is sent. */
  constructor(sent: (bytes: number) => void) {
    this.#sent = sent;
  }

  /**
   * The response in an encoding that the client accepts.
   *
   * @param length bytes of its body; 0: unknown.
   */
  apply(request: Request, response: Response, length: number): Response | Promise<Response> {
    const { headers } = response;
    const isLarge = length >= gzipBytesMin;
    // Caches keep no responses to other methods, so the small outcome of a command needs no Vary.
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
    if (etag !== null) headers.set("etag", gzipTag(etag));
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
    const pieces = ReadableStream.from(this.#pieces(response.body!));
    const compressed = pieces.pipeThrough(new CompressionStream("gzip")).pipeThrough(counted);
    return new Response(compressed, { status, headers });
  }

  /** A body in pieces, each in a turn of its own. */
  async *#pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<BufferSource> {
    for await (const bytes of body) {
      for (let at = 0; at < bytes.length; at += gzipPieceBytes) {
        await this.#turns.next();
        yield new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length).subarray(
          at,
          at + gzipPieceBytes,
        );
      }
    }
  }
}

/** A response 304, with the tag that the client knows. */
function marked(request: Request, response: Response): Response {
  const etag = response.headers.get("etag");
  if (etag === null) return response;
  const tag = gzipTag(etag);
  if (request.headers.get("if-none-match")?.includes(tag)) response.headers.set("etag", tag);
  return response;
}
