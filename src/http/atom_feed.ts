/**
 * Changes as an Atom feed (RFC 4287), which a feed reader polls.
 *
 * A feed has one entry for each site: its newest change, or its newest arrival. So however seldom a reader polls, it
 * misses no site, and a site that changes all the time takes the place of no other. The entry is that of the log; its
 * id has the name of the log and the index, so that it is the same at every gateway and at all times.
 *
 * @module
 */

import { absenceTexts } from "../alerts/arrivals.ts";
import { changeText } from "../alerts/change_text.ts";
import type { Entry } from "../database/entries.ts";
import { formatInstant } from "../formats/instants.ts";
import type { Vicinity } from "../places/vicinity.ts";
import { foundSites } from "./found_sites.ts";
import { formatPlace } from "./log_name.ts";
import type { Arrival, MirrorSearch, MirrorSite } from "./mirror.ts";
import type { Services } from "./services.ts";

/** Entries in an Atom feed: what a reader shows of it. */
export const atomEntriesMax = 100;

/** What a feed is of. */
export interface FeedSubject {
  /** Which sites; `available`: only arrivals, whatever a site has by now. */
  readonly search: MirrorSearch;
  readonly vicinity: Vicinity | undefined;
  /** The query that asks for it, in a form of its own. */
  readonly query: string;
}

/** A change, and the site as it is now. */
interface FeedChange extends Partial<Pick<Arrival, "was">> {
  readonly site: MirrorSite;
  readonly entry: Entry;
}

/**
 * The feed as XML.
 *
 * @param base what all URLs begin with, with `/` at its end.
 */
export async function atomFeed(services: Services, subject: FeedSubject, base: string): Promise<string> {
  const { search: { available = false }, query } = subject;
  const { log } = services.mirror;
  const changes = await newestChanges(services, subject);
  const { Feed } = await import("feed");
  const asked = query === "" ? "" : `?${query}`;
  const feed = new Feed({
    id: `urn:vaxlog:feed:${log}${asked}`,
    title: available ? "Vaxlog: sites that have vaccine again" : "Vaxlog: changes of sites",
    updated: new Date(changes[0]?.entry.recordedAt ?? 0),
    generator: "Vaxlog",
    author: { name: "Vaxlog" },
    link: `${base}#/sites${asked}`,
    feedLinks: { atom: `${base}feed.atom${asked}` },
  });
  for (const change of changes) feed.addItem(itemOf(change, log, base));
  return `${feed.atom1()}\n`;
}

/** The newest change that is wanted of each site, the newest first. */
async function newestChanges(services: Services, { search, vicinity }: FeedSubject): Promise<FeedChange[]> {
  const { available: onlyArrivals = false, ...ofSites } = search;
  let newest: FeedChange[] = [];
  const cut = () => newest = newest.sort((a, b) => b.entry.index - a.entry.index).slice(0, atomEntriesMax);
  for await (const sites of foundSites(services, ofSites, vicinity)) {
    for (const site of sites) {
      const change = onlyArrivals ? site.arrival : site.change && { entry: site.change };
      if (change !== undefined) newest.push({ site, ...change });
    }
    cut();
  }
  return cut();
}

function itemOf({ site, entry, was }: FeedChange, log: string, base: string) {
  const had = was === undefined ? "" : ` (${absenceTexts[was]})`;
  const date = new Date(entry.recordedAt);
  return {
    id: `urn:vaxlog:entry:${formatPlace({ log, index: entry.index })}`,
    title: markup(`${site.name}: ${changeText(entry)}${had}`),
    link: `${base}#/sites/${encodeURIComponent(site.name)}`,
    date,
    published: date,
    content: sentencesOf(site, entry).map((sentence) => `<p>${markup(sentence)}</p>`).join(""),
    ...entry.who !== undefined && { author: [{ name: plain(entry.who) }] },
  };
}

/** What else there is to say of a change. */
function sentencesOf({ zip }: MirrorSite, entry: Entry): string[] {
  const note = "note" in entry ? entry.note : undefined;
  return [
    `ZIP code ${zip}.`,
    ...entry.kind === "report" ? [`Observed at ${formatInstant(entry.observedAt)}.`] : [],
    ...entry.source === undefined ? [] : [`Source: ${entry.source}`],
    ...note === undefined ? [] : [`Note: ${note}`],
  ];
}

/** A text as HTML. */
function markup(text: string): string {
  return plain(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** A text without what XML 1.0 cannot have, in place of which the reader shows a mark. */
function plain(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
