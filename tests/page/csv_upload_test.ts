/** What the page makes of a CSV that the gateway has read. */

import { assertEquals, assertRejects } from "@std/assert";
import { commandText, type CsvCommand, type CsvRecord } from "../../src/http/page/csv_upload.ts";
import { effective, sendRecords, sitesIn, summaryOf } from "../../src/http/page/csv_upload.ts";

const add: CsvCommand = { op: "add" };
const set: CsvCommand = { op: "set", value: 40, unit: "doses" };
const records: CsvRecord[] = [
  { line: 2, name: "a", effect: "added", commands: [add, set] },
  { line: 3, name: "b", effect: "changed", commands: [{ ...set, who: "Bo" }] },
  { line: 4, name: "b", effect: "outOfDate", commands: [set] },
  { line: 5, name: "c", effect: "same", commands: [] },
];
const reading = { records, problems: [], read: 5, repairs: 1, refused: 1 };

Deno.test("summaryOf() says what a file comes to, and nothing of what it has not", () => {
  assertEquals(summaryOf(reading), [
    "5 records read, 1 repair made, 1 refused",
    "1 site is new",
    "1 record changes its site",
    "1 record is older than what the site shows: kept, and not shown",
    "1 record says what is known already",
  ]);
  assertEquals(summaryOf({ ...reading, records: [], read: 0 }), ["0 records read, 1 repair made, 1 refused"]);
  assertEquals([effective(reading).length, sitesIn(effective(reading))], [3, 2]);
});

Deno.test("commandText() says what is reported", () => {
  const commands: CsvCommand[] = [add, set, { op: "document" }, { op: "retire", reason: "closed" }];
  assertEquals(commands.map(commandText), ["new site", "40 doses", "details", "retired: closed"]);
});

Deno.test("sendRecords() sends all in order, some at a time, and tells what was refused", async () => {
  const many = Array.from({ length: 400 }, (_, at) => ({ ...records[0], line: at + 2, name: `site ${at}` }));
  const sent: CsvCommand[][] = [];
  const done: number[] = [];
  const refused = await sendRecords(many, { who: "Ana" }, {
    send: (commands) => {
      sent.push([...commands]);
      return Promise.resolve(commands.map((_, at) => {
        // Somebody else has added the first site; the report of the second one is refused.
        if (sent.length === 1 && at === 0) return { status: 409, type: "urn:vaxlog:problem:exists", detail: "there" };
        if (sent.length === 1 && at === 3) {
          return { status: 409, type: "urn:vaxlog:problem:retired", detail: "retired" };
        }
        return { status: 201 };
      }));
    },
    onProgress: (count) => done.push(count),
  });
  assertEquals(sent.map(({ length }) => length), [500, 300]);
  assertEquals(sent[1][299], { ...set, who: "Ana" });
  assertEquals(done, [0, 500, 800]);
  assertEquals(refused, [{ line: 3, effect: "refused", what: "site 1: retired" }]);
});

Deno.test("sendRecords() leaves alone who a record names, and ends where sending fails", async () => {
  const sent: CsvCommand[] = [];
  const send = (commands: readonly CsvCommand[]) => {
    sent.push(...commands);
    return Promise.reject(new Error("gone"));
  };
  const done: number[] = [];
  const sending = { send, onProgress: (count: number) => done.push(count) };
  await assertRejects(() => sendRecords([records[1]], { who: "Ana" }, sending), Error, "gone");
  assertEquals([sent, done], [[{ ...set, who: "Bo" }], [0]]);
});
