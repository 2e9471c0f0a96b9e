import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../src/bytes.ts";
import {
  describeOutput,
  type Output,
  readOutput,
  statuses,
  writeBareItem,
  writeInvalidItem,
  writePageEnd,
  writeRow,
  writeStateItem,
} from "../../src/database/outputs.ts";
import { packAvailability, packZip } from "../../src/database/packed.ts";
import type { Availability, Site } from "../../src/database/values.ts";

const availabilities: fc.Arbitrary<Availability> = fc.oneof(fc.maxSafeNat(), fc.boolean());
const zips = fc.stringMatching(/^[0-9]{1,10}$/);
const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 });

/** The one item of a batch. */
function itemOf(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  const reader = new ByteReader(writer.copy());
  const item = reader.blob();
  reader.end();
  return item;
}

function pageOf(sites: readonly Site[], more: boolean): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(statuses.page);
  for (const { name, zip, availability } of sites) {
    writeRow(writer, new TextEncoder().encode(name), packZip(zip), packAvailability(availability));
  }
  writePageEnd(writer, more);
  return writer.copy();
}

Deno.test("A site's state comes back as it was, for every ZIP code and availability", () => {
  fc.assert(fc.property(fc.constantFrom("site", "exists"), zips, availabilities, (status, zip, availability) => {
    const item = itemOf((writer) =>
      writeStateItem(writer, statuses[status], packZip(zip), packAvailability(availability))
    );
    assertEquals(readOutput(item), { status, zip, availability });
  }));
});

Deno.test("A page comes back as it was", () => {
  const sites = fc.array(fc.record({ name: names, zip: zips, availability: availabilities }), { maxLength: 20 });
  fc.assert(fc.property(sites, fc.boolean(), (sites, more) => {
    assertEquals(readOutput(pageOf(sites, more)), { status: "page", sites, more });
  }));
});

Deno.test("The other outputs come back as they were", () => {
  assertEquals(readOutput(itemOf((writer) => writeBareItem(writer, statuses.unknown))), { status: "unknown" });
  const refused = [statuses.crowded, statuses.full] as const;
  for (const status of refused) {
    assertEquals(readOutput(itemOf((writer) => writeBareItem(writer, status))).status, "refused");
  }
  for (const reason of ["", "it is empty", "é".repeat(90)]) {
    assertEquals(readOutput(itemOf((writer) => writeInvalidItem(writer, reason))), { status: "invalid", reason });
  }
});

Deno.test("The bytes of an output are pinned", () => {
  assertEquals(itemOf((writer) => writeStateItem(writer, 0, packZip("02138"), 5)).toHex(), "00fa9d060205");
  assertEquals(itemOf((writer) => writeStateItem(writer, 3, packZip("1"), packAvailability(true))).toHex(), "030b01");
  assertEquals(pageOf([{ name: "A", zip: "1", availability: false }], true).toHex(), "0101410b000001");
});

Deno.test("readOutput() throws nothing but DecodeError, and describeOutput() nothing, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 40 })).map(([status, rest]) =>
      new Uint8Array([status, ...rest])
    ),
  );
  fc.assert(fc.property(hostile, (bytes) => {
    const line = describeOutput(bytes);
    // deno-lint-ignore no-control-regex
    assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line));
    let output: Output | undefined;
    try {
      output = readOutput(bytes);
    } catch (error) {
      assert(error instanceof DecodeError);
    }
    assertEquals(line.startsWith("malformed output"), output === undefined);
  }));
});

Deno.test("readOutput() refuses an output that is cut or followed by anything", () => {
  const page = pageOf([{ name: "A", zip: "02138", availability: 7 }], false);
  for (let length = 0; length < page.length; length++) {
    assertThrows(() => readOutput(page.subarray(0, length)), DecodeError);
  }
  assertThrows(() => readOutput(new Uint8Array([...page, 0])), DecodeError);
  assertThrows(() => readOutput(new Uint8Array([statuses.page, 0, 2])), DecodeError, "a flag is 2");
});

Deno.test("describeOutput() is one line for a log", () => {
  const site = { name: "A", zip: "02138", availability: 5 };
  assertEquals(
    describeOutput(itemOf((writer) => writeStateItem(writer, 0, packZip("02138"), packAvailability(true)))),
    "ok, ZIP 02138, availability True",
  );
  assertEquals(
    describeOutput(itemOf((writer) => writeStateItem(writer, 3, packZip("02138"), 0))),
    "exists already, ZIP 02138, availability 0",
  );
  assertEquals(describeOutput(pageOf([site], false)), "page of 1 site");
  assertEquals(describeOutput(pageOf([site, { ...site, name: "B" }], true)), "page of 2 sites, more follow");
  assertEquals(describeOutput(new Uint8Array([statuses.unknown])), "unknown site");
  assertEquals(describeOutput(itemOf((writer) => writeInvalidItem(writer, "no\nname"))), "invalid: no\\u000aname");
});
