/** Sites as CSV over HTTP: downloaded as an export writes them, and read before anything is reported. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setImmediate } from "node:timers/promises";
import { csvExportHeader } from "../../src/formats/csv.ts";
import { httpCsvPieceBytes, httpCsvProblemsMax } from "../../src/http/csv_routes.ts";
import { httpSitesAtOnce } from "../../src/http/found_sites.ts";
import { GatewayStage } from "./stage.ts";

const first = "Harvard University";
const type = { "content-type": "text/csv" };
const encoder = new TextEncoder();

/** What a test looks at in a reading. */
interface Reading {
  readonly records: readonly {
    line: number;
    name: string;
    effect: string;
    commands: { op: string; value?: unknown }[];
  }[];
  readonly problems: readonly { line: number; kind: string; effect: string; what: string }[];
  readonly read: number;
  readonly repairs: number;
  readonly refused: number;
}

function byLine([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return Number(a) - Number(b);
}

async function read(stage: GatewayStage, csv: string, query = ""): Promise<Reading> {
  const { status, json, text } = await stage.ask("POST", `/api/csv${query}`, csv, type);
  assertEquals(status, 200, text);
  return json;
}

/** Sends all commands of a reading. @returns the status of each. */
async function send(stage: GatewayStage, { records }: Reading): Promise<number[]> {
  const { json } = await stage.ask("POST", "/api/batch", records.flatMap(({ commands }) => commands));
  await stage.gateway.services.reached(stage.cluster.memory.sites.lastEntry);
  return json.map(({ status }: { status: number }) => status);
}

Deno.test("what a search finds is downloaded, in the lines that an export has", async () => {
  await using stage = new GatewayStage();
  const path = `/api/sites/${encodeURIComponent(first)}`;
  const report = { value: 12, unit: "doses", who: "Ana", note: 'until "six"', observedAt: 5_000 };
  await stage.done("POST", `${path}/reports`, report);
  await stage.done("POST", "/api/sites", { name: "Rite Aid, Millville", zip: "08332" });
  await stage.done("POST", "/api/sites", { name: "Gone", zip: "02139" });
  await stage.done("POST", "/api/sites/Gone/retire", { reason: "closed" });
  const whole = await stage.ask("GET", "/api/sites.csv?retired=true");
  assertEquals(whole.headers.get("content-type"), "text/csv; charset=utf-8");
  assertStringIncludes(whole.headers.get("content-disposition")!, "attachment");
  const harvard = '12,02138,Harvard University,doses,1970-01-01T00:00:05.000Z,Ana,,"until ""six""",,\n';
  const millville = '0,08332,"Rite Aid, Millville",,,,,,,\n';
  assertEquals(whole.text, `${csvExportHeader}0,02139,Gone,,,,,,closed,\n${harvard}${millville}`);
  const searches = [["", harvard + millville], ["?q=HARV", harvard], ["?zip=083", millville], [
    "?available=1",
    harvard,
  ]];
  for (const [query, lines] of searches) {
    assertEquals((await stage.ask("GET", `/api/sites.csv${query}`)).text, csvExportHeader + lines, query);
  }
  assertEquals((await stage.ask("GET", "/api/sites.csv?q=nowhere")).text, csvExportHeader);
  assertEquals((await stage.ask("HEAD", "/api/sites.csv")).text, "");
});

Deno.test("a large CSV is read in many turns, and its response is whole, with everything that was wrong", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const rows = Array.from(
    { length: 3 * httpSitesAtOnce },
    (_, at) => `Site [] ${at},02139,${at % 7 === 0 ? "[]" : at}\n`,
  );
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  const csv = `Site Name,ZIP Code,Availability\n${rows.join("")}`;
  const { records, problems, read: count, refused } = await read(stage, csv);
  isOver = true;
  await counting;
  const bad = rows.filter((row) => row.endsWith("[]\n")).length;
  assertEquals([records.length, problems.length, count, refused], [rows.length - bad, bad, rows.length - bad, bad]);
  assertEquals(
    records.map(({ name }) => name),
    rows.filter((row) => !row.endsWith("[]\n")).map((row) => row.split(",")[0]),
  );
  // A turn for each piece of the file, and of the response.
  assert(turns >= csv.length / httpCsvPieceBytes + records.length / httpSitesAtOnce, `${turns} turns`);
});

