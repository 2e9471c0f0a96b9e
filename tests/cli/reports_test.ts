/**
 * The commands on reports: set with options, retire and reopen, history, list with filters, view of everything.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

const harvard = "Harvard University";

/** Runs commands one after the other on a database of their own. */
function run(...commands: string[][]) {
  return new Stage().runAll(...commands);
}

Deno.test("set takes a unit, a time, who, whence and a note, and view shows all of it", async () => {
  const set = ["set", harvard, "40", "--unit", "doses", "--observed-at", "10m ago", "--who", "Ann"];
  const told = [...set, "--source", "a phone call", "--note", "by the side door"];
  assertEquals(await run(told), {
    code: 0,
    stdout: "Harvard University, ZIP 02138, availability 40 doses\n",
    stderr: "",
  });
  assertEquals(JSON.parse((await run(told, ["view", harvard, "--json"])).stdout), {
    id: 1,
    name: harvard,
    zip: "02138",
    availability: 40,
    unit: "doses",
    observedAt: "2026-11-24T11:50:00Z",
    report: {
      entry: 2,
      recordedAt: "2026-11-24T12:00:00Z",
      who: "Ann",
      source: "a phone call",
      note: "by the side door",
    },
    sources: [{
      source: "a phone call",
      availability: 40,
      unit: "doses",
      observedAt: "2026-11-24T11:50:00Z",
      changedAt: "2026-11-24T11:50:00Z",
      entry: 2,
      recordedAt: "2026-11-24T12:00:00Z",
      who: "Ann",
      note: "by the side door",
    }],
  });
  assertEquals(
    (await run(told, ["view", harvard, "--table"])).stdout,
    `Field         Value
Site Name     Harvard University
Id            id:1
ZIP Code      02138
Availability  40 doses
Observed      2026-11-24T11:50:00Z
Age           10 min
Recorded      2026-11-24T12:00:00Z
Who           Ann
Source        a phone call
Note          by the side door
Entry         2

Source        Product  Availability  Unit   Observed              Still so  Since                 Age     Site
a phone call                     40  doses  2026-11-24T11:50:00Z            2026-11-24T11:50:00Z  10 min
`,
  );
  assertEquals((await run(told, ["view", harvard])).stdout, "Harvard University, ZIP 02138, availability 40 doses\n");
});

Deno.test("set --json tells the effect and the entry", async () => {
  const { stdout } = await run(["set", harvard, "unknown", "--json"]);
  assertEquals(JSON.parse(stdout), {
    id: 1,
    name: harvard,
    zip: "02138",
    availability: "unknown",
    observedAt: "2026-11-24T12:00:00Z",
    effect: "shown",
    entry: 2,
  });
});

Deno.test("A report that is older than what is shown is kept and not shown, and set says so", async () => {
  const { code, stdout, stderr } = await run(["set", harvard, "5"], ["set", harvard, "7", "--observed-at", "2h"]);
  assertEquals([code, stdout], [0, "Harvard University, ZIP 02138, availability 5\n"]);
  assertEquals(stderr, "Kept, and not shown: the site shows a newer report, observed at 2026-11-24T12:00:00Z\n");
});

Deno.test("A report that is there already changes nothing, and set says so", async () => {
  const set = ["set", harvard, "5", "--observed-at", "2026-11-24"];
  const { code, stdout, stderr } = await run(set, set);
  assertEquals([code, stdout], [0, "Harvard University, ZIP 02138, availability 5\n"]);
  assertEquals(stderr, "Nothing was changed: it was so already\n");
});

