/**
 * Responses, each with headers that let a browser do nothing but what the page needs.
 *
 * Only a file of the page and the Atom feed are documents for a browser; such a response has {@link documentHeaders},
 * too. All others are data, which `nosniff` keeps a browser from taking for anything else: nothing in them runs, links
 * or loads. Each header costs about a tenth of everything that a bare server does, so data have none that say nothing
 * of data, and the outcome of a change has none that keep pages of other origins out: see {@link sendOutcome}.
 *
 * A route makes an {@link HttpResponse}, and the gateway makes the runtime's `Response` of it at the very end. The
 * runtime prepares a `Response` for its socket when it is made, and again after anybody has touched its headers; and
 * the body of one that was cloned is a stream. So the gateway makes it once, and then does not touch it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { copiedBytesPerTurn } from "../limits.ts";
import { hasTag } from "./etags.ts";
import { streamed } from "./streamed.ts";

/** Nothing from elsewhere, nothing inline, in no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers by name. */
export type HeaderValues = Readonly<Record<string, string>>;

/** The headers of a document, beside those of every response. */
export const documentHeaders: HeaderValues = {
  "content-security-policy": policy,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/** The body of a response. */
export type ResponseBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;

/** A response before it is sent. It never changes, so that several requests may get the same one. */
export class HttpResponse {
  /** Bytes of the body; 0 if unknown, as for events and for a body compressed in pieces: those are counted there. */
  readonly bytes: number;

  /** Makes one. @param headers all but the length of the body, which the runtime adds. */
  constructor(readonly status: number, readonly body: ResponseBody, readonly headers: HeaderValues) {
    this.bytes = isWhole(body) ? Buffer.byteLength(body) : 0;
  }

  /** The same response with these headers, too. */
  with(headers: HeaderValues): HttpResponse {
    return new HttpResponse(this.status, this.body, { ...this.headers, ...headers });
  }

  /** What the runtime sends; `isHead`: to a client that wants the head alone. */
  toResponse(isHead: boolean): Response {
    const { status, body, headers } = this;
    if (!isHead) {
      if (!(body instanceof Uint8Array) || body.length <= copiedBytesPerTurn) {
        return new Response(body, { status, headers });
      }
      return new Response(streamed(body), { status, headers: { ...headers, "content-length": String(body.length) } });
    }
    // No client reads the body, and events would keep their watcher.
    if (body instanceof ReadableStream) body.cancel();
    const length: HeaderValues = isWhole(body) ? { "content-length": String(this.bytes) } : {};
    return new Response(null, { status, headers: { ...headers, ...length } });
  }
}

function isWhole(body: ResponseBody): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === "string" || body instanceof Uint8Array;
}

/** A response; without a `cache-control` among its headers, no cache may keep it. */
export function send(
  status: number,
  body: ResponseBody,
  contentType: string,
  headers?: HeaderValues,
): HttpResponse {
  return new HttpResponse(status, body, {
    "content-type": contentType,
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    ...headers,
  });
}

/**
 * The outcome of a change, in JSON, without headers that protect it. A page of another origin never gets one, because
 * the gateway refuses its changes (`hosts.ts`) and whatever a form or a link can send (`request_body.ts`). No cache
 * keeps it either: it answers a POST, and does not say how long it is good (RFC 9111, section 3).
 *
 * @param entry the index of its entry; absent: it has none.
 * @param location where to find what it has made; absent: it has made nothing.
 */
export function sendOutcome(status: 200 | 201, body: object, entry?: number, location?: string): HttpResponse {
  const type = "application/json";
  // One literal each: to put headers together from others takes as long as a header more.
  const headers: HeaderValues = entry === undefined
    ? { "content-type": type }
    : location === undefined
    ? { "content-type": type, "vaxlog-entry": String(entry) }
    : { "content-type": type, "vaxlog-entry": String(entry), location };
  return new HttpResponse(status, JSON.stringify(body), headers);
}

/** A response in JSON. */
export function sendJson(status: number, value: unknown, headers?: HeaderValues): HttpResponse {
  return send(status, JSON.stringify(value), "application/json", headers);
}

/** A response to a GET: 304 if the client has what the ETag names, else 200 with the body. */
export function sendTagged(
  request: Request,
  etag: string,
  body: () => string | Uint8Array<ArrayBuffer>,
  contentType: string,
  headers?: HeaderValues,
): HttpResponse {
  const isKnown = hasTag(request, etag);
  const all = headers === undefined ? { etag } : { etag, ...headers };
  return send(isKnown ? 304 : 200, isKnown ? null : body(), contentType, all);
}
