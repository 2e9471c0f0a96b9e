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

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { gzipTag } from "./etags.ts";
import { type HeaderValues, HttpResponse } from "./responses.ts";
import { httpRequestsMax, turns } from "./turns.ts";

/** Bytes of a response from which on it is compressed if the client allows that. A smaller one fits into a packet. */
const gzipBytesMin = 1_400;

/** Bytes of a response that are compressed in one turn: half a millisecond. */
export const gzipPieceBytes = 64 * 1024;

/** Whether `Accept-Encoding` takes gzip. */
export function takesGzip(header: string | null): boolean {
  const accepted = new Map(
    (header ?? "").toLowerCase().split(",").map((item) => {
      const [coding, ...parameters] = item.split(";").map((part) => part.trim());
      return [coding.replace(/^x-/, ""), !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter))];
    }),
  );
  return accepted.get("gzip") ?? accepted.get("*") ?? false;
}

/**
 * Compresses the responses that are worth it.
 *
 * @param sent counts the bytes of a body whose length nobody knows before it is sent.
 * @returns what gives a response in an encoding that the client accepts.
 */
export function compression(sent: (bytes: number) => void): (request: Request, plain: HttpResponse) => HttpResponse {
  const nextTurn = turns(httpRequestsMax);

  return (request, plain) => {
    const { status, body, bytes, headers } = plain;
    const isLarge = bytes >= gzipBytesMin;
    // A Vary is for caches, and these keep neither such a response nor one to a request for a change.
    const isRead = request.method === "GET" || request.method === "HEAD";
    const mayBeKept = isRead && headers["cache-control"] !== "no-store";
    if (!isLarge && !mayBeKept && status !== 304) return plain;
    if (headers["content-type"] === "text/event-stream") return plain;
    const varying = mayBeKept ? { ...headers, vary: "accept-encoding" } : headers;
    const { etag } = headers;
    const tag: HeaderValues = etag === undefined ? {} : { etag: gzipTag(etag) };
    if (status === 304) {
      // With the tag that the client knows.
      const isPacked = tag.etag !== undefined && request.headers.get("if-none-match")?.includes(tag.etag);
      return new HttpResponse(status, body, isPacked ? { ...varying, ...tag } : varying);
    }
    if (!isLarge || !takesGzip(request.headers.get("accept-encoding"))) return new HttpResponse(status, body, varying);
    const packed = { ...varying, "content-encoding": "gzip", ...tag };
    const whole = typeof body === "string" ? Buffer.from(body) : body as Uint8Array<ArrayBuffer>;
    if (bytes <= gzipPieceBytes) return new HttpResponse(status, new Uint8Array(gzipSync(whole)), packed);
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        sent(bytes.length);
        controller.enqueue(bytes);
      },
    });
    const compressed = ReadableStream.from(pieces(whole)).pipeThrough(new CompressionStream("gzip"));
    return new HttpResponse(status, compressed.pipeThrough(counted), packed);
  };

  /** A body in pieces, each in a turn of its own. */
  async function* pieces(body: Uint8Array<ArrayBuffer>): AsyncGenerator<BufferSource> {
    for (let at = 0; at < body.length; at += gzipPieceBytes) {
      await nextTurn();
      yield body.subarray(at, at + gzipPieceBytes);
    }
  }
}
