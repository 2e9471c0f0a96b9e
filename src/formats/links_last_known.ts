/**
 * The last report of a stale site, in a feed of ours.
 *
 * To others, such a feed says that nothing is known of the site now: it has no Slot, and its Schedules say `unknown`.
 * But a stale report is still the last one. An import of the feed gives that, as old as it is, and not "unknown".
 *
 * @module
 */

import { type Availability, formatAvailability, parseAvailability } from "../database/values.ts";
import { productBytesMax } from "../limits.ts";
import { formatInstant, repairInstant } from "./instants.ts";
import { type JsonObject, textOfValue } from "./json_text.ts";
import { extensionsOf, extensionUrls, objectsIn } from "./links_terms.ts";
import { checkedBy, orElse } from "./problems.ts";
import { readText } from "./record_fields.ts";

/** The last that was known of a site, or of one of its products. */
export interface LastKnown {
  /** Absent: all that the site has. */
  readonly product?: string;
  readonly availability: Availability;
  /** As of when, in ms since 1970. */
  readonly asOf: number;
}

/** It as an extension of the Location. */
export function lastKnownWord({ product, availability, asOf }: LastKnown): JsonObject {
  const extension = [
    ...product === undefined ? [] : [{ url: "product", valueString: product }],
    { url: "availability", valueString: formatAvailability(availability) },
    { url: "asOf", valueDateTime: formatInstant(asOf) },
  ];
  return { url: extensionUrls.lastKnown, extension };
}

/** Takes it out of a Location: it belongs to the report. It leaves out words that it cannot read. */
export function takeLastKnown(location: JsonObject): {
  readonly lastKnown: readonly LastKnown[];
  readonly resource: JsonObject;
} {
  const words = extensionsOf(location, extensionUrls.lastKnown);
  if (words.length === 0) return { lastKnown: [], resource: location };
  const others = objectsIn(location.extension).filter((extension) => !words.includes(extension));
  const { extension: _, ...rest } = location;
  // A key keeps its place, so that the text stays the same.
  const resource = others.length === 0 ? rest : { ...location, extension: others };
  return { lastKnown: words.flatMap((word) => orElse(() => lastKnownOf(word), () => undefined) ?? []), resource };
}

function lastKnownOf(word: JsonObject): LastKnown | undefined {
  const textAt = (url: string) => {
    const [{ valueString, valueDateTime } = {} as JsonObject] = extensionsOf(word, url);
    return textOfValue(valueString ?? valueDateTime ?? "");
  };
  const availability = checkedBy("availability-invalid", () => parseAvailability(textAt("availability")));
  const product = readText(textAt("product"), "product", productBytesMax);
  const asOf = repairInstant(textAt("asOf"))?.ms;
  if (asOf === undefined || asOf < 0) return undefined;
  return { ...product !== undefined && { product }, availability, asOf };
}
