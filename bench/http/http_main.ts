/**
 * The entry of a server that does for a report what the gateway does for HTTP alone: it reads and sends the same bytes
 * in the same way, and nothing is behind it. It prints its port, and exits when its standard input ends.
 *
 * @module
 */

import { BodyBudget } from "../../src/http/body_budget.ts";
import { bodyOf, openBody } from "../../src/http/request_body.ts";
import { sendJson } from "../../src/http/responses.ts";
import { httpBodyBytesMax } from "../../src/http/route.ts";
import { sitePath } from "./jobs.ts";

const site = { name: "Harvard University", zip: "02138", availability: 0, observedAt: 1_790_000_000_000 };

/** Headers that a report may have, and this one does not. */
const absent = ["origin", "idempotency-key", "if-match", "if-none-match"];

const bodies = new BodyBudget();

const { addr } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  const { headers } = request;
  if (absent.some((name) => headers.get(name) !== null)) throw new Error("A report of the bench has no such header");
  const coming = openBody(request, httpBodyBytesMax, bodies.share(""))!;
  const { text } = bodyOf(await coming.bytes, headers);
  coming.release();
  const { value } = JSON.parse(text);
  const body = { site: { ...site, availability: value }, entry: value, effect: "shown" };
  const location = `${sitePath}/history?order=oldest&after=${value}&limit=1`;
  return sendJson(201, body, { "vaxlog-entry": String(value), location }).toResponse(false);
});
console.log(addr.port);
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
