/**
 * Sites over HTTP: looked up, reported, added, retired.
 *
 * @module
 */

import {
  type Availability,
  type DoneOutcome,
  type Entry,
  type SetOptions,
  type SetOutcome,
  type Site,
  ValueError,
  type VaxlogClient,
} from "../library/client.ts";
import { parseWantedIdentifier } from "../database/identifiers.ts";
import { staleAfterMs } from "../limits.ts";
import { Vicinity } from "../places/vicinity.ts";
import { etagOf, readIfMatch } from "./etags.ts";
import { ageFilter, searchSites, sitesNear } from "./found_sites.ts";
import { checkDone, conflictOf, doneOf, refusalOf } from "./outcomes.ts";
import { type HttpResponse, sendOutcome, sendTagged } from "./responses.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { flag, integer, object, optional, text, word } from "./shapes.ts";
import type { SiteJson } from "../database/values.ts";
import { type AgedSite, isStaleAt } from "../database/age_rules.ts";
import { siteJson, sitePath } from "./site_json.ts";
import {
  ageQuery,
  changes,
  documentedSite,
  doneOutcome,
  entryList,
  httpPageDefault,
  indexMax,
  limit,
  name,
  reportIn,
  searchQuery,
  siteList,
  sourceList,
  viewedSite,
} from "./site_shapes.ts";

const done = {
  200: { description: "The log says so already: nothing changed", body: doneOutcome },
  201: { description: "It was done, and the log has an entry that says so", body: doneOutcome },
};

/**
 * The route to one site with its name in the query instead of the path. A client takes `.` and `..` in a path for
 * steps, also where they are escaped, so a site of such a name has no path of its own.
 */
function byQuery(byPath: Route): Route {
  return route(byPath.methods, byPath.path.replace("/api/sites/{name}", "/api/site"), {
    ...byPath,
    id: `${byPath.id}ByQuery`,
    summary: `${byPath.summary}; for any name, also "." and ".."`,
    query: { name, ...byPath.query },
    handle: (call) => byPath.handle({ ...call, path: { name: call.query.name } }),
  });
}

