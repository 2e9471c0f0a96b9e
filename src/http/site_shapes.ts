/**
 * Sites, reports and entries, in requests and in responses.
 *
 * @module
 */

import type { Availability, Unit } from "../library/client.ts";
import { isAvailability } from "../database/values.ts";
import { parseInstant } from "../formats/instants.ts";
import {
  candidatesMax,
  documentBytesMax,
  httpPageDefault,
  httpPageMax,
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

/** Which sites a list has. */
export const searchQuery = {
  q: optional(text("A part of the name, in any case")),
  zip: optional(text("How the ZIP code begins")),
  available: optional(flag("Only where something is available")),
  retired: optional(flag("Retired sites too")),
};

const origin = {
  who: optional(text("The person who reports it", { maxLength: whoBytesMax })),
  source: optional(text("Where it is from", { maxLength: sourceBytesMax })),
};
const notedOrigin = { ...origin, note: optional(text("Anything else worth saying", { maxLength: noteBytesMax })) };

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
    product: optional(text("What it is about: a code of CVX or NDC, or words", { maxLength: productBytesMax })),
    confirm: optional(flag("If the last report of its source says the same, keep only that it is still so")),
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
  retract: notedOrigin,
  redact: notedOrigin,
  document: {
    document: text("What a feed said of the site", { maxLength: documentBytesMax }),
    observedAt: optional(time("When the feed was made: one older than the last of its source changes nothing")),
    extra: optional(flag("Whether it takes the place of no document that a feed has given")),
    ...notedOrigin,
  },
};

/** A report as the library takes it. */
export function reportIn<R extends { readonly confirm?: boolean | undefined }>({ confirm, ...report }: R) {
  return { ...report, confirms: confirm };
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

/** A site with its document. */
export const documentedSite = namedObject("DocumentedSite", {
  ...siteMembers,
  report,
  document: optional(text("A JSON object, as text; absent: no feed said anything")),
  identifiers: optional(list(openObject({ system: text(), value: text() }))),
  aliases: optional(list(namedSite, "The sites that were merged into it")),
  locationId: optional(locationId),
});

/** A site in a list. */
const listedSite = namedObject("ListedSite", {
  ...siteMembers,
  miles: optional(number("With `near`: how far away it is, with one decimal")),
  isStale: optional(flag("The report is older than the age from which on the gateway takes one for stale")),
});

/** A page of sites. */
export const siteList = namedObject("SiteList", {
  sites: list(listedSite),
  next: optional(text("After which name more sites follow; absent: after none")),
  previous: optional(text("With `last`: before which name there are more; absent: before none")),
});

function entryOf(kind: string, members: Shapes = {}): Shape<unknown> {
  const siteId = integer(1, undefined, "The site's id");
  const site = text("The site's name; where it was added, the name that it had then");
  const redacted = optional(flag("Whether who and note had been removed when it was read"));
  return openObject({
    index,
    kind: constant(kind),
    site,
    siteId,
    recordedAt: moment,
    ...members,
    ...entryTexts,
    redacted,
  });
}

const reportEntry = entryOf("report", {
  availability,
  observedAt: moment,
  outOfDate: flag(),
  unit: optional(unit),
  retracted: optional(flag("Whether it had been taken back when it was read")),
});

const entry = named(
  "Entry",
  either([
    entryOf("added", { zip }),
    reportEntry,
    entryOf("retired", { reason: text() }),
    entryOf("reopened"),
    entryOf("documented", { document: text() }),
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
export const entryList = namedObject("EntryList", { entries: list(entry), next: optional(index) });

/** The outcome of a command that was done. */
export const doneOutcome = namedObject("Done", {
  site,
  effect: word(["shown", "outOfDate", "same", "changed"]),
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
});
