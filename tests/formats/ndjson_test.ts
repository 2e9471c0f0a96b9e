import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ndjsonLine } from "../../src/formats/ndjson.ts";
import { record } from "./arbitrary.ts";
import { ndjson } from "./reading.ts";

Deno.test("readNdjson() reads our fields, and instants of both kinds", async () => {
  const { records, problems } = await ndjson(
    '{"name":"A","zip":"02138","availability":5,"unit":"doses","observedAt":"2023-03-24T20:27:12.613Z","who":"Ann",' +
      '"source":"s","note":"n","retired":"r","document":{"a":1}}\r\n\n' +
      '{"zip":"02138","name":" B ","availability":"Unknown","observedAt":1679689632613}',
  );
  assertEquals(problems, []);
  assertEquals(records, [
    {
      line: 1,
      name: "A",
      zip: "02138",
      availability: 5,
      unit: "doses",
      observedAt: 1679689632613,
      who: "Ann",
      source: "s",
      note: "n",
      retired: "r",
      document: '{"a":1}',
    },
    { line: 3, name: "B", zip: "02138", availability: "unknown", observedAt: 1679689632613 },
  ]);
});

Deno.test("readNdjson() takes our fields in another case, and three of them by other names", async () => {
  const { records, problems } = await ndjson(
    '{"Name":"A","ZIP":"07001","AVAILABILITY":5,"Unit":"Doses","ObservedAt":"2026-11-24"}\n' +
      '{"site_name":"B","zip_code":"07001-1234","available":true}\n' +
      '{"name":"C","Name":"x","zip":"07001","count":7,"available":8}\n' +
      '{"name":"D","zip":7001,"State":"NJ","availability":1}\n',
  );
  assertEquals(records.map(({ name, zip, availability }) => [name, zip, availability]), [
    ["A", "07001", 5],
    ["B", "07001", true],
    ["C", "07001", 7],
    ["D", "07001", 1],
  ]);
  assertEquals([records[0]?.unit, records[0]?.observedAt], ["doses", Date.UTC(2026, 10, 24)]);
  assertEquals(records[1]?.document, '{"ndjson":{"zip_code":"07001-1234"}}');
  assertEquals(records[2]?.document, '{"ndjson":{"Name":"x","available":8}}');
  const renamed = problems.filter(({ kind }) => kind === "field-renamed").map(({ line }) => line);
  assertEquals(renamed, [1, 1, 1, 1, 1, 2, 2, 2, 3]);
});

Deno.test("readNdjson() keeps what it does not know, to the last digit", async () => {
  const line = '{"name":"A","zip":"02138","county":"X","id":12345678901234567890,"x":[1e400,0.1],"__proto__":1}\n';
  const { records } = await ndjson(line);
  assertEquals(
    records[0]?.document,
    '{"ndjson":{"county":"X","id":12345678901234567890,"x":[1e400,0.1],"__proto__":1}}',
  );
  const again = await ndjson(ndjsonLine({ availability: 1, name: "A", zip: "02138", document: records[0]?.document }));
  assertEquals(again.records[0]?.document, records[0]?.document);
});

Deno.test("ndjsonLine() writes the fields in one order, and nothing that moves the cursor", () => {
  const document = '{"a":"\u202e\u007f"}';
  assertEquals(
    ndjsonLine({ document, note: "n", availability: false, zip: "02138", observedAt: 0, name: "A" }),
    '{"name":"A","zip":"02138","availability":false,"observedAt":"1970-01-01T00:00:00.000Z","note":"n",' +
      '"document":{"a":"\\u202e\\u007f"}}\n',
  );
});

Deno.test("ndjsonLine() writes no availability where nobody has reported any", () => {
  assertEquals(ndjsonLine({ name: "A", zip: "02138", availability: 0 }), '{"name":"A","zip":"02138"}\n');
  assertEquals(
    ndjsonLine({ name: "A", zip: "02138", availability: 0, observedAt: 0 }),
    '{"name":"A","zip":"02138","availability":0,"observedAt":"1970-01-01T00:00:00.000Z"}\n',
  );
});

Deno.test("readNdjson() reads what ndjsonLine() writes, and that is written again byte by byte", async () => {
  await fc.assert(fc.asyncProperty(fc.array(record, { maxLength: 20 }), async (sites) => {
    const text = sites.map(ndjsonLine).join("");
    const { records, problems } = await ndjson(text);
    assert(problems.every(({ kind }) => kind === "zip-length"), JSON.stringify(problems));
    const read = records.map(({ line: _, availability, ...rest }) => ({ ...rest, availability: availability ?? 0 }));
    assertEquals(read, sites.map((site) => ({ ...site })));
    assertEquals(read.map(ndjsonLine).join(""), text);
  }));
});

Deno.test("readNdjson() reads identifiers and the published id, and leaves others what they call so", async () => {
  const { records, problems } = await ndjson(
    '{"name":"A","zip":"02138","identifiers":[{"system":" npi ","value":"1"}],"LocationId":"a-1"}\n' +
      '{"name":"B","zip":"02138","identifiers":{"npi":"1"},"locationId":7,"location":"x"}\n' +
      '{"name":"C","zip":"02138","identifiers":[],"locationId":null}\n' +
      '{"name":"D","zip":"02138","identifiers":[{"system":"npi","value":""}]}\n' +
      '{"name":"E","zip":"02138","identifiers":[{"system":"npi","value":"1"},{"system":"npi ","value":"2"}]}\n',
  );
  assertEquals(records.map(({ line: _, zip: __, ...record }) => record), [
    { name: "A", identifiers: [{ system: "npi", value: "1" }], locationId: "a-1" },
    { name: "B", document: '{"ndjson":{"identifiers":{"npi":"1"},"locationId":7,"location":"x"}}', isPart: true },
    { name: "C" },
  ]);
  assertEquals(problems.map(({ line, kind }) => [line, kind]), [
    [1, "field-renamed"],
    [2, "field-unknown"],
    [2, "field-unknown"],
    [2, "field-unknown"],
    [4, "identifier-invalid"],
    [5, "identifier-invalid"],
  ]);
  assertEquals(problems.filter(({ what }) => what.includes("did you mean")), []);
});

Deno.test("readNdjson() takes YES and NO, as CSV does", async () => {
  const line = (value: string) => `{"name":"A","zip":"02138","availability":"${value}"}\n`;
  const { records, problems } = await ndjson(["YES", "no", " Yes "].map(line).join(""));
  assertEquals([records.map(({ availability }) => availability), problems], [[true, false, true], []]);
});
