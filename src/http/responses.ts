/**
 * Responses, each with headers that let a browser do nothing but what the page needs.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { hasTag } from "./etags.ts";

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

/** The headers of every response that does not give others. */
const usualHeaders: HeaderValues = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** A response; without a `cache-control` among its headers, no cache may keep it. */
export function send(
  status: number,
  body: BodyInit | null,
  contentType: string,
  headers: HeaderValues = {},
): Response {
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  const all: Record<string, string> = { "content-type": contentType, ...usualHeaders, ...headers };
  if (isWhole) all["content-length"] = String(Buffer.byteLength(body));
  return new Response(body, { status, headers: all });
}

/** A response in JSON. */
export function sendJson(status: number, value: unknown, headers?: HeaderValues): Response {
  return send(status, JSON.stringify(value), "application/json", headers);
}

/** A response to a GET: 304 if the client has what the ETag names, else 200 with the body. */
export function sendTagged(
  request: Request,
  etag: string,
  body: () => BodyInit,
  contentType: string,
  headers: HeaderValues = {},
): Response {
  const isKnown = hasTag(request, etag);
  return send(isKnown ? 304 : 200, isKnown ? null : body(), contentType, { etag, ...headers });
}

/** Bytes of a body; 0 if unknown, as for events and for a body compressed in pieces: those bytes are counted there. */
export function bodyBytesOf({ headers }: Response): number {
  return Number(headers.get("content-length"));
}