Deno.test("a download has every site once, however many turns it takes", async () => {
  await using stage = new GatewayStage();
  const names = Array.from({ length: 2 * httpSitesAtOnce }, (_, at) => `Site ${String(at).padStart(5, "0")}`);
  await stage.ask("POST", "/api/batch", names.map((name) => ({ op: "add", name, zip: "1" })));
  await stage.gateway.services.reached(names.length + 1);
  const { text } = await stage.ask("GET", "/api/sites.csv");
  const found = text.trimEnd().split("\n").slice(1).map((line) => line.split(",")[2]);
  assertEquals(found, [first, ...names]);
  // An end just after a turn, too.
  assertEquals((await stage.ask("GET", "/api/sites.csv?q=site")).text.split("\n").length, names.length + 2);
});

const csv = `Site Name,ZIP Code,Availability,Unit,Observed At,Phone
"New, clinic",02138-1234,40,doses,2025-11-24T10:00:00Z,617-555-0123
Harvard University,02138,7,,,
Harvard University,02138,8,,1970-01-01T00:00:01Z,
Harvard University,02138,7,,,
Harvard University,99999,7,,,
Lost,02138,many,,,
`;

Deno.test("a CSV is read with its repairs and refusals, and changes nothing before its commands are sent", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const reading = await read(stage, csv);
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
  assertEquals(reading.records.map(({ line, effect }) => [line, effect]), [
    [2, "added"],
    [3, "changed"],
    [4, "outOfDate"],
    [5, "same"],
  ]);
  assertEquals(reading.records[0].commands.map(({ op, value }) => [op, value]), [
    ["add", undefined],
    ["document", undefined],
    ["set", 40],
  ]);
  const { problems, records: _, ...counts } = reading;
  assertEquals(counts, { read: 5, repairs: 1, refused: 2 });
  assertEquals(
    problems.map(({ line, kind, effect }) => [line, kind, effect]).toSorted(byLine),
    [
      [2, "zip-plus-four", "repaired"],
      [7, "availability-invalid", "refused"],
      [6, "zip-differs", "refused"],
    ].toSorted(([a], [b]) => Number(a) - Number(b)),
  );
  assertEquals(await send(stage, reading), [201, 201, 201, 201, 201]);
  const view = await stage.ask("GET", `/api/sites/${encodeURIComponent("New, clinic")}`);
  assertEquals([view.json.availability, view.json.zip, view.json.hasDocument], [40, "02138", true]);
  assertEquals((await stage.ask("GET", "/api/sites/Harvard%20University")).json.availability, 7);
});

Deno.test("the same file again says that all is known, and its commands, if sent again, change nothing", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const query = `?changedAt=${stage.nowMs - 5_000}`;
  const reading = await read(stage, csv, query);
  await send(stage, reading);
  const { lastEntry } = stage.cluster.memory.sites;
  // The site is there by now.
  assertEquals(await send(stage, reading), [409, 200, 200, 200, 200]);
  const again = await read(stage, csv, query);
  assertEquals(again.records.filter(({ line }) => line !== 4).map(({ effect }) => effect), ["same", "same", "same"]);
  await send(stage, again);
  assertEquals(stage.cluster.memory.sites.lastEntry, lastEntry);
});

Deno.test("a report without a time counts as observed when the file was changed, and never in the future", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const one = "Site Name,ZIP Code,Availability\nHarvard University,02138,7\n";
  for (const [changedAt, observedAt] of [["5000", 5_000], [String(stage.nowMs * 2), stage.nowMs]] as const) {
    const { records: [{ commands: [set] }] } = await read(stage, one, `?changedAt=${changedAt}`);
    assertEquals(set, { op: "set", name: first, value: 7, observedAt, confirm: true } as typeof set);
  }
});

Deno.test("a report from the future is left out, and its site is added", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const observedAt = new Date(stage.nowMs + 86_400_000).toISOString();
  const head = "Site Name,ZIP Code,Availability,Observed At";
  const { records, problems } = await read(stage, `${head}\nNew,02139,7,${observedAt}\n`);
  assertEquals(records[0].commands.map(({ op }) => op), ["add"]);
  assertEquals([problems[0].kind, problems[0].effect], ["instant-future", "refused"]);
  assertStringIncludes(problems[0].what, observedAt);
});

Deno.test("a download has no formula that a spreadsheet would run, and reports nothing that nobody did", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "=1+1", zip: "02139" });
  const { text } = await stage.ask("GET", "/api/sites.csv?q==");
  assertEquals(text, `${csvExportHeader}0,02139,'=1+1,,,,,,,\n`);
  const { records, problems } = await read(stage, text);
  assertEquals(records.map(({ name, effect }) => [name, effect]), [["=1+1", "same"]]);
  assertEquals(problems, []);
});