/** The routes. */
export function siteRoutes(services: Services): readonly Route[] {
  const { client, options } = services;
  const { publicUrl = "/" } = options;

  const routes = [
    route(["GET"], "/api/sites", {
      id: "listSites",
      summary: "List sites in the order of their names",
      description:
        "Linearizable, page by page, except with `q`, `last`, `near`, `fresh` or `stale`: those come from the " +
        "gateway's own copy, which is behind the log by a moment. With `near`, the nearest site comes first, and " +
        "there is no second page. With `identifier` alone, these are the sites that have it, 16 at most, also if " +
        "they are retired.",
      query: {
        ...searchQuery,
        ...ageQuery,
        limit,
        after: optional(text("Only sites whose name comes after this one")),
        identifier: optional(text("An identifier as SYSTEM=VALUE, or a VTrckS PIN")),
        last: optional(flag("The last ones rather than the first, in the same order")),
        before: optional(text("With `last`: only sites whose name comes before this one")),
      },
      responses: {
        200: { description: "A page; `next` is the name to give as `after` for the next page", body: siteList },
      },
      problems: ["not-ready"],
      handle: async ({ query: { identifier, ...query } }) => {
        if (identifier !== undefined) {
          if (Object.values(query).some((value) => value !== undefined)) {
            throw new ValueError('"identifier" goes alone: leave out the rest of the query');
          }
          const found = await client.find(parseWantedIdentifier(identifier));
          return { sites: found.map((site) => ({ ...listed(site), alias: site.alias })) };
        }
        const { q, limit = httpPageDefault, after, last = false, before, ...others } = query;
        const { near, within, fresh, stale, ...search } = others;
        const vicinity = await Vicinity.wanted({ near, within });
        const fits = ageFilter(options, { fresh, stale });
        if (vicinity !== undefined) {
          if (last || after !== undefined) {
            throw new ValueError('"near" lists by distance: leave out "last" and "after"');
          }
          await services.checkReady();
          const found = await sitesNear(services, { ...search, part: q, fits }, vicinity, limit);
          return { sites: found.map(({ site, miles }) => ({ ...listed(site), miles })) };
        }
        if (before !== undefined && !last) {
          throw new ValueError('"before" needs "last": give last=true, too');
        }
        if (after !== undefined && last) {
          throw new ValueError('"after" and "last" exclude each other: give one');
        }
        let sites: readonly Site[];
        if (q !== undefined || last || fits !== undefined) {
          await services.checkReady();
          const asked = { ...search, part: q, fits };
          sites = await searchSites(services, asked, limit + 1, last ? before : after, last);
        } else {
          sites = (await Array.fromAsync(client.list({ ...search, after, limit: limit + 1 }))).flat();
        }
        const { items, beyond } = pageOf(sites, limit);
        const more = last ? { previous: beyond?.name } : { next: beyond?.name };
        return { sites: (last ? items.reverse() : items).map(listed), ...more };
      },
    }),

    route(["POST"], "/api/sites", {
      id: "addSite",
      summary: "Add a site, with availability 0",
      body: object(changes.add),
      responses: { 201: done[201] },
      problems: ["exists", "refused"],
      handle: async ({ body, client }) => {
        const outcome = checkDone(await client.add(body.name, body.zip, body));
        return sendDone(outcome, sitePath(outcome.site.name));
      },
    }),

    route(["GET"], "/api/sites/{name}", {
      id: "viewSite",
      summary: "Get one site with the report that it shows",
      description:
        "The ETag has the name of the log and the index of the entry of that report, 0 if there is none. `If-Match` " +
        "takes it.",
      responses: { 200: { description: "The site", body: viewedSite } },
      isTagged: true,
      problems: ["unknown-site"],
      handle: async ({ request, path }) => {
        // Before the look-up: should another cluster begin meanwhile, the ETag is of the old log, and matches nothing.
        const log = services.log;
        const { site, report, hasDocument } = checkDone(await client.view(path.name));
        const etag = etagOf({ log, index: report?.index ?? 0 }, site, hasDocument);
        const body = () => JSON.stringify({ ...siteJson(site), report, hasDocument });
        return sendTagged(request, etag, body, "application/json");
      },
    }),

    route(["GET"], "/api/sites/{name}/document", {
      id: "siteDocument",
      summary: "Get what a feed said of a site",
      responses: { 200: { description: "The site with its document", body: documentedSite } },
      problems: ["unknown-site"],
      handle: async ({ path }) => ({
        ...siteJson(checkDone(await client.details(path.name)).site),
        sources: await sourcesOf(path.name),
      }),
    }),

    route(["GET"], "/api/sites/{name}/sources", {
      id: "siteSources",
      summary: "List what each source says of each product of a site",
      description: "Linearizable, page by page. Sources and products come in the order in which they were first " +
        "reported.",
      responses: { 200: { description: "All of them", body: sourceList } },
      problems: ["unknown-site"],
      handle: async ({ path }) => ({ sources: await sourcesOf(path.name) }),
    }),

    route(["GET"], "/api/sites/{name}/history", {
      id: "siteHistory",
      summary: "List the entries of one site",
      query: {
        limit,
        after: optional(integer(1, indexMax, "Only entries after this one, in the order of the page")),
        order: optional(word(["newest", "oldest"], "Which entry comes first; the newest if absent")),
      },
      responses: {
        200: { description: "A page; `next` is the index to give as `after` for the next page", body: entryList },
      },
      problems: ["unknown-site"],
      handle: ({ path, query: { limit = httpPageDefault, after, order = "newest" } }) => {
        const bound = order === "newest" ? { newestFirst: true, before: after } : { after };
        return entriesOf(client.history(path.name, { ...bound, limit: limit + 1 }), limit);
      },
    }),

    route(["PATCH"], "/api/sites/{name}", {
      id: "editSite",
      summary: "Change the name, the ZIP code or identifiers of a site",
      description: "Its id stays. So do attributes that are absent, and identifiers of systems that are not named.",
      body: object(changes.edit),
      responses: done,
      problems: ["unknown-site", "exists", "taken", "refused"],
      handle: async ({ path, body, client }) => sendDone(checkDone(await client.edit(path.name, body))),
    }),

    route(["POST"], "/api/sites/{name}/merge", {
      id: "mergeSite",
      summary: "Make a site an alias of another one, which shows the newest report of both",
      description: "The name and the id of the site lead to the other one. The response has that one.",
      body: object(changes.merge),
      responses: done,
      problems: ["unknown-site", "refused"],
      handle: async ({ path, body, client }) => sendDone(checkDone(await client.merge(path.name, body.into, body))),
    }),

    route(["POST"], "/api/sites/{name}/unmerge", {
      id: "unmergeSite",
      summary: "Undo the merge of a site: it stands for itself again",
      body: object(changes.unmerge),
      isBodyOptional: true,
      responses: done,
      problems: ["unknown-site", "refused"],
      handle: async ({ path, body, client }) => sendDone(checkDone(await client.unmerge(path.name, body))),
    }),

    route(["POST", "PUT"], "/api/sites/{name}/reports", {
      id: "reportSite",
      summary: "Report the availability of a site",
      description:
        "With `if`, only if the site shows that availability. With `ifEntry` or `If-Match`, only if it shows the " +
        "report of that entry, or of one of those entries; another report of the same availability does not match. " +
        "The log keeps a report that is older than the one shown, but the site does not show it: the effect is " +
        "`outOfDate`.",
      body: object(changes.set),
      headers: { "If-Match": 'The ETag of the site as the client saw it, such as "3f2a90c1d2e4-12"' },
      responses: done,
      problems: ["unknown-site", "conflict", "precondition", "retired", "refused"],
      handle: ({ request, path, body, client }) => {
        if (request.headers.get("if-none-match") !== null) {
          throw new ValueError("A report takes no If-None-Match: give If-Match, or leave it out");
        }
        const header = request.headers.get("if-match");
        const wanted = header === null ? undefined : readIfMatch(header, services.log);
        const report = reportIn(body);
        if (wanted !== undefined) return reportIfMatch(client, path.name, report, wanted);
        return client.set(path.name, report.value, report).then(sendReported);
      },
    }),

    route(["POST"], "/api/sites/{name}/retire", {
      id: "retireSite",
      summary: "Retire a site: it keeps everything, and takes no more reports",
      body: object(changes.retire),
      responses: done,
      problems: ["unknown-site", "retired", "refused"],
      handle: async ({ path, body, client }) => sendDone(checkDone(await client.retire(path.name, body.reason, body))),
    }),

    route(["POST"], "/api/sites/{name}/reopen", {
      id: "reopenSite",
      summary: "Reopen a retired site",
      body: object(changes.reopen),
      isBodyOptional: true,
      responses: done,
      problems: ["unknown-site", "refused"],
      handle: async ({ path, body, client }) => sendDone(checkDone(await client.reopen(path.name, body))),
    }),
  ];
  return routes.flatMap((route) => route.path.includes("{name}") ? [route, byQuery(route)] : [route]);

  /** A site as lists have it. */
  function listed(site: Site): SiteJson & { readonly isStale?: true } {
    return { ...stateOf(site), ...isStaleNow(site) };
  }

  function isStaleNow(site: AgedSite): { readonly isStale?: true } {
    return isStaleAt(site, options.now(), options.staleAfterMs ?? staleAfterMs) ? { isStale: true } : {};
  }

  /** What each source has reported of a site. */
  async function sourcesOf(name: string): Promise<object[]> {
    const sources = (await Array.fromAsync(client.sources(name))).flat();
    const reported = sources.filter(({ index }) => index !== 0);
    return reported.map(({ document: _, ...said }) => ({ ...said, ...isStaleNow(said) }));
  }

  /**
   * The response to a command that was done.
   *
   * @param path where to find what it has made, below where the gateway is; absent: that is its entry.
   */
  function sendDone(outcome: DoneOutcome, path?: string): HttpResponse {
    const { status, body } = doneOf(outcome);
    const { site, entry } = outcome;
    if (entry === undefined || status !== 201) return sendOutcome(status, body, entry);
    return sendOutcome(status, body, entry, publicUrl + (path ?? sitePath(site.name, entry)));
  }

  function sendReported(outcome: SetOutcome): HttpResponse {
    return sendDone(checkDone(outcome));
  }

  /**
   * Reports if the site shows the report of one of these entries. What it shows may have become that of another one of
   * them: then it is tried again with that. What a site comes to show is always the last entry of all, so no entry
   * comes twice and this ends; with one tag, after one command.
   */
  async function reportIfMatch(
    client: VaxlogClient,
    name: string,
    report: SetOptions & { readonly value: Availability },
    wanted: readonly number[],
  ): Promise<HttpResponse> {
    if (report.ifEntry !== undefined) {
      throw new ValueError('If-Match and "ifEntry" say the same thing: give one of them');
    }
    // No entry has the greatest index: where no tag can match, the cluster still says first what else is wrong.
    let ifEntry = wanted[0] ?? indexMax;
    const untried = new Set(wanted);
    for (;;) {
      untried.delete(ifEntry);
      const outcome = await client.set(name, report.value, { ...report, ifEntry });
      if (outcome.kind === "site") return sendDone(outcome);
      if (outcome.kind !== "conflict") throw refusalOf(outcome);
      const { availability } = outcome.site;
      if ((report.if ?? availability) !== availability) throw refusalOf(outcome);
      if (!untried.has(outcome.entry)) throw conflictOf("precondition", outcome, ", and If-Match does not name that");
      ifEntry = outcome.entry;
    }
  }
}

/** A page of entries. `pages` has one entry more than the limit if there is one. */
export async function entriesOf(
  pages: AsyncIterable<readonly Entry[]>,
  limit: number,
): Promise<{ readonly entries: readonly Entry[]; readonly next: number | undefined }> {
  const { items, beyond } = pageOf((await Array.fromAsync(pages)).flat(), limit);
  return { entries: items, next: beyond?.index };
}

/** The first of some items, and the one beyond which there are more; undefined: there are none. */
function pageOf<T>(items: readonly T[], limit: number): { readonly items: T[]; readonly beyond: T | undefined } {
  return { items: items.slice(0, limit), beyond: items.length > limit ? items[limit - 1] : undefined };
}

/** A site as lists have it. */
function stateOf({ id, name, zip, availability, unit, observedAt, checkedAt, retired }: Site): SiteJson {
  return siteJson({ id, name, zip, availability, unit, observedAt, checkedAt, retired });
}
