/**
 * The flags of a gateway, whoever starts it: `servers --http PORT` and the client's `serve`.
 *
 * @module
 */

import { readHost, readPort } from "../front/listening.ts";
import { readName } from "../front/readers.ts";
import { setting, switchOf } from "../front/settings.ts";
import { longestAgeMs, spanMs } from "../front/spans.ts";
import { wrongValue } from "../front/usage_error.ts";
import { publicUrlOf, whyNotPublicUrl } from "./public_url.ts";

/** The flags as options of a command. */
export const gatewayFlags = {
  http: setting("http", readPort),
  httpHost: setting("httpHost", readHost),
  tlsDir: setting("tlsDir", readName("a directory")),
  insecure: switchOf("insecure"),
  publicRead: switchOf("publicRead"),
  publicUrl: setting("publicUrl", readPublicUrl),
  cors: switchOf("cors"),
  staleAfter: setting("staleAfter", readAge),
};

function readPublicUrl(typed: string, _now: number, name: string): string {
  const why = whyNotPublicUrl(typed);
  if (why === undefined) return publicUrlOf(typed);
  throw wrongValue(name, typed, why);
}

function readAge(typed: string, _now: number, name: string): number {
  const ms = spanMs(typed);
  if (ms >= 1_000 && ms <= longestAgeMs) return ms;
  throw wrongValue(name, typed, "it must be a span of time such as 90m, 24h or 7d, up to 3653d");
}
