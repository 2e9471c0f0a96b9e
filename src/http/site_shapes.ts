/**
 * Sites, reports and entries, in requests and in responses.
 *
 * @module
 */

import type { Availability, Unit } from "../library/client.ts";
import { isAvailability } from "../database/values.ts";
import { absences } from "../alerts/arrivals.ts";
import { longestAgeMs, spanMs } from "../front/spans.ts";
import { parseInstant } from "../formats/instants.ts";
import { parseDistance } from "../places/distance.ts";
import {
  candidatesMax,
  documentBytesMax,
  identifierValueBytesMax,
  noteBytesMax,
  productBytesMax,
  sourceBytesMax,
  timeMsMax,
  whoBytesMax,
} from "../limits.ts";
import {
  constant,
  count,
  either,
  flag,
  integer,
  list,
  named,
  namedObject,
  number,
  object,
  openObject,
  optional,
  type Shape,
  shape,
  type Shapes,
  text,
  word,
} from "./shapes.ts";

/** Sites or entries in one HTTP response. */
const httpPageMax = 1_000;

/** The same if the request does not say how many. */
export const httpPageDefault = 100;

/** The largest index of an entry. */
export const indexMax: number = Number.MAX_SAFE_INTEGER;

const example = "2026-11-24T10:00:00Z";

/** A time in ISO 8601 with an offset; read as milliseconds since 1970. */
const instant = shape(
  { type: "string", format: "date-time", description: `ISO 8601 with an offset, such as ${example}` },
  "ISO 8601 with an offset",
  (value) => {
    const ms = typeof value === "string" ? parseInstant(value)?.ms : undefined;
    return ms !== undefined && ms >= 0 && ms <= timeMsMax ? ms : undefined;
  },
);

/** A time in milliseconds since 1970, or in ISO 8601 with an offset; read as milliseconds. */
function time(description: string): Shape<number> {
  const ms = integer(0, timeMsMax, "Milliseconds since 1970");
  return either([ms, instant], `milliseconds since 1970, or a time with its offset, such as ${example}`, description);
}

/** A distance; read as miles. */
const distance = shape(
  { type: "string", description: "With `near`: how near, such as `5mi` or `8km`; 10 miles if absent" },
  "a distance such as 10mi or 16km",
  (value) => parseDistance(String(value)),
);

const availability = shape<Availability>(
  {
    description: "A count; or only whether there is any; or that nobody knows, which is not 0",
    oneOf: [integer(0, Number.MAX_SAFE_INTEGER).schema, flag().schema, { type: "string", const: "unknown" }],
  },
  'an integer from 0 to 2^53 - 1, true, false or "unknown"',
  (value) => isAvailability(value) ? value : undefined,
);

const unit: Shape<Unit> = word(["doses", "appointments"], "What a count counts");

/** How many sites or entries. */
export const limit = optional(integer(1, httpPageMax, `At most this many; ${httpPageDefault} if absent`));

/** A site's name. */
export const name = text("The site's name, or its id such as id:17; a site of that very name goes first");

/** Which sites, by where they are. */
const placeQuery = {
  zip: optional(text("How the ZIP code begins")),
  near: optional(text("Only sites near this ZIP code")),
  within: optional(distance),
};

/** Which sites a list has. */
export const searchQuery = {
  q: optional(text("A part of the name, in any case")),
  ...placeQuery,
  available: optional(flag("Only where something is available")),
  retired: optional(flag("Retired sites too")),
  product: optional(text("Only sites with reports about this product, with the newest of these")),
  source: optional(text("Only sites with reports of this source, with the newest of these")),
};

/** A span of time, read as milliseconds; `true`: the usual one. */
function age(description: string, hasUsual: boolean): Shape<number | true> {
  return shape({ type: "string", description }, "a span of time such as 24h or 90m", (value) => {
    if (hasUsual && value === "true") return true;
    const ms = spanMs(String(value));
    return ms >= 0 && ms <= longestAgeMs ? ms : undefined;
  });
}

/** Which sites a list has, by the age of what they show. */
export const ageQuery = {
  fresh: optional(age("Only sites that were observed or confirmed within this time, such as `24h`", false)),
  stale: optional(age("Only sites that were not, or never reported; `true`: the age that is stale here", true)),
};

/** Which changes somebody wants to hear of. */
export const wishesQuery = {
  ...placeQuery,
  product: optional(text("Only reports and confirmations of this product, and that such a report was taken back")),
  source: optional(text("Only changes by this source, and that a report of it was taken back")),
  available: optional(flag("Only where a site that had nothing, or of which nobody knew, has some by the change")),
};

