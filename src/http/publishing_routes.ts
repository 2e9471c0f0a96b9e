/**
 * The published feed over HTTP: the manifest and its files.
 *
 * @module
 */

import { parseInstant } from "../formats/instants.ts";
import { quotedShort } from "../quoted.ts";
import { manifestFile } from "../formats/links_writer.ts";
import { cacheScope } from "./public_url.ts";
import { sendTagged } from "./responses.ts";
import { HttpProblem } from "./problems.ts";
import { isPublicationName, publishedFiles, type PublishedType } from "./publishing.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { urlParts } from "./url_parts.ts";
import { constant, list, namedObject, openObject, optional, shape, text } from "./shapes.ts";

/** Seconds for which a manifest counts as new: feeds are polled every one to five minutes. */
export const publishMaxAgeSeconds = 60;

/** An instant as it came, and in milliseconds since 1970. */
const since = shape(
  { type: "string", description: "Only sites that have changed since an instant, such as 2026-11-24T10:00:00Z" },
  "an instant with an offset, such as 2026-11-24T10:00:00Z",
  (value) => {
    const instant = parseInstant(String(value));
    return instant && { text: String(value), ms: instant.ms };
  },
);
const query = { _since: optional(since) };

const manifest = namedObject("Manifest", {
  transactionTime: text(),
  request: text(),
  requiresAccessToken: constant(false),
  output: list(openObject({
    type: text(),
    url: text(),
    extension: optional(openObject({ state: optional(list(text())) })),
  })),
  deleted: optional(list(openObject({ type: text(), url: text() }))),
  error: list(openObject({})),
});

/** The routes. */
export function publishingRoutes(services: Services): readonly Route[] {
  const { publisher, options } = services;
  const { publicUrl } = options;

  return [
    route(["GET"], `/${manifestFile}`, {
      id: "manifest",
      summary: "Get the manifest of the published feed (SMART Scheduling Links)",
      query,
      responses: { 200: { description: "The manifest", body: manifest } },
      isTagged: true,
      isForOthers: true,
      problems: ["not-ready"],
      handle: async ({ request, query: { _since } }) => {
        await services.checkReady();
        const publication = await publisher.current();
        const { origin, authority } = urlParts(request.url);
        // The URLs in it begin with the host that the client asked for, so a cache must not give it to others.
        const etag = etagOf(publication.name, _since?.ms, publicUrl === undefined ? `@${authority}` : "");
        const body = () => publication.manifest(publicUrl ?? `${origin}/`, _since);
        return sendTagged(request, etag, body, "application/json", {
          "cache-control": `${cacheScope(options, true)}, max-age=${publishMaxAgeSeconds}`,
        });
      },
    }),

    route(["GET"], `/${manifestFile}/{place}/{file}`, {
      isLocal: true,
      id: "publishedFile",
      summary: "Get a file of the feed: locations.ndjson, schedules.ndjson or slots.ndjson",
      description: "With `_since`, there is also deleted.ndjson: Bundles whose requests delete what is gone.",
      query,
      responses: { 200: { description: "A FHIR resource in each line", mediaType: "application/fhir+ndjson" } },
      isTagged: true,
      isForOthers: true,
      problems: ["no-such-path", "gone"],
      handle: async ({ request, path: { place: placeText, file }, query: { _since } }) => {
        const types = Object.keys(publishedFiles) as PublishedType[];
        const type = types.find((type) => publishedFiles[type] === file);
        if (type === undefined || !isPublicationName(placeText)) {
          const detail = `There is no file ${quotedShort(`${placeText}/${file}`)}: see the manifest`;
          throw new HttpProblem("no-such-path", detail);
        }
        const publication = publisher.kept(placeText);
        if (publication === undefined) {
          throw new HttpProblem("gone", `The files of ${placeText} are not kept: fetch the manifest again`);
        }
        const bytes = await publication.file(type, _since?.ms);
        // A file at a place of a log never changes.
        const caching = { "cache-control": `${cacheScope(options, false)}, max-age=31536000, immutable` };
        return sendTagged(request, etagOf(placeText, _since?.ms, ""), () => bytes, "application/fhir+ndjson", caching);
      },
    }),
  ];
}

function etagOf(place: string, sinceMs: number | undefined, host: string): string {
  return `"${place}${sinceMs === undefined ? "" : `-${sinceMs}`}${host}"`;
}
