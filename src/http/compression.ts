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
import { bodyBytesOf } from "./responses.ts";
import { turns } from "./turns.ts";

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
export function compression(sent: (bytes: number) => void): (request: Request, plain: Response) => Promise<Response> {
  const nextTurn = turns(httpRequestsMax);

  return async (request, plain) => {
    const { status, headers } = plain;
    const length = bodyBytesOf(plain);
    const isLarge = length >= gzipBytesMin;
    // Caches keep no responses to other methods, so the small outcome of a command needs no Vary.
    if (!isLarge && request.method !== "GET" && request.method !== "HEAD") return plain;
    if (headers.get("content-type") === "text/event-stream") return plain;
    headers.append("vary", "accept-encoding");
    const etag = headers.get("etag");
    const tag = etag === null ? undefined : gzipTag(etag);
    if (status === 304) {
      // With the tag that the client knows.
      if (tag !== undefined && request.headers.get("if-none-match")?.includes(tag)) headers.set("etag", tag);
      return plain;
    }
    if (!isLarge || !takesGzip(request.headers.get("accept-encoding"))) return plain;
    headers.set("content-encoding", "gzip");
    if (tag !== undefined) headers.set("etag", tag);
    if (length <= gzipPieceBytes) {
      const bytes = gzipSync(await plain.bytes());
      headers.set("content-length", String(bytes.length));
      return new Response(new Uint8Array(bytes), { status, headers });
    }
    headers.delete("content-length");
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        sent(bytes.length);
        controller.enqueue(bytes);
      },
    });
    const compressed = ReadableStream.from(pieces(plain.body!)).pipeThrough(new CompressionStream("gzip"));
    return new Response(compressed.pipeThrough(counted), { status, headers });
  };

  /** A body in pieces, each in a turn of its own. */
  async function* pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<BufferSource> {
    for await (const bytes of body) {
      for (let at = 0; at < bytes.length; at += gzipPieceBytes) {
        await nextTurn();
        yield bytes.subarray(at, at + gzipPieceBytes) as Uint8Array<ArrayBuffer>;
      }
    }
  }
}
