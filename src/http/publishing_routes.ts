/**
 * The feed over HTTP: the manifest, and its files.
 *
 * @module
 */

import { parseInstant } from "../formats/instants.ts";
import { quotedShort } from "../quoted.ts";
import { manifestFile } from "../formats/links_writer.ts";
import { publishMaxAgeSeconds } from "../limits.ts";
import { sendTagged } from "./responses.ts";
import { Problem } from "./problems.ts";
import { formatPlace, parsePlace } from "./log_name.ts";
import { resourceOf } from "./publishing.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { constant, list, named, openObject, optional, text } from "./shapes.ts";

const since = optional(text("Only sites that have changed since an instant, such as 2026-11-24T10:00:00Z"));

const manifest = named(
  "Manifest",
  openObject({
    transactionTime: text(),
    request: text(),
    requiresAccessToken: constant(false),
    output: list(openObject({
      type: text(),
      url: text(),
      extension: optional(openObject({ state: optional(list(text())) })),
    })),
    error: list(openObject({})),
  }),
);

/** The routes. */
export function publishingRoutes(services: Services): readonly Route[] {
  const { publisher, options: { publicUrl } } = services;

  return [
    route({
      methods: ["GET"],
      path: `/${manifestFile}`,
      id: "manifest",
      summary: "SMART Scheduling Links: the manifest of all that is published",
      query: { _since: since },
      headers: { "If-None-Match": "The ETag of the manifest that is known" },
      responses: {
        200: { description: "The manifest", body: manifest },
        304: { description: "It is as it was", mediaType: "application/json" },
      },
      problems: ["not-ready"],
      handle: async ({ request, query: { _since } }) => {
        if (_since !== undefined) msOf(_since);
        await services.checkReady();
        const publication = await publisher.current();
        const etag = `"${formatPlace(publication.place)}${_since === undefined ? "" : `-${msOf(_since)}`}"`;
        const body = () => publication.manifest(publicUrl ?? originOf(request.url), _since);
        return sendTagged(request, etag, body, "application/json", `public, max-age=${publishMaxAgeSeconds}`);
      },
    }),

    route({
      isLocal: true,
      methods: ["GET"],
      path: `/${manifestFile}/{place}/{file}`,
      id: "publishedFile",
      summary: "A file of what is published: locations.ndjson, schedules.ndjson or slots.ndjson",
      query: { _since: since },
      headers: { "If-None-Match": "The ETag of the file that is known" },
      responses: {
        200: { description: "A resource of FHIR in each line", mediaType: "application/fhir+ndjson" },
        304: { description: "It is as it was", mediaType: "application/fhir+ndjson" },
      },
      problems: ["no-such-path", "gone"],
      handle: ({ request, path: { place: placeText, file }, query: { _since } }) => {
        const type = resourceOf(file);
        const place = parsePlace(placeText);
        if (type === undefined || place === undefined) {
          throw new Problem(
            "no-such-path",
            `There is no file ${quotedShort(`${placeText}/${file}`)}: see the manifest`,
          );
        }
        const publication = publisher.kept(place);
        if (publication === undefined) {
          throw new Problem("gone", `The files of ${placeText} are not kept: fetch the manifest again`);
        }
        const sinceMs = _since === undefined ? undefined : msOf(_since);
        const etag = `"${placeText}${sinceMs === undefined ? "" : `-${sinceMs}`}"`;
        // A file at a place of a log never changes.
        const cacheControl = "public, max-age=31536000, immutable";
        return sendTagged(
          request,
          etag,
          () => publication.file(type, sinceMs),
          "application/fhir+ndjson",
          cacheControl,
        );
      },
    }),
  ];
}

function msOf(since: string): number {
  const instant = parseInstant(since);
  if (instant !== undefined) return instant.ms;
  const hint = "give an instant with an offset, such as 2026-11-24T10:00:00Z";
  throw new Problem("invalid", `Cannot take ${quotedShort(since)} as _since: ${hint}`);
}

/** What the request's URL begins with, with a slash. */
function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", url.indexOf("://") + 3) + 1);
}
