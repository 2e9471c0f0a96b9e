/**
 * A national feed as commands: 20 feeds report all their sites every so often, and people report one site in ten.
 *
 * A tenth of what feeds say has changed, and the rest is confirmed. The same commands come in each run.
 *
 * @module
 */

import type { Command } from "../../src/database/wire/commands.ts";
import { siteName } from "../workload.ts";

/** When the first site is added, in ms since 1970. */
export const startMs = 1_790_000_000_000;

/** The sites that are reported, and how often. */
export interface FeedOptions {
  readonly sites: number;
  /** Milliseconds from one poll to the next. */
  readonly pollMs: number;
  /** Whether a site whose report has changed has another document, too. */
  readonly documents: boolean;
}

/** A part of all reports of feeds that says something new. */
const changedPart = 0.1;

/** Feeds; each has every twentieth site. */
const feeds = 20;

/** People report each tenth site, and not in each poll. */
const [byPeople, reportedPart] = [10, 0.2];

/** A source of numbers that look random, from 0 up to 1, the same in each run. */
export function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Commands that add all sites but the first, which is there. */
export function* addedSites(sites: number): Generator<Command> {
  for (let at = 1; at < sites; at++) {
    yield { kind: "add", name: siteName(at), zip: String(10_000 + at % 80_000), recordedAt: startMs };
  }
}

/** The commands of one poll after the other, for ever. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #random = randomOf(1);
  readonly #names: readonly string[];
  readonly #values: Uint8Array;
  /** How many polls were begun. */
  polls = 0;
  /** Documents so far, and their bytes, which are all ASCII. */
  documents = 0;
  documentBytes = 0;

  /** Nothing was polled yet. */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#names = Array.from({ length: options.sites }, (_, at) => siteName(at));
    this.#values = Uint8Array.from(this.#names, () => this.#random() * 40);
  }

  /** The next poll. */
  *poll(): Generator<Command> {
    const random = this.#random;
    const { sites, pollMs, documents } = this.#options;
    const madeAt = startMs + pollMs * ++this.polls;
    let now = madeAt + 4_000 + random() * 20_000;
    for (let site = 0; site < sites; site++) {
      const name = this.#names[site];
      now += random() * 0.4;
      const recordedAt = Math.floor(now);
      if (site % byPeople === byPeople - 1) {
        if (random() > reportedPart) continue;
        const who = `Person ${Math.floor(random() * 500)}`;
        const note = random() < 0.1 ? `Called, the next delivery is on day ${Math.floor(random() * 30)}` : undefined;
        yield { kind: "set", name, value: Math.floor(random() * 40), recordedAt, who, note };
        continue;
      }
      const feed = site % feeds;
      const source = `https://feeds.example/${feed}/$bulk-publish`;
      // Half of the feeds say of each site when that was so, the others only when the feed was made.
      const saidAt = 1000 * Math.floor((madeAt - (feed % 2 === 0 ? 0 : random() * 600_000)) / 1000) + feed * 1000;
      const observedAt = Math.min(saidAt, recordedAt);
      const hasChanged = random() < changedPart;
      if (hasChanged) this.#values[site] = random() * 40;
      const value = this.#values[site];
      if (documents && (hasChanged || this.polls === 1)) {
        const document = documentOf(site, value, madeAt);
        this.documents++;
        this.documentBytes += document.length;
        yield { kind: "document", name, document, observedAt, source, recordedAt };
      }
      yield { kind: "set", name, value, unit: "doses", source, observedAt, confirms: true, recordedAt };
    }
  }
}

/** Slots of a document. */
const slotsOfSite = 14;

const dayMs = 24 * 3_600_000;

/** A document as the feed of a chain of pharmacies has it: two weeks of slots, of which a few change at a time. */
function documentOf(site: number, value: number, madeAt: number): string {
  const id = String(100 + site);
  const phone = `(${200 + site % 700}) ${100 + site * 7 % 900}-${1000 + site * 31 % 9000}`;
  const street = `${1 + site * 13 % 2_000} ${["North High", "Sunset", "Broadway", "Main", "Park"][site % 5]} Street`;
  const registry = "http://fhir-registry.smarthealthit.org";
  const today = Math.floor(madeAt / dayMs) * dayMs;
  const slots = Array.from({ length: slotsOfSite }, (_, day) => {
    const date = new Date(today + day * dayMs).toISOString().slice(0, 10);
    const capacity = (value * (day + 3) + site) % 40;
    return {
      resourceType: "Slot",
      id,
      schedule: { reference: `Schedule/${id}` },
      status: capacity < 20 ? "busy" : "free",
      start: `${date}T08:00:00-05:00`,
      end: `${date}T22:00:00-05:00`,
      extension: [
        { url: `${registry}/StructureDefinition/booking-deep-link`, valueUrl: "https://pharmacy.example/qualifier" },
        { url: `${registry}/StructureDefinition/booking-phone`, valueString: phone },
        { url: `${registry}/StructureDefinition/slot-capacity`, valueInteger: capacity },
      ],
    };
  });
  const location = {
    resourceType: "Location",
    id,
    identifier: [{ system: "https://cdc.gov/vaccines/programs/vtrcks", value: `RA${1_000_000 + site}` }],
    name: "Pharmacy",
    telecom: [{ system: "phone", value: phone }, { system: "url", value: "https://pharmacy.example/vaccines" }],
    address: { line: [street], city: `Town ${site % 3_000}`, state: "NJ", postalCode: String(10_000 + site % 80_000) },
    position: { latitude: 25 + site * 17 % 240_000 / 10_000, longitude: -67 - site * 29 % 580_000 / 10_000 },
    description: `Located at ${street}`,
  };
  const service = { system: `${registry}/CodeSystem/service-type`, code: "covid19-immunization" };
  const schedules = [{
    resourceType: "Schedule",
    id,
    serviceType: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/service-type", code: "57" }, service] }],
    actor: [{ reference: `Location/${id}` }],
  }];
  return JSON.stringify({ location, schedules, slots });
}
