/**
 * The log over HTTP: the entries of all sites, page by page, and as they come.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { parseId } from "../database/look_alikes.ts";
import { parseName, ValueError } from "../database/values.ts";
import { httpPageDefault } from "../limits.ts";
import { parsePlace } from "./log_name.ts";
import { HttpProblem } from "./problems.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { integer, optional, text } from "./shapes.ts";
import { entriesOf } from "./site_routes.ts";
import { entryList, indexMax, limit } from "./site_shapes.ts";

const after = optional(integer(0, indexMax, "Only entries after this index"));

/** The routes. */
export function changeRoutes(services: Services): readonly Route[] {
  const { client, hub } = services;

  return [
    route(["GET"], "/api/changes", {
      id: "listChanges",
      summary: "List the entries of all sites in their order",
      query: { after, limit },
      responses: {
        200: { description: "A page; `next` is the index to give as `after` for the next page", body: entryList },
      },
      handle: ({ query: { after, limit = httpPageDefault } }) =>
        entriesOf(client.changes({ after, limit: limit + 1 }), limit),
    }),

    route(["GET"], "/api/events", {
      id: "watchEvents",
      summary: "Watch the entries as they come, by Server-Sent Events",
      description: "An event has the type `entry`. Its id is the log's name and the index of the entry, such as " +
        "3f2a90c1d2e4-12. Its data is the entry in JSON, with `documentBytes`, the length of a document, instead of " +
        "the document. A client that reconnects with `Last-Event-ID` misses nothing.",
      query: { after, site: optional(text("Only entries of this site: its name, or its id")) },
      headers: { "Last-Event-ID": "The id of the last event that the client has; takes precedence over `after`" },
      responses: { 200: { description: "The events, without an end", mediaType: "text/event-stream" } },
      problems: ["busy", "gone"],
      handle: async ({ request, query }) => {
        const site = query.site === undefined ? undefined : parseName(query.site);
        const id = request.headers.get("last-event-id") ?? "";
        const last = parsePlace(id);
        if (id !== "" && last === undefined) {
          const wanted = "give the id of an event as it came";
          throw new ValueError(`Cannot take ${quotedShort(id)} as the Last-Event-ID: ${wanted}`);
        }
        await services.ready();
        if (last !== undefined && last.log !== services.mirror.log) {
          const why = "the cluster has started again from nothing, a backup or one replica (--force-from)";
          throw new HttpProblem("gone", `The log ${last.log} is gone, since ${why}: begin without it`);
        }
        const known = last?.index ?? query.after;
        if (known !== undefined && known > services.mirror.position) {
          // The cluster has it, or it is of another log.
          const { lastEntry } = await client.summary();
          const detail = `There is no entry ${known} yet, the last one is ${lastEntry}: begin again without it`;
          if (known > lastEntry) throw new ValueError(detail);
        }
        return hub.watch(known, site, site === undefined ? undefined : services.mirror.idOf(site) ?? parseId(site));
      },
    }),
  ];
}
