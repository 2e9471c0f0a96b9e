/**
 * The checks of a published feed: those that the public test kit of this field makes, and those that its specification
 * asks for beside them. `docs/reference/feed_checks.md` lists them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { isObject, type JsonObject } from "../../src/formats/json_text.ts";
import {
  type CheckedFeed,
  type CheckedResponse,
  codings,
  emptyIn,
  extensions,
  instant,
  isThere,
  isUrl,
  linesOf,
  objects,
  one,
  parsed,
  ParsedFeed,
  registry,
  types,
  vtrcks,
} from "./checked_feed.ts";
import type { WrittenFeed } from "./reading.ts";

/** A check. */
export interface FeedCheck {
  /** What it is called. */
  readonly id: string;
  /** What holds for a feed that passes. */
  readonly what: string;
  /** Whether the specification says SHOULD only. */
  readonly isAdvice?: true;
  /** A text for each fault. */
  faults(feed: ParsedFeed): readonly string[];
}

/** All checks. */
export const feedChecks: readonly FeedCheck[] = [
  {
    id: "manifest-url",
    what: "The URL of the manifest ends in `$bulk-publish`",
    faults: ({ feed: { url } }) => one(!isUrl(url) || !url.endsWith("$bulk-publish"), url),
  },
  {
    id: "manifest-json",
    what: "The manifest is served as `application/json`, with the status 200, and is a JSON object",
    faults: ({ feed: { manifest: { status, contentType, text } } }) =>
      one(
        status !== 200 || !/^application\/json\b/.test(contentType ?? "") || !isObject(parsed(text)),
        `${status} ${contentType}`,
      ),
  },
  {
    id: "manifest-accept",
    what: "A client that does not say what it accepts gets the same manifest",
    faults: ({ feed: { manifest, plainManifest } }) => one(manifest.text !== plainManifest.text, "another manifest"),
  },
  {
    id: "manifest-max-age",
    what: "`Cache-Control` of the manifest has a `max-age`",
    isAdvice: true,
    faults: ({ feed: { manifest: { cacheControl } } }) =>
      one(!/\bmax-age=\d+/.test(cacheControl ?? ""), `${cacheControl}`),
  },
  {
    id: "manifest-fields",
    what: "The manifest has the texts `transactionTime` and `request`, and the list `output`",
    faults: ({ manifest: { transactionTime, request, output } }) =>
      one(
        typeof transactionTime !== "string" || typeof request !== "string" || !Array.isArray(output),
        "a field is missing",
      ),
  },
  {
    id: "transaction-time",
    what: "`transactionTime` is an instant with its offset from UTC",
    faults: ({ manifest: { transactionTime } }) => one(!instant.test(String(transactionTime)), `${transactionTime}`),
  },
  {
    id: "request-url",
    what: "`request` is a URL",
    faults: ({ manifest: { request } }) => one(!isUrl(request), `${request}`),
  },
  {
    id: "output-form",
    what: "Each file has a type and a URL",
    faults: ({ manifest: { output }, outputs }) => [
      ...one(Array.isArray(output) && output.length !== outputs.length, "a file is not an object"),
      ...outputs.filter(({ type, url }) => typeof type !== "string" || !isUrl(url)).map((file) => JSON.stringify(file)),
    ],
  },
  {
    id: "output-types",
    what: "There are files of Locations, Schedules and Slots",
    faults: ({ outputs }) => types.filter((type) => !outputs.some((output) => output.type === type)),
  },
  {
    id: "state-form",
    what: "`extension.state` of a file is a list of states of two letters",
    faults: ({ outputs }) =>
      outputs.filter(({ extension }) => {
        if (extension === undefined) return false;
        if (!isObject(extension)) return true;
        const { state = ["MA"] } = extension;
        return !Array.isArray(state) || state.some((each) => !/^[A-Z]{2}$/.test(String(each)));
      }).map(({ url }) => String(url)),
  },
  {
    id: "state-hint",
    what: "Each file of Locations, Schedules and Slots has its states",
    isAdvice: true,
    faults: ({ outputs }) =>
      outputs.filter(({ type, extension }) => {
        const { state } = isObject(extension) ? extension : {} as JsonObject;
        return types.some((each) => each === type) && (!Array.isArray(state) || state.length === 0);
      }).map(({ url }) => String(url)),
  },
  {
    id: "file-type",
    what: "Each file is served as `application/fhir+ndjson`, with the status 200",
    faults: ({ outputs, feed: { files } }) =>
      outputs.map(({ url }) => [url, files.get(String(url))] as const).filter(([, file]) =>
        file?.status !== 200 || !/^application\/fhir\+ndjson\b/.test(file.contentType ?? "")
      ).map(([url]) => String(url)),
  },
  {
    id: "ndjson",
    what: "A file has one resource on each line, and a line feed behind each",
    faults: ({ feed: { files } }) =>
      [...files].flatMap(([url, { text }]) => [
        ...one(text !== "" && !text.endsWith("\n"), `${url}: no line feed at the end`),
        ...linesOf(text).flatMap((line, at) => one(!isObject(parsed(line)), `${url}, line ${at + 1}`)),
      ]),
  },
  {
    id: "resource-type",
    what: "Each resource is of the type of its file",
    faults: (feed) =>
      types.flatMap((type) => feed.wrong(type, ({ resourceType }) => resourceType !== type && `${resourceType}`)),
  },
  {
    id: "id-form",
    what: "An id has 1 to 64 letters, digits, `-` and `.`",
    faults: (feed) =>
      types.flatMap((type) =>
        feed.wrong(type, ({ id }) => typeof id !== "string" || !/^[A-Za-z0-9.-]{1,64}$/.test(id))
      ),
  },
  {
    id: "id-distinct",
    what: "No two resources of a type share an id",
    faults: ({ resources }) =>
      types.flatMap((type) => {
        const seen = new Set<unknown>();
        return resources[type].filter(({ id }) => seen.size === seen.add(id).size).map(({ id }) => `${type}/${id}`);
      }),
  },
  {
    id: "nothing-empty",
    what: "No list, object or text is empty, and no value is null",
    faults: (feed) => types.flatMap((type) => feed.wrong(type, (resource) => emptyIn(resource))),
  },
  {
    id: "location-name",
    what: "A Location has a name",
    faults: (feed) => feed.wrong("Location", ({ name }) => typeof name !== "string" || name === ""),
  },
  {
    id: "location-telecom",
    what: "A Location has at least one telecom; each has the system `phone` or `url`, and a value",
    faults: (feed) =>
      feed.wrong("Location", ({ telecom }) => {
        const points = objects(telecom);
        return points.length === 0 ||
          points.some((point) => (point.system !== "phone" && point.system !== "url") || !isThere(point, "value"));
      }),
  },
  {
    id: "location-telecom-both",
    what: "A Location has a telephone number and a URL",
    isAdvice: true,
    faults: (feed) =>
      feed.wrong("Location", ({ telecom }) => {
        return ["phone", "url"].find((wanted) => !objects(telecom).some(({ system }) => system === wanted));
      }),
  },
  {
    id: "location-address",
    what: "An address has lines, a city, a state and a ZIP code",
    faults: (feed) =>
      feed.wrong("Location", ({ address }) => {
        if (!isObject(address)) return "no address";
        return ["line", "city", "state", "postalCode"].find((field) => !isThere(address, field));
      }),
  },
  {
    id: "location-state",
    what: "The state of an address has two letters",
    faults: (feed) =>
      feed.wrong("Location", ({ address }) => {
        const { state } = isObject(address) ? address : {} as JsonObject;
        return state !== undefined && !/^[A-Z]{2}$/.test(String(state)) && `${state}`;
      }),
  },
  {
    id: "location-zip",
    what: "A ZIP code has five digits, with or without four more",
    faults: (feed) =>
      feed.wrong("Location", ({ address }) => {
        const { postalCode } = isObject(address) ? address : {} as JsonObject;
        return postalCode !== undefined && !/^\d{5}(-\d{4})?$/.test(String(postalCode)) && `${postalCode}`;
      }),
  },
  {
    id: "identifier-form",
    what: "An identifier has a value",
    faults: (feed) => feed.wrong("Location", ({ identifier }) => objects(identifier).some(({ value }) => !value)),
  },
  {
    id: "vtrcks-there",
    what: "At least one Location has a VTrckS PIN",
    faults: ({ resources }) =>
      one(
        !resources.Location.some(({ identifier }) => objects(identifier).some(({ system }) => system === vtrcks)),
        "no Location has one",
      ),
  },
  {
    id: "vtrcks-form",
    what: "A VTrckS PIN has three letters or digits, and up to six digits",
    faults: (feed) =>
      feed.wrong(
        "Location",
        ({ identifier }) =>
          objects(identifier).filter(({ system }) => system === vtrcks).map(({ value }) => String(value)).find((
            value,
          ) => !/^[A-Z0-9]{3}\d{1,6}$/i.test(value)),
      ),
  },
  {
    id: "schedule-actor",
    what: "A Schedule has one actor, which is a Location of the feed",
    faults: (feed) => {
      const known = new Set(feed.resources.Location.map(({ id }) => `Location/${id}`));
      return feed.wrong("Schedule", ({ actor }) => {
        const [first, ...others] = objects(actor);
        return others.length > 0 || !known.has(String(first?.reference));
      });
    },
  },
  {
    id: "schedule-service",
    what: "The service type of a Schedule has the codes `57` and `covid19-immunization`",
    faults: (feed) =>
      feed.wrong("Schedule", ({ serviceType }) => {
        const codes = codings(serviceType).map(({ system, code }) => `${system}#${code}`);
        return !codes.includes("http://terminology.hl7.org/CodeSystem/service-type#57") ||
          !codes.includes(`${registry}/CodeSystem/service-type#covid19-immunization`);
      }),
  },
  {
    id: "schedule-product",
    what: "A vaccine product is a code of CVX with its name",
    faults: (feed) =>
      feed.wrong("Schedule", (schedule) =>
        extensions(schedule, "vaccine-product").some(({ valueCoding }) => {
          const { system, code, display } = isObject(valueCoding) ? valueCoding : {} as JsonObject;
          return system !== "http://hl7.org/fhir/sid/cvx" || !code || !display;
        })),
  },
  {
    id: "schedule-one-product",
    what: "A Schedule has one vaccine product at most",
    isAdvice: true,
    faults: (feed) => feed.wrong("Schedule", (schedule) => extensions(schedule, "vaccine-product").length > 1),
  },
  {
    id: "schedule-dose",
    what: "The number of a dose is an integer",
    faults: (feed) =>
      feed.wrong(
        "Schedule",
        (schedule) => extensions(schedule, "vaccine-dose").some(({ valueInteger }) => !Number.isInteger(valueInteger)),
      ),
  },
  {
    id: "slot-schedule",
    what: "A Slot refers to a Schedule of the feed",
    faults: (feed) => {
      const known = new Set(feed.resources.Schedule.map(({ id }) => `Schedule/${id}`));
      return feed.wrong("Slot", ({ schedule }) => !isObject(schedule) || !known.has(String(schedule.reference)));
    },
  },
  {
    id: "slot-status",
    what: "The status of a Slot is `free` or `busy`",
    faults: (feed) => feed.wrong("Slot", ({ status }) => status !== "free" && status !== "busy" && `${status}`),
  },
  {
    id: "slot-times",
    what: "A Slot starts and ends at instants with their offset from UTC, and does not end before it starts",
    faults: (feed) =>
      feed.wrong(
        "Slot",
        ({ start, end }) =>
          !instant.test(String(start)) || !instant.test(String(end)) ||
          Date.parse(String(end)) < Date.parse(String(start)),
      ),
  },
  {
    id: "slot-capacity",
    what: "A capacity is an integer of FHIR, from 0 on if the Slot is busy, and from 1 on if it is free",
    faults: (feed) =>
      feed.wrong("Slot", (slot) => {
        const [first, ...others] = extensions(slot, "slot-capacity");
        if (first === undefined) return false;
        const { valueInteger: count } = first;
        const least = slot.status === "free" ? 1 : 0;
        return others.length > 0 || !Number.isInteger(count) || Number(count) < least || Number(count) >= 2 ** 31;
      }),
  },
  {
    id: "slot-booking",
    what: "A booking link is a URL, and a booking number a text; a Slot has one of each at most",
    faults: (feed) =>
      feed.wrong("Slot", (slot) => {
        const links = extensions(slot, "booking-deep-link");
        const phones = extensions(slot, "booking-phone");
        return links.length > 1 || phones.length > 1 || links.some(({ valueUrl }) => !isUrl(valueUrl)) ||
          phones.some(({ valueString }) => typeof valueString !== "string" || valueString === "");
      }),
  },
  {
    id: "slot-long",
    what: "A Slot of over an hour has a capacity",
    isAdvice: true,
    faults: (feed) =>
      feed.wrong("Slot", (slot) => {
        const ms = Date.parse(String(slot.end)) - Date.parse(String(slot.start));
        return ms > 3_600_000 && extensions(slot, "slot-capacity").length === 0;
      }),
  },
  {
    id: "slot-reach",
    what: "A Slot has a booking link and a booking number",
    isAdvice: true,
    faults: (feed) =>
      feed.wrong("Slot", (slot) => {
        return ["booking-deep-link", "booking-phone"].find((name) => extensions(slot, name).length === 0);
      }),
  },
];

