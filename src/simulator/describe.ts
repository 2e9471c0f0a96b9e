/**
 * Messages as people read them in a trace.
 *
 * @module
 */

import type { Message } from "../protocol/wire/messages.ts";

// What says nothing in a trace of one simulated cluster.
const hidden = ["kind", "cluster", "secret", "version"];

/** A message on one line: its kind and its fields, without what is long, absent, or false. */
export function describe(message: Message): string {
  const parts: string[] = [message.kind];
  for (const [field, value] of Object.entries(message)) {
    if (hidden.includes(field) || value === undefined || value === false) continue;
    parts.push(value === true ? field : `${field}=${describeValue(value)}`);
  }
  return parts.join(" ");
}

function describeValue(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length}B`;
  if (Array.isArray(value)) return `[${value.map(describeValue).join(" ")}]`;
  if (typeof value === "string") return /^[0-9a-f]{32}$/.test(value) ? shortId(value) : `"${value}"`;
  if (typeof value === "object" && value !== null) {
    if ("address" in value && "id" in value) return `r${value.id}`;
    return `(${Object.values(value).filter((part) => part !== undefined).map(describeValue).join(" ")})`;
  }
  return String(value);
}

/** The first digits of a session's id, which are a small number in scenarios. */
function shortId(client: string): string {
  return client.slice(0, 8).replace(/^0+(?=.)/, "");
}
