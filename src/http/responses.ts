/**
 * What every answer has: headers that let a browser do nothing but what the page needs.
 *
 * @module
 */

import { Buffer } from "node:buffer";

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

/** What every answer has. */
export const safetyHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", policy],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
  ["cross-origin-opener-policy", "same-origin"],
];

const uncached = [...safetyHeaders, ["cache-control", "no-store"] as const];

/** An answer; `headers` may say for how long it may be kept, else it may not. */
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
  const length = typeof body === "string"
    ? Buffer.byteLength(body)
    : body instanceof Uint8Array
    ? body.length
    : undefined;
  if (length !== undefined) all.push(["content-length", String(length)]);
  return new Response(body, { status, headers: all });
}

/** An answer in JSON. */
export function sendJson(
  status: number,
  value: unknown,
  headers?: readonly (readonly [string, string])[],
): Response {
  return send(status, JSON.stringify(value), "application/json", headers);
}
