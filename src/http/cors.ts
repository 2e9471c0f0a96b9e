/**
 * What lets pages of other origins read a response (the Fetch standard, section 3.3): only where the person who runs
 * the gateway allows it, and only what is published.
 *
 * @module
 */

import { type HeaderValues, type HttpResponse, send } from "./responses.ts";

/** Seconds for which a browser need not ask again whether it may send a header of its own. */
const preflightSeconds = 86_400;

const shared: HeaderValues = {
  "access-control-allow-origin": "*",
  // A page that polls needs it for If-None-Match.
  "access-control-expose-headers": "ETag",
  "cross-origin-resource-policy": "cross-origin",
};

/** The same response, readable for pages of all origins. */
export function sharedResponse(response: HttpResponse): HttpResponse {
  return response.with(shared);
}

/** The response to a browser that asks whether a page may send a request. */
export function preflightResponse(): HttpResponse {
  return send(204, null, "text/plain", {
    ...shared,
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "If-None-Match",
    "access-control-max-age": String(preflightSeconds),
  });
}
