import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { csvHeader, csvRow } from "../../src/cli/listing.ts";
import { jsonLine, siteCsv, siteJson, siteLine } from "../../src/cli/render.ts";
import { csvField } from "../../src/formats/csv.ts";

/** The fields of one line of CSV, after RFC 4180. */
function parseCsvLine(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,"]*)(?:,|\n$)/g)].map(([, field]) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field
  );
}

Deno.test("csvRow() quotes as RFC 4180 says, and only where it must", () => {
  assertEquals(csvHeader(siteCsv), "Availability,ZIP Code,Site Name\n");
  const row = (name: string, availability: number | boolean = 0) =>
    csvRow(siteCsv, { name, zip: "02138", availability });
  assertEquals(row("Harvard University"), "0,02138,Harvard University\n");
  assertEquals(row("O'Brien's", true), "True,02138,O'Brien's\n");
  assertEquals(row("A, B", false), 'False,02138,"A, B"\n');
  assertEquals(row('The "Best"', 7), '7,02138,"The ""Best"""\n');
  assertEquals(row('"', 7), '7,02138,""""\n');
  assertEquals(row("`x` 薬局 💉"), "0,02138,`x` 薬局 💉\n");
});

Deno.test("csvField() quotes line breaks", () => {
  assertEquals(["a\nb", "a\rb", " a "].map(csvField), ['"a\nb"', '"a\rb"', " a "]);
});

Deno.test("csvRow() is read back as it was, for every name", () => {
  const name = fc.string({ unit: fc.constantFrom("a", " ", ",", '"', "'", "`", "é", "💉", "=", "\\") });
  fc.assert(fc.property(name, (name) => {
    assertEquals(parseCsvLine(csvRow(siteCsv, { name, zip: "1", availability: 2 })), ["2", "1", name]);
  }));
});

Deno.test("siteLine() says site, ZIP and availability in that order, on one safe line", () => {
  assertEquals(
    siteLine({ id: 1, name: "Harvard University", zip: "02138", availability: 5, observedAt: 0 }),
    "Harvard University, ZIP 02138, availability 5",
  );
  assertEquals(
    siteLine({ id: 1, name: "a\x1b[2J\n", zip: "1", availability: true, observedAt: 0 }),
    "a\\u001b[2J\\u000a, ZIP 1, availability True",
  );
});

Deno.test("siteJson() keeps types: the ZIP is text, the availability a number or a boolean", () => {
  assertEquals(
    siteJson({ id: 1, name: 'A "b"', zip: "02138", availability: 5, observedAt: 1_000 }),
    '{"id":1,"name":"A \\"b\\"","zip":"02138","availability":5,"observedAt":"1970-01-01T00:00:01Z"}',
  );
  assertEquals(JSON.parse(siteJson({ id: 1, name: "\u202e\u0085", zip: "1", availability: false, observedAt: 0 })), {
    id: 1,
    name: "\u202e\u0085",
    zip: "1",
    availability: false,
    neverReported: true,
  });
});

Deno.test("jsonLine() leaves out what is undefined, and takes a document that is JSON as it is, on one line", () => {
  assertEquals(jsonLine({ a: 1, b: undefined }), '{"a":1}');
  assertEquals(
    jsonLine({ a: 1 }, '{"big":12345678901234567890,\n"x":"\u202e"}'),
    '{"a":1,"document":{"big":12345678901234567890, "x":"\\u202e"}}',
  );
  assertEquals(jsonLine({}, "no JSON"), '{"document":"no JSON"}');
});
