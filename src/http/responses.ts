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

/** The headers of every response. */
export const safetyHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", policy],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
  ["cross-origin-opener-policy", "same-origin"],
];

const uncached = [...safetyHeaders, ["cache-control", "no-store"] as const];

/** A response; without a `cache-control` among its headers, no cache may keep it. */
export function send(
  status: number,
  body: BodyInit | null,
  contentType: string,
  headers: readonly (readonly [string, string])[] = [],
): Response {
  const isCached = headers.some(([name]) => name === "cache-control");
  const all: [string, string][] = [["content-type", contentType]];
  for (const [name, value] of isCached ? safetyHeaders : uncached) all.push([name, value]);
  for (const [name, value] of headers) all.push([name, value]);
  if (typeof body === "string" || body instanceof Uint8Array) {
    all.push(["content-length", String(Buffer.byteLength(body))]);
  }
  return new Response(body, { status, headers: all });
}

/** A response in JSON. */
export function sendJson(
  status: number,
  value: unknown,
  headers?: readonly (readonly [string, string])[],
): Response {
  return send(status, JSON.stringify(value), "application/json", headers);
}

/** A response to a GET: 304 if the client has what the ETag names, else 200 with the body. */
export function sendTagged(
  request: Request,
  etag: string,
  body: () => BodyInit,
  contentType: string,
  cacheControl?: string,
): Response {
  const headers: [string, string][] = [["etag", etag]];
  if (cacheControl !== undefined) headers.push(["cache-control", cacheControl]);
  if (hasTag(request, etag)) return send(304, null, contentType, headers);
  return send(200, body(), contentType, headers);
}