Deno.test("A report from the future is refused, unless it lies ahead by minutes only", async () => {
  const { code, stdout, stderr } = await run(["set", harvard, "5", "--observed-at", "2026-11-25"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(
    stderr,
    /^Cannot take "2026-11-25" as the time of an observation: it lies in the future, .+ give a time in the past/,
  );
  assertEquals((await run(["set", harvard, "5", "--observed-at", "2026-11-24T12:05:00Z"])).code, 0);
  assertEquals((await run(["set", harvard, "5", "--observed-at", "2026-11-24T12:05:01Z"])).code, 2);
});

Deno.test("set --if changes nothing unless the site shows that value, with exit code 1", async () => {
  assertEquals((await run(["set", harvard, "5", "--if", "0"])).code, 0);
  for (const other of ["5", "True", "False", "Unknown"]) {
    const { code, stdout, stderr } = await run(["set", harvard, "5", "--if", other]);
    assertEquals([code, stdout, stderr], [1, "", "Nothing was changed: Harvard University shows 0 (no report yet)\n"]);
  }
});

Deno.test("set --if-entry changes nothing unless the site shows the report of that entry", async () => {
  assertEquals((await run(["set", harvard, "5", "--if-entry", "0"])).code, 0);
  const undone = [["set", harvard, "5"], ["set", harvard, "6"], ["set", harvard, "5"]];
  const { code, stdout, stderr } = await run(...undone, ["set", harvard, "7", "--if-entry", "2"]);
  assertEquals([code, stdout, stderr], [1, "", "Nothing was changed: Harvard University shows 5 (entry 4)\n"]);
  const told = String(JSON.parse((await run(...undone, ["view", harvard, "--json"])).stdout).report.entry);
  assertMatch((await run(...undone, ["view", harvard, "--table"])).stdout, new RegExp(`Entry +${told}\n`));
  assertEquals((await run(...undone, ["set", harvard, "7", "--if-entry", told])).code, 0);
  // Both must hold.
  assertEquals((await run(...undone, ["set", harvard, "7", "--if", "5", "--if-entry", told])).code, 0);
  assertEquals((await run(...undone, ["set", harvard, "7", "--if", "6", "--if-entry", told])).code, 1);
  for (const typed of ["-1", "x", "1.5", "9007199254740992"]) {
    const { code, stderr } = await run(["set", harvard, "7", `--if-entry=${typed}`]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot take "${typed}" as the index of an entry: give a whole number from 0`);
  }
});

Deno.test("retire keeps a site and its history, takes it from the list, and reopen undoes it", async () => {
  const retire = ["retire", harvard, "--reason", "closed for good", "--who", "Ann"];
  const retired = "Harvard University, ZIP 02138, availability 0, retired: closed for good\n";
  assertEquals((await run(retire)).stdout, retired);
  assertEquals((await run(retire, ["view", harvard])).stdout, retired);
  assertEquals((await run(retire, ["list"])).stdout, "Availability,ZIP Code,Site Name\n");
  assertEquals((await run(retire, ["list", "--retired"])).stdout.split("\n")[1], "0,02138,Harvard University");
  assertStringIncludes((await run(retire, ["list", "--retired", "--table"])).stdout, "closed for good");
  assertEquals(await run(retire, ["set", harvard, "5"]), {
    code: 1,
    stdout: "",
    stderr: 'Nothing was changed: Harvard University is retired: closed for good; "reopen" opens it again\n',
  });
  assertEquals((await run(retire, ["history", harvard, "--csv"])).stdout.split("\n")[1].slice(0, 9), "2,retired");
  assertEquals((await run(retire, ["reopen", harvard])).stdout, "Harvard University, ZIP 02138, availability 0\n");
  assertEquals((await run(retire, ["reopen", harvard], ["set", harvard, "5"])).code, 0);
  assertEquals((await run(["reopen", harvard])).stderr, "Nothing was changed: it was so already\n");
});

Deno.test("retire needs a reason", async () => {
  assertMatch((await run(["retire", harvard])).stderr, /^retire needs a reason: give one with --reason "WHY"/);
  assertMatch((await run(["retire", harvard, "--reason", " "])).stderr, /^The reason is empty/);
  assertEquals((await run(["retire", harvard])).code, 2);
});

/** Three sites beside the first. */
const sites = [
  ["add", "Rite Aid, Millville", "08332"],
  ["add", "Rite Aid, Vineland", "08360"],
  ["add", "MIT", "02139"],
  ["set", "MIT", "True"],
  ["set", "Rite Aid, Vineland", "3", "--unit", "appointments"],
];

Deno.test("list takes a ZIP code's beginning, only what is available, a limit and where to begin", async () => {
  const cases: [string[], string[]][] = [
    [["--zip", "021"], ["0,02138,Harvard University", "True,02139,MIT"]],
    [["--zip", "08360"], ['3,08360,"Rite Aid, Vineland"']],
    [["--available"], ["True,02139,MIT", '3,08360,"Rite Aid, Vineland"']],
    [["--limit", "2"], ["0,02138,Harvard University", "True,02139,MIT"]],
    [["--after", "MIT", "--limit", "1"], ['0,08332,"Rite Aid, Millville"']],
    [["--zip", "9"], []],
  ];
  for (const [args, rows] of cases) {
    const { code, stdout } = await run(...sites, ["list", ...args]);
    assertEquals([code, stdout.trimEnd().split("\n").slice(1)], [0, rows], args.join(" "));
  }
  for (const args of [["--limit", "0"], ["--limit", "x"], ["--zip", "x"], ["--table", "--csv"]]) {
    assertEquals((await run(["list", ...args])).code, 2, args.join(" "));
  }
});

Deno.test("list --json and --table show unit and time, and leave out what is not known", async () => {
  const { stdout } = await run(...sites, ["list", "--json", "--after", "MIT"]);
  assertEquals(JSON.parse(stdout), [
    { id: 2, name: "Rite Aid, Millville", zip: "08332", availability: 0, neverReported: true },
    {
      id: 3,
      name: "Rite Aid, Vineland",
      zip: "08360",
      availability: 3,
      unit: "appointments",
      observedAt: "2026-11-24T12:00:00Z",
    },
  ]);
  assertEquals(
    (await run(...sites, ["list", "--table", "--zip", "08"])).stdout,
    `Availability  Unit          ZIP Code  Site Name            Age             Observed              Retired
           0                08332     Rite Aid, Millville  never reported
           3  appointments  08360     Rite Aid, Vineland   0 s             2026-11-24T12:00:00Z
`,
  );
});

/** A site with a history. */
const past = [
  ["set", harvard, "5", "--who", "Ann"],
  ["set", harvard, "7", "--observed-at", "2h", "--source", "a feed", "--note", "late, but true"],
  ["retire", harvard, "--reason", "closed"],
];

Deno.test("history prints all entries of a site, the newest first, as a table unless asked otherwise", async () => {
  assertEquals(
    (await run(...past, ["history", harvard])).stdout,
    `Entry  Recorded              What             Observed              Who  Source  Note
    4  2026-11-24T12:00:00Z  retired: closed
    3  2026-11-24T12:00:00Z  7 (out of date)  2026-11-24T10:00:00Z       a feed  late, but true
    2  2026-11-24T12:00:00Z  5                                      Ann
    1  from the start        added
`,
  );
  assertEquals(
    (await run(...past, ["history", harvard, "--csv", "--limit", "3"])).stdout,
    `Entry,Kind,Recorded At,Availability,Unit,Observed At,Out Of Date,Who,Source,Note,Product,Token
4,retired,2026-11-24T12:00:00Z,,,,,,,closed,,
3,report,2026-11-24T12:00:00Z,7,,2026-11-24T10:00:00Z,True,,a feed,"late, but true",,
2,report,2026-11-24T12:00:00Z,5,,2026-11-24T12:00:00Z,False,Ann,,,,
`,
  );
  assertEquals(
    JSON.parse((await run(...past, ["history", harvard, "--json", "--oldest-first", "--limit", "2"])).stdout),
    [
      { index: 1, kind: "added", site: harvard, siteId: 1, zip: "02138", recordedAt: "1970-01-01T00:00:00Z" },
      {
        index: 2,
        kind: "report",
        site: harvard,
        siteId: 1,
        recordedAt: "2026-11-24T12:00:00Z",
        availability: 5,
        observedAt: "2026-11-24T12:00:00Z",
        outOfDate: false,
        who: "Ann",
      },
    ],
  );
});

Deno.test("history of a site that is not there is exit code 1", async () => {
  assertEquals(await run(["history", "MIT"]), {
    code: 1,
    stdout: "",
    stderr: 'There is no site "MIT": "list" shows all sites, "add" adds one\n',
  });
});

Deno.test("JSON has a document as it is, on one line, or as a string if it is not JSON", async () => {
  for (
    const [document, shown] of [
      ['{"a": 12345678901234567890,\n "b": []}', '"document":{"a": 12345678901234567890,  "b": []}}'],
      ["no JSON \u202e", '"document":"no JSON \\\\u202e"}'],
    ]
  ) {
    const stage = new Stage();
    await new VaxlogClient(stage.cluster).document(harvard, document);
    assertEquals(await stage.run("8892", "view", harvard, "--json"), 0);
    assertStringIncludes(stage.stdout, shown.replace("\\\\u202e", "\\u202e"));
    assertEquals(stage.stdout.split("\n").length, 2);
  }
});