Deno.test("what a download has, a reading finds to be known", async () => {
  await using stage = new GatewayStage();
  const path = `/api/sites/${encodeURIComponent(first)}`;
  await stage.done("POST", `${path}/reports`, { value: 12, unit: "doses", note: "=1+1", who: "-x", observedAt: 5_000 });
  await stage.done("POST", "/api/sites", { name: "Gone", zip: "02139" });
  await stage.done("POST", "/api/sites/Gone/reports", { value: true, observedAt: 5_000 });
  await stage.done("POST", "/api/sites/Gone/retire", { reason: "closed" });
  const document = JSON.stringify({ location: { id: "1" }, csv: { Phone: "1" } });
  await stage.ask("POST", "/api/batch", [{ op: "document", name: first, document }]);
  await stage.gateway.services.reached(stage.cluster.memory.sites.lastEntry);
  const { text } = await stage.ask("GET", "/api/sites.csv?retired=true");
  const { records, problems } = await read(stage, text);
  assertEquals(records.map(({ name, effect, commands }) => [name, effect, commands.length]), [
    ["Gone", "same", 0],
    [first, "same", 0],
  ]);
  assertEquals(problems, []);
});

Deno.test("a column that is ours to keep leaves the rest of a site's document as a feed said it", async () => {
  await using stage = new GatewayStage();
  const document = JSON.stringify({ location: { id: "1" }, csv: { Fax: "9" } });
  await stage.ask("POST", "/api/batch", [{ op: "document", name: first, document }]);
  await stage.gateway.services.reached(2);
  await send(stage, await read(stage, "Site Name,ZIP Code,Availability,Phone\nHarvard University,02138,7,617\n"));
  const { json } = await stage.ask("GET", `/api/sites/${encodeURIComponent(first)}/document`);
  assertEquals(JSON.parse(json.document), { location: { id: "1" }, csv: { Fax: "9", Phone: "617" } });
});

Deno.test("a line with the name of an alias is about the site that the alias leads to", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Old", zip: "02138" });
  await stage.done("POST", "/api/sites/Old/merge", { into: first });
  const reading = await read(stage, "Site Name,ZIP Code,Availability\nOld,02138,7\n");
  assertEquals(reading.records.map(({ effect, commands }) => [effect, commands.length]), [["changed", 1]]);
  assertEquals(await send(stage, reading), [201]);
  assertEquals((await stage.ask("GET", "/api/sites/Harvard%20University")).json.availability, 7);
  await stage.done("POST", "/api/sites/Old/unmerge", {});
  const { records } = await read(stage, "Site Name,ZIP Code,Availability\nOld,02138,7\n");
  assertEquals(records.map(({ effect }) => effect), ["changed"]);
});

Deno.test("a retired site takes no report, and a line that retires one says so", async () => {
  await using stage = new GatewayStage();
  const head = "Site Name,ZIP Code,Availability,Retired\n";
  const retiring = await read(stage, `${head}Harvard University,02138,7,closed\n`);
  assertEquals(retiring.records[0].commands.map(({ op }) => op), ["set", "retire"]);
  assertEquals(await send(stage, retiring), [201, 201]);
  const refused = await read(stage, `${head}Harvard University,02138,9,\n`);
  assertEquals([refused.records, refused.problems[0].kind], [[], "site-retired"]);
});

Deno.test("what is not CSV in UTF-8 is refused as a whole, and a mark before it is left out", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const kindsOf = async (body: Uint8Array) => {
    const { json } = await stage.ask("POST", "/api/csv", body, type);
    return [json.records.length, json.problems.map(({ kind }: { kind: string }) => kind)];
  };
  const line = "Site Name,ZIP Code,Availability\nHarvard University,02138,7\n";
  const utf16 = Uint8Array.from(
    [...`\ufeff${line}`].flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]),
  );
  assertEquals(await kindsOf(encoder.encode(`\ufeff${line}`)), [1, ["bom"]]);
  assertEquals((await kindsOf(utf16))[1], ["utf-16"]);
  assertEquals((await kindsOf(encoder.encode("a,b\n1,2\n")))[0], 0);
  const empty = await stage.ask("POST", "/api/csv", undefined, type);
  assertEquals(empty.json.problems[0].kind, "csv-empty");
  const bad = `${line}${"Harvard University,02138,many\n".repeat(httpCsvProblemsMax + 5)}`;
  const { problems, refused } = await read(stage, bad);
  assertEquals([problems.length, refused], [httpCsvProblemsMax, httpCsvProblemsMax + 5]);
});

