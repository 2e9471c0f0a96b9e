/**
 * The log over HTTP: the entries of all sites, page by page, and as they come.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { changeFilter, type ChangeWishes } from "../alerts/change_filter.ts";
import { parseId } from "../database/look_alikes.ts";
import { parseName, ValueError } from "../database/values.ts";
import { type EventSubject, eventSubject, type WantedEvents } from "./events.ts";
import { parsePlace } from "./log_name.ts";
import type { Caller } from "./access.ts";
import { HttpProblem } from "./problems.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { integer, optional, text } from "./shapes.ts";
import { entriesOf } from "./site_routes.ts";
import { entryList, httpPageDefault, indexMax, limit, wishesQuery } from "./site_shapes.ts";

/** What every filter of changes means. */
const wishesText = "`zip` and `near` go by where the site is now. `product` and `source` keep the reports and " +
  "confirmations of that, and the entries that take such a report back. With `available`, an entry has `was`: what " +
  "there was before; with `product` or `source`, what its source had said.";

const after = optional(integer(0, indexMax, "Only entries after this index"));

/** The routes. */
export function changeRoutes(services: Services): readonly Route[] {
  const { client, hub } = services;

  return [
    route(["GET"], "/api/changes", {
      id: "listChanges",
      summary: "List the entries of all sites in their order",
      description: `${wishesText} A page then has those of the next \`limit\` entries that fit, which may be none: ` +
        "continue while there is `next`.",
      query: { after, limit, ...wishesQuery },
      responses: {
        200: { description: "A page; `next` is the index to give as `after` for the next page", body: entryList },
      },
      handle: async ({ query: { after = 0, limit = httpPageDefault, ...wishes } }) => {
        const wanted = await wantedBy(services, wishes);
        const page = await entriesOf(client.changes({ after, limit: limit + 1 }), limit);
        if (wanted === undefined) return page;
        await services.ready();
        const { mirror } = services;
        // The gateway's own copy says what fits, and the cluster may be ahead of that.
        const known = page.entries.filter(({ index }) => index <= mirror.position);
        const upTo = known.at(-1)?.index ?? after;
        const entries = known.filter((entry) => wanted.wants(eventSubject(entry)))
          .map((entry) => ({ ...entry, was: mirror.arrivalAt(entry.index, wanted.isOfSaid) }));
        return { entries, next: known.length < page.entries.length ? upTo : page.next, upTo };
      },
    }),

    route(["GET"], "/api/events", {
      id: "watchEvents",
      summary: "Watch the entries as they come, by Server-Sent Events",
      description: "An event has the type `entry`. Its id is the log's name and the index of the entry, such as " +
        "3f2a90c1d2e4-12. Its data is the entry in JSON, with `documentBytes`, the length of a document, instead of " +
        `the document. A client that reconnects with \`Last-Event-ID\` misses nothing. ${wishesText}`,
      query: { after, site: optional(text("Only entries of this site: its name, or its id")), ...wishesQuery },
      headers: { "Last-Event-ID": "The id of the last event that the client has; takes precedence over `after`" },
      responses: { 200: { description: "The events, without an end", mediaType: "text/event-stream" } },
      problems: ["gone"],
      handle: async ({ request, query, caller }) => {
        const wanted = await wantedBy(services, query);
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
        const watching = { caller, begin: (caller: Caller) => services.quotas.watch(caller) };
        if (site === undefined) return hub.watch(known, wanted, watching);
        const isOfSite = eventsOf(site, services.mirror.idOf(site) ?? parseId(site));
        const { wants, isOfSaid } = wanted ?? { wants: () => true, isOfSaid: false };
        return hub.watch(known, { wants: (event) => isOfSite(event) && wants(event), isOfSaid }, watching);
      },
    }),
  ];
}

/**
 * A test of whether an event is of the site of this name, whatever that is called later.
 *
 * @param id its id, if known.
 */
function eventsOf(name: string, id: number | undefined): (event: EventSubject) => boolean {
  return ({ site, siteId }) => {
    if (site === name) id = siteId;
    return siteId === id;
  };
}

/** Which entries somebody wants to hear of; undefined: all. */
async function wantedBy(services: Services, wishes: ChangeWishes): Promise<WantedEvents | undefined> {
  const filter = await changeFilter(wishes);
  if (filter === undefined) return undefined;
  const { isOfSaid, onlyArrivals } = filter;
  const wants = ({ index, siteId, source, product }: EventSubject) => {
    const { mirror } = services;
    if (!filter.wantsSubject(mirror.takenBackBy(index) ?? { source, product })) return false;
    if (onlyArrivals && mirror.arrivalAt(index, isOfSaid) === undefined) return false;
    const site = mirror.siteWithId(siteId);
    return site !== undefined && filter.wantsSite(site);
  };
  return { wants, isOfSaid };
}