/** The faults of a feed, by the checks that find them. */
export function faultsOf(feed: CheckedFeed): Readonly<Record<string, readonly string[]>> {
  const known = new ParsedFeed(feed);
  const found = feedChecks.map(({ id, faults }) => [id, faults(known)] as const);
  return Object.fromEntries(found.filter(([, faults]) => faults.length > 0));
}

/**
 * Fails if a feed does not pass a check.
 *
 * @param except checks that may find something: what the feed came with, or advice.
 */
export function assertPasses(feed: CheckedFeed, except: readonly string[]): void {
  const faults = Object.entries(faultsOf(feed)).filter(([id]) => !except.includes(id));
  assertEquals(faults.map(([id, [first, ...others]]) => `${id}: ${first}, and ${others.length} more`), []);
}

/** All checks that are advice. */
export const advice: readonly string[] = feedChecks.filter(({ isAdvice }) => isAdvice).map(({ id }) => id);

/** A feed that was written, as a server would serve it. */
export function servedFeed({ manifest, files }: WrittenFeed): CheckedFeed {
  const response = (contentType: string, text: string): CheckedResponse => {
    return { status: 200, contentType, cacheControl: "max-age=60", text };
  };
  const parsedManifest = parsed(manifest);
  const { request = "", output } = isObject(parsedManifest) ? parsedManifest : {} as JsonObject;
  const served = objects(output).map(({ url }) => {
    const name = String(url).replace(/\?.*$/, "").replace(/^.*\//, "");
    return [String(url), response("application/fhir+ndjson", files[name] ?? "")] as const;
  });
  const json = response("application/json", manifest);
  return { url: String(request), manifest: json, plainManifest: json, files: new Map(served) };
}

/** Fails if a feed that was written does not pass a check that holds whatever its sites are. */
export function assertValidFeed(feed: WrittenFeed): void {
  // Nobody has to have a PIN, a ZIP code of the database has 1 to 10 digits, and a site without a state has none.
  assertPasses(servedFeed(feed), [...advice, "vtrcks-there", "location-zip"]);
}