const origin = {
  who: optional(text("The person who reports it", { maxLength: whoBytesMax })),
  source: optional(text("Where it is from", { maxLength: sourceBytesMax })),
};
const notedOrigin = { ...origin, note: optional(text("Anything else worth saying", { maxLength: noteBytesMax })) };

const entrySite = {
  siteId: optional(
    integer(1, indexMax, "The id of the entry's site, as the entry has it: saves a look-up if it is old"),
  ),
};

const identifier = object({
  system: text("The party that gives such identifiers: usually a URL", { maxLength: sourceBytesMax }),
  value: text("The identifier", { maxLength: identifierValueBytesMax }),
});

/** What each change of a site says beside its name; `add` has the name too. */
export const changes = {
  set: {
    value: availability,
    observedAt: optional(time("When it was true; absent: now, and so the site shows it")),
    unit: optional(unit),
    product: optional(text("What it is about: a code of CVX, or words; absent: all that the site has", {
      maxLength: productBytesMax,
    })),
    confirm: optional(
      flag("If the source has reported the same last: report nothing, and keep only that it is still so"),
    ),
    if: optional(availability),
    ifEntry: optional(integer(0, indexMax, "Only if the site shows the report of this entry; 0: if it shows none yet")),
    ...notedOrigin,
  },
  add: { name, zip: text("Its ZIP code, in digits"), ...notedOrigin },
  retire: { reason: text("Why", { maxLength: noteBytesMax }), ...origin },
  reopen: notedOrigin,
  edit: {
    name: optional(text("Another name")),
    zip: optional(text("Another ZIP code, in digits")),
    identifiers: optional(list(identifier, "An empty value takes the identifier of its system away")),
    unique: optional(flag("Change nothing if another site has one of these identifiers")),
    ...notedOrigin,
  },
  merge: { into: text("The other site: its name, or its id"), ...notedOrigin },
  unmerge: notedOrigin,
  retract: { ...entrySite, ...notedOrigin },
  redact: { ...entrySite, ...notedOrigin },
  document: {
    document: text("What a feed said of the site", { maxLength: documentBytesMax }),
    observedAt: optional(time("When the feed was made: one older than the last of its source changes nothing")),
    extra: optional(flag("Whether it takes the place of no document that a feed has given")),
    ...notedOrigin,
  },
};

/** A report in a request, as the database takes it. To leave `confirm` out would take longer than to read the rest. */
export function reportIn<R extends { readonly confirm?: boolean }>(report: R) {
  return { ...report, confirms: report.confirm };
}

// From here on: responses.

const zip = text("Text: leading zeros count", { pattern: "^[0-9]{1,10}$" });
const moment = count("Milliseconds since 1970");
const index = integer(1, undefined, "The index of an entry in the log, from 1");
const entryTexts = { who: optional(text()), source: optional(text()), note: optional(text()) };
const locationId = text("The id of its Location in the published feed, which it keeps for ever");

const siteMembers = {
  id: integer(1, undefined, "The site's id: the index of the entry that added it, which never changes"),
  name: text("The site's name"),
  zip,
  availability,
  observedAt: optional(count("When that was true, in ms since 1970; absent: nobody has reported yet")),
  checkedAt: optional(count("When it was still so, in ms since 1970; absent: nobody has confirmed it")),
  unit: optional(unit),
  retired: optional(text("Why it is retired; absent: it is not")),
};

/** A site. */
export const site = namedObject("Site", siteMembers);

const report = optional(openObject({ index, recordedAt: moment, ...entryTexts }));

/** A site with the report that it shows. */
export const viewedSite = namedObject("ViewedSite", {
  ...siteMembers,
  hasDocument: flag(),
  report,
});

/** A site as another one names it. */
export const namedSite = openObject({ id: integer(1), name: text() });

/** The sites that may be meant by a name that no site has. */
export const candidates = list(
  openObject({
    id: integer(1),
    name: text(),
    zip,
    retired: optional(text("Why it is retired; absent: it is not")),
    address: optional(text("As far as its document has one")),
  }),
  "The sites that have the name with something behind it: give the name or the id of one",
  { maxItems: candidatesMax },
);