Deno.test("CSV goes to the path that takes it and to no other, and JSON not there", async () => {
  await using stage = new GatewayStage();
  const asked = [
    await stage.ask("POST", "/api/csv", { a: 1 }),
    await stage.ask("POST", "/api/sites", csv, type),
    await stage.ask("POST", "/api/batch", csv, type),
    await stage.ask("POST", "/api/csv", csv, { "content-type": "text/plain" }),
  ];
  for (const { status, json } of asked) {
    assertEquals([status, json.type], [415, "urn:vaxlog:problem:media-type"]);
    assert(json.detail.startsWith("The body must be "), json.detail);
  }
});

Deno.test("rows of one name and ZIP code with two addresses are two sites, also for a later file", async () => {
  await using stage = new GatewayStage();
  const header = "Availability,ZIP Code,Site Name,Address\n";
  const rows = ["12,60614,Walgreens,100 Elm St\n", "0,60614,Walgreens,900 Oak Ave\n"];
  const longer = "Walgreens, 900 Oak Ave";
  const seen = (reading: Reading) => reading.records.map(({ name, effect }) => [name, effect]);
  const kinds = (reading: Reading) => reading.problems.map(({ kind }) => kind);
  const first = await read(stage, header + rows.join(""), "?changedAt=1000");
  assertEquals(seen(first), [["Walgreens", "added"], [longer, "added"]]);
  assertEquals(kinds(first), ["address-differs"]);
  assertEquals((await send(stage, first)).every((status) => status === 201), true);
  const again = await read(stage, header + rows.toReversed().join(""), "?changedAt=1000");
  assertEquals(seen(again), [[longer, "same"], ["Walgreens", "same"]]);
  assertEquals(kinds(again), ["address-differs"]);
});

Deno.test("a CSV goes by the rules of an import: source, product, confirmation, corrected ZIP code", async () => {
  await using stage = new GatewayStage();
  const feed = JSON.stringify({ location: { id: "1" }, schedules: [], slots: [] });
  await stage.ask("POST", "/api/batch", [
    { op: "document", name: first, document: feed, source: "a feed", observedAt: 1 },
    { op: "set", name: first, value: 9, source: "a feed", observedAt: 1_000 },
    { op: "add", name: "MIT", zip: "2139" },
    { op: "set", name: "MIT", value: 1, observedAt: 1_000 },
  ]);
  await stage.gateway.services.reached(stage.cluster.memory.sites.lastEntry);
  const csv = "Site Name,ZIP Code,Availability,NDC,County\n" +
    "Harvard University,02138,3,80777-0273-15,\nHarvard University,02138,4,59267-1000-01,Middlesex\nMIT,02139,1,,\n" +
    "MIT,02140,1,,\n";
  const effects = ({ records }: Reading) => records.map(({ effect }) => effect);
  const reading = await read(stage, csv, "?changedAt=2000");
  assertEquals(effects(reading), ["changed", "changed", "changed"]);
  assertEquals(reading.problems.map(({ line, kind }) => [line, kind]), [
    [1, "column-unknown"],
    [4, "zip-corrected"],
    [5, "zip-differs"],
  ]);
  assert((await send(stage, reading)).every((status) => status < 300));
  const { json } = await stage.ask("GET", "/api/sites/Harvard%20University/document");
  assertEquals(json.document, feed);
  const said = (await Array.fromAsync(stage.gateway.services.client.sources(first))).flat();
  assertEquals(said.map(({ source, product, availability }) => [source, product, availability]), [
    ["a feed", undefined, 9],
    [undefined, "80777-0273-15", 3],
    [undefined, undefined, "unknown"],
    [undefined, "59267-1000-01", 4],
  ]);
  assertEquals((await stage.ask("GET", "/api/sites/MIT")).json.zip, "02139");
  assertEquals(effects(await read(stage, csv, "?changedAt=2000")).slice(0, 3), ["same", "same", "same"]);
  const later = await read(stage, csv, "?changedAt=3000");
  assertEquals(effects(later).slice(0, 3), ["confirmed", "confirmed", "confirmed"]);
  assert((await send(stage, later)).every((status) => status < 300));
  assertEquals(effects(await read(stage, csv, "?changedAt=2500")).slice(0, 3), ["same", "same", "same"]);
});
