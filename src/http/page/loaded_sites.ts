/**
 * Loads the sites that a search finds, from either end, and keeps what was loaded up to date.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import type { FullSite, SiteJson } from "../../database/values.ts";
import { get, messageOf, sitePath } from "./api.ts";
import { siteOf } from "./availabilities.ts";
import { useLayoutEffect, useMemo, useRef, useState } from "./lib.ts";
import { hasBegun, useLive } from "./live.ts";
import { type Filter, isNear, searchOf } from "./filters.ts";
import { type List, listAfter, listWith, mayComeNear, type RowSite, siteNamed } from "./rows.ts";

/** Sites that one request asks for; a list by distance has no more. */
export const pageSites = 500;

/** Milliseconds after which a list by distance is loaded again, if sites may have come into it. */
const nearAgainMs = 1_000;

/** Milliseconds after a key before the page searches. */
const typingMs = 120;

/** Sites that are looked up one by one when they may have begun to match; for more, the page loads the list again. */
const lookUpsMax = 10;

/** What one request asks for: an end of the list, or what stands beside a part of it. */
interface Where {
  readonly last?: boolean;
  readonly after?: string;
  readonly before?: string;
}

/** The sites that match a filter; `onLoaded` is called when some have come. */
export function useLoadedSites(filter: Filter, onLoaded: () => void) {
  const [list, setList] = useState<List>({ sites: [], loaded: 0 });
  // "loading", "there", or what went wrong.
  const [state, setState] = useState("loading");
  const [found, setFound] = useState<Filter | undefined>(undefined);
  // Whether the list is that of the filter; typing runs ahead of it.
  const isFound = found === filter;
  // What the functions below see that outlive the rendering in which they were made.
  const latest = useRef({ filter, list, state, isFound });
  latest.current = { filter, list, state, isFound };

  const loading = useMemo(() => {
    let underWay: { readonly controller: AbortController; readonly entries: Entry[] } | undefined;
    let isDue = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Whether the last sites are wanted rather than the first ones, whatever is shown until they are there.
    let isLast = false;
    // Whether some of the list was asked for before changes arrived: it may lack what happened until they did.
    let isEarly = false;

    const load = async (where: Where = { last: isLast }) => {
      const { filter } = latest.current;
      underWay?.controller.abort();
      // The response may lack what happens until it is there.
      const mine = underWay = { controller: new AbortController(), entries: [] as Entry[] };
      if (where.after === undefined && where.before === undefined) isDue = isEarly = false;
      isEarly ||= !hasBegun();
      try {
        const query = { ...searchOf(filter), limit: pageSites, ...isNear(filter) ? {} : where };
        const { body } = await get<PageJson>("/api/sites", query, mine.controller.signal);
        const page = { ...body, sites: body.sites.map(siteOf<RowSite>) };
        setList((list) => listAfter(listWith(list, where, page), mine.entries, filter));
        // Scrolling back has reached the first site.
        if (where.before !== undefined && body.previous === undefined) isLast = false;
        onLoaded();
        setState("there");
        setFound(filter);
      } catch (error) {
        if (error instanceof Error && error.name === "AbortError") return;
        setState(messageOf(error));
      } finally {
        if (underWay === mine) {
          underWay = undefined;
          if (isDue) load();
        }
      }
    };

    /** Loads again, at once or after the request under way: that must end, however often things change. */
    const loadAgain = () => {
      if (underWay === undefined) load();
      else isDue = true;
    };

    /** Loads again in a moment, however many changes there are until then. */
    const loadSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        loadAgain();
      }, nearAgainMs);
    };

    // A search does not extend the list of the search before.
    const mayExtend = () => latest.current.isFound && underWay === undefined;
    return {
      load,
      loadAgain,
      loadSoon,
      isEarly: () => isEarly,
      note: (entries: readonly Entry[]) => underWay?.entries.push(...entries),
      /** A new search begins with the first sites. */
      reset: () => isLast = false,
      loader: {
        /** Loads more at the end of the list, if there is more. */
        more: () => {
          const { next } = latest.current.list;
          if (next !== undefined && mayExtend()) load({ after: next });
        },
        /** Loads more at its beginning, if there is more. */
        before: () => {
          const { previous } = latest.current.list;
          if (previous !== undefined && mayExtend()) load({ last: true, before: previous });
        },
        /** Loads the last sites of all, or the first ones. */
        end: (last: boolean) => {
          isLast = last;
          load();
        },
      },
    };
  }, []);

  useLayoutEffect(() => {
    loading.reset();
    const timer = setTimeout(() => loading.load(), typingMs);
    return () => clearTimeout(timer);
  }, [filter]);

  useLive({
    entries: async (entries) => {
      const { filter, list } = latest.current;
      loading.note(entries);
      setList((list) => listAfter(list, entries, filter));
      if (isNear(filter)) {
        if (entries.some((entry) => mayComeNear(entry, list, filter))) loading.loadSoon();
        return;
      }
      if (entries.some(({ kind }) => kind === "edited" || kind === "merged" || kind === "unmerged")) {
        // Other names, in another order.
        return loading.loadAgain();
      }
      // A site that begins to match by a change other than its addition is not in the list.
      const mayBegin = new Map(
        entries.filter(({ kind, site }) =>
          (kind === "reopened" || (kind === "report" && filter.available)) && siteNamed(list.sites, site) === undefined
        ).map((entry) => [entry.site, entry]),
      );
      if (mayBegin.size > lookUpsMax) return loading.loadAgain();
      for (const [name, entry] of mayBegin) {
        // A site that cannot be read now will be there at the next search.
        const found = await get<SiteJson<FullSite>>(sitePath(name)).catch(() => undefined);
        if (found === undefined) continue;
        setList((list) => listAfter(list, [entry], filter, new Map([[name, siteOf(found.body)]])));
      }
    },
    gap: () => loading.load(),
    back: () => (latest.current.state !== "there" || loading.isEarly()) && loading.loadAgain(),
  });

  return { list, state, isFound, loader: loading.loader };
}

interface PageJson {
  readonly sites: readonly SiteJson<RowSite>[];
  readonly next?: string;
  readonly previous?: string;
}