/** What a source says of a site, or of one of its products. */
const sourceReport = openObject({
  source: optional(text("Absent: these reports name none")),
  product: optional(text("Absent: they are about all that the site has")),
  availability,
  unit: optional(unit),
  observedAt: moment,
  checkedAt: optional(count("When it was still so, in ms since 1970; absent: nobody has confirmed it")),
  changedAt: count("Since when the source has said so, in ms since 1970"),
  isStale: optional(flag("It is older than the age from which on the gateway takes a report for stale")),
  index,
  recordedAt: moment,
  who: optional(text()),
  note: optional(text()),
  by: optional(text("Whose token was used")),
  site: optional(namedSite),
});

/** What each source says. */
export const sources = list(
  sourceReport,
  "What each source says of each product, as far as it has reported; `site` is the merged site that it says it of",
);

/** All that is said of a site. */
export const sourceList = namedObject("SourceList", { sources });

/** A site with its document. */
export const documentedSite = namedObject("DocumentedSite", {
  ...siteMembers,
  report,
  document: optional(text("A JSON object, as text; absent: no feed said anything")),
  identifiers: optional(list(openObject({ system: text(), value: text() }))),
  aliases: optional(list(namedSite, "The sites that were merged into it")),
  sources,
  locationId: optional(locationId),
});

/** A site in a list. */
const listedSite = namedObject("ListedSite", {
  ...siteMembers,
  miles: optional(number("With `near`: how far away it is, with one decimal")),
  isStale: optional(flag("The report is older than the age from which on the gateway takes one for stale")),
  alias: optional(openObject({ id: integer(1), name: text() }, "With `identifier`: the merged site that has it")),
});

/** A page of sites. */
export const siteList = namedObject("SiteList", {
  sites: list(listedSite),
  next: optional(text("After which name more sites follow; absent: after none")),
  previous: optional(text("With `last`: before which name there are more; absent: before none")),
});

function entryOf(kind: string, members: Shapes = {}): Shape<unknown> {
  const siteId = integer(1, undefined, "The site's id");
  const by = optional(text("Whose token was used"));
  const site = text("The site's name; where it was added, the name that it had then");
  const redacted = optional(flag("Whether who and note had been removed when it was read"));
  return openObject({
    index,
    kind: constant(kind),
    site,
    siteId,
    recordedAt: moment,
    by,
    ...members,
    ...entryTexts,
    redacted,
  });
}

const was = optional(word(
  absences,
  "What the site had before it had some: none; or nobody knew; or nobody had reported it; or it was closed",
));
const product = optional(text("The product; absent: all that the site has"));

const reportEntry = entryOf("report", {
  availability,
  observedAt: moment,
  outOfDate: flag(),
  unit: optional(unit),
  product,
  retracted: optional(flag("Whether it had been taken back when it was read")),
  was,
});

const entry = named(
  "Entry",
  either([
    entryOf("added", { zip }),
    reportEntry,
    entryOf("confirmed", { observedAt: moment, product, was }),
    entryOf("retired", { reason: text() }),
    entryOf("reopened", { was }),
    entryOf("documented", {
      document: text(),
      observedAt: optional(count("When the feed was made, in ms since 1970")),
      extra: optional(flag("It only adds to what other sources say")),
    }),
    entryOf("edited", {
      name: optional(text("The new name")),
      zip: optional(zip),
      identifiers: optional(list(openObject({ system: text(), value: text() }), "All that it has from then on")),
    }),
    entryOf("merged", { into: namedSite }),
    entryOf("unmerged", { into: namedSite }),
    entryOf("published", { locationId }),
    entryOf("retracted", {
      of: index,
      shows: optional(either([reportEntry, word(["nothing", "unknown"])], "what its source shows then")),
    }),
    entryOf("redacted", { of: index, reason: optional(flag("Whether it was the reason why the site is retired")) }),
  ], "an entry"),
);

/** A page of entries. */
export const entryList = namedObject("EntryList", {
  entries: list(entry),
  next: optional(index),
  upTo: optional(count("With a filter: the last entry that was looked at; give it as `after` to look on later")),
});

/** The outcome of a command that was done. */
export const doneOutcome = namedObject("Done", {
  site,
  effect: word(["shown", "outOfDate", "same", "changed", "confirmed"]),
  entry: optional(integer(1, undefined, "The entry that says so; absent: there is none")),
});

/** The outcome of a command in a batch. */
export const batchResult = namedObject("BatchResult", {
  status: count("The status that a request of its own would get"),
  site: optional(site),
  effect: optional(text()),
  entry: optional(count("As in `Done` if the command was done; if not, as in `Problem`")),
  type: optional(text()),
  title: optional(text()),
  detail: optional(text()),
  candidates: optional(candidates),
  more: optional(count()),
  alike: optional(namedSite),
});
