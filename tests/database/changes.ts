/**
 * Random changes of the sites, for tests that compare what several parts of the program make of them.
 *
 * @module
 */

import fc from "fast-check";
import type { Availability, VaxlogClient } from "../../src/library/client.ts";

/** Names of sites, among them some that JavaScript orders otherwise than the database. */
export const names = ["Harvard University", "a", "Ä", "\u{10400}", "\ufb01", "z"];
const name = fc.constantFrom(...names);
const text = fc.option(fc.constantFrom("x", "y"), { nil: undefined });
const value: fc.Arbitrary<Availability> = fc.oneof(fc.nat(3), fc.boolean(), fc.constant("unknown" as const));
const time = fc.integer({ min: 1_000, max: 1_010 });

/** Anything that a client may do to change the sites. */
export const change: fc.Arbitrary<(client: VaxlogClient) => Promise<unknown>> = fc.oneof(
  fc.tuple(name, fc.constantFrom("1", "02138", "02139"), time).map(
    ([name, zip, recordedAt]) => (client: VaxlogClient) => client.add(name, zip, { recordedAt }),
  ),
  fc.record({ name, value, recordedAt: time, observedAt: fc.option(time, { nil: undefined }), who: text, note: text })
    .map(({ name, value, ...options }) => (client: VaxlogClient) => client.set(name, value, options)),
  fc.record({
    name,
    value,
    unit: fc.constantFrom(undefined, "doses" as const, "appointments" as const),
    observedAt: fc.oneof(time, time.map((day) => (day - 1_000) * 9 * 3_600_000)),
    source: text,
    product: fc.constantFrom(undefined, "208", "Moderna"),
    confirms: fc.constantFrom(undefined, true),
  }).map(({ name, value, ...options }) => (client: VaxlogClient) =>
    client.set(name, value, { ...options, recordedAt: 10 ** 9 })
  ),
  fc.tuple(name, time).map(([name, recordedAt]) => (client: VaxlogClient) =>
    client.retire(name, "why", { recordedAt })
  ),
  fc.tuple(name, time).map(([name, recordedAt]) => (client: VaxlogClient) => client.reopen(name, { recordedAt })),
  fc.record({
    name,
    document: fc.constantFrom("{}", "[]"),
    recordedAt: time,
    source: text,
    extra: fc.constantFrom(undefined, true),
  }).map(({ name, document, ...options }) => (client: VaxlogClient) => client.document(name, document, options)),
  fc.tuple(name, name, fc.constantFrom(undefined, "02139", "1"), fc.constantFrom("", "7", "8"), time).map(
    ([site, name, zip, value, recordedAt]) => (client: VaxlogClient) =>
      client.edit(site, { name, zip, identifiers: [{ system: "s", value }], recordedAt }),
  ),
  fc.tuple(name, name, time).map(([name, into, recordedAt]) => (client: VaxlogClient) =>
    client.merge(name, into, { recordedAt })
  ),
  fc.tuple(name, time).map(([name, recordedAt]) => (client: VaxlogClient) => client.unmerge(name, { recordedAt })),
  fc.tuple(fc.nat(30), time).map(([entry, recordedAt]) => (client: VaxlogClient) =>
    client.retract(entry, { recordedAt })
  ),
  fc.tuple(fc.nat(30), time).map(([entry, recordedAt]) => (client: VaxlogClient) =>
    client.redact(entry, { recordedAt })
  ),
  fc.tuple(name, fc.constantFrom("a", "b"), time).map(([name, id, recordedAt]) => (client: VaxlogClient) =>
    client.publish(name, id, { recordedAt })
  ),
);
