/**
 * The Atom feed over HTTP.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { publishMaxAgeSeconds } from "./publishing_routes.ts";
import { Vicinity } from "../places/vicinity.ts";
import { atomFeed, type FeedSubject } from "./atom_feed.ts";
import { cacheScope } from "./public_url.ts";
import { documentHeaders, sendTagged } from "./responses.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { searchQuery } from "./site_shapes.ts";
import { urlParts } from "./url_parts.ts";

/** Milliseconds between two versions of an Atom feed, at least: feeds are polled every few minutes. */
export const atomEveryMs = 5_000;

/** Atom feeds that a gateway keeps for the next poll, of about 100 kB each. */
export const atomFeedsMax = 64;

/** A feed that was made. */
interface KeptFeed {
  /** The name of the log and the index of its last entry then. */
  readonly log: string;
  readonly position: number;
  /** When it was made, in ms of the gateway's clock. */
  readonly madeAt: number;
  readonly made: Promise<{ readonly text: string; readonly etag: string }>;
}

/** The route. */
export function atomRoute(services: Services): Route {
  /** The feeds that were asked for last, by URL; the last is the newest. */
  const kept = new Map<string, KeptFeed>();

  return route(["GET"], "/feed.atom", {
    id: "atomFeed",
    summary: "Get the newest change of each site as an Atom feed",
    description: "For feed readers. The query is that of a list of sites. With `available`, the feed has the newest " +
      "arrival of each site: it had nothing, or nobody knew, and then it had some. From the gateway's own copy, " +
      "which is behind the log by a moment.",
    query: searchQuery,
    responses: { 200: { description: "The newest changes, the newest first", mediaType: "application/atom+xml" } },
    isTagged: true,
    problems: ["not-ready"],
    handle: async ({ request, query: { q, near, within, ...search } }) => {
      const vicinity = await Vicinity.wanted({ near, within });
      await services.checkReady();
      const base = services.options.publicUrl ?? `${urlParts(request.url).origin}/`;
      const query = queryOf({ q, ...search, near, within: within === undefined ? undefined : `${within}mi` });
      const { text, etag } = await feedAt(base, { search: { part: q, ...search }, vicinity, query });
      const scope = cacheScope(services.options, true);
      // A browser may show it.
      const headers = { ...documentHeaders, "cache-control": `${scope}, max-age=${publishMaxAgeSeconds}` };
      return sendTagged(request, etag, () => text, "application/atom+xml; charset=utf-8", headers);
    },
  });

  /** The feed as it is, or was a moment ago. Requests that come meanwhile share it. */
  function feedAt(base: string, subject: FeedSubject): KeptFeed["made"] {
    const url = `${base}?${subject.query}`;
    const { mirror: { log, position }, options } = services;
    const before = kept.get(url);
    const isFresh = before !== undefined && before.log === log &&
      (before.position === position || options.now() - before.madeAt < atomEveryMs);
    const feed = isFresh ? before : { log, position, madeAt: options.now(), made: make(subject, base) };
    kept.delete(url);
    kept.set(url, feed);
    // A feed that cannot be made is asked for again.
    feed.made.catch(() => kept.delete(url));
    for (const [oldest] of kept) if (kept.size > atomFeedsMax) kept.delete(oldest);
    return feed.made;
  }

  async function make(subject: FeedSubject, base: string) {
    const text = await atomFeed(services, subject, base);
    return { text, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
  }
}

/** A query in one form for all that mean the same. */
function queryOf(parameters: Readonly<Record<string, string | boolean | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => value ? [[name, String(value)]] : []);
  return new URLSearchParams(given).toString();
}
