import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { OutputError } from "../../src/cli/surroundings.ts";
import { imported, sitesOf, stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const csv = `Availability,ZIP Code,Site Name,Unit,Observed At,Note
40,08332,"Rite Aid, Millville",doses,2026-11-24T10:00:00Z,by the side door
True,08360,"Rite Aid, Vineland",,2026-11-24T09:00:00Z,
Unknown,02139,MIT,,,
`;

Deno.test("import adds the sites that are not there, with their reports, and says what it did", async () => {
  const stage = stageOn(new Stage(), "sites.csv", csv);
  assertEquals(await stage.run("8892", "import", "sites.csv"), 0);
  assertEquals(
    stage.stdout,
    "3 sites added, 0 changed, 0 the same as before, 0 out of date\n3 records read, 0 repairs made, 0 refused\n" +
      "To take these reports back: retract 3-7@1795521600000\n",
  );
  assertEquals([stage.stderr, stage.cluster.isClosed, stage.hasGivenUpFiles], ["", true, false]);
  assertEquals((await sitesOf(stage)).slice(1), [
    { id: 6, name: "MIT", zip: "02139", availability: "unknown", observedAt: "2026-11-24T12:00:00Z" },
    {
      id: 2,
      name: "Rite Aid, Millville",
      zip: "08332",
      availability: 40,
      unit: "doses",
      observedAt: "2026-11-24T10:00:00Z",
    },
    { id: 4, name: "Rite Aid, Vineland", zip: "08360", availability: true, observedAt: "2026-11-24T09:00:00Z" },
  ]);
});

Deno.test("import finds a site whose name differs in case and spaces, and one that was merged or renamed", async () => {
  const first = await imported(csv);
  const client = new VaxlogClient(first.cluster);
  await client.add("Main Street", "08332");
  await client.merge("Rite Aid, Millville", "Main Street");
  const text = `Availability,ZIP Code,Site Name,Observed At
7,02139,mit,2026-11-24T12:30:00Z
8,08332,"RITE AID,  MILLVILLE",2026-11-24T12:30:00Z
9,08360,"rite aid, vineland",2026-11-24T12:30:00Z
`;
  const stage = stageOn(first, "again.csv", text);
  stage.now += 3_600_000;
  assertEquals(await stage.run("8892", "import", "again.csv"), 0, stage.stderr + stage.stdout);
  const shown = (await sitesOf(stage)).map(({ name, availability }) => [name, availability]);
  assertEquals(shown.slice(1), [["MIT", 7], ["Main Street", 8], ["Rite Aid, Vineland", 9]]);
});

Deno.test("import of sites that were merged changes nothing the second time, whatever their ZIP codes", async () => {
  const text = [["A", "02139", 1], ["B", "02140", 2]].map(([name, zip, availability]) =>
    JSON.stringify({ name, zip, availability, observedAt: "2026-11-24T10:00:00Z", document: { name } })
  ).join("\n");
  const first = await imported(text, "sites.ndjson");
  await new VaxlogClient(first.cluster).merge("B", "A");
  for (let round = 0; round < 3; round++) {
    const again = stageOn(first, "sites.ndjson", text);
    assertEquals(await again.run("8892", "import", "sites.ndjson"), 0, again.stdout);
    if (round === 0) first.cluster.sites.restore(again.cluster.sites.snapshot());
    assertEquals(again.cluster.sites.lastEntry, first.cluster.sites.lastEntry);
  }
  assertEquals((await sitesOf(first)).map(({ name, availability }) => [name, availability])[0], ["A", 2]);
});

Deno.test("import breaks the lines of its summary between words on a terminal, and nowhere else", async () => {
  const text = `Availability,ZIP Code,Site Name\nperhaps,02139,MIT\n`;
  for (const columns of [40, undefined]) {
    const stage = stageOn(new Stage(), "sites.csv", text);
    stage.columns = columns;
    await stage.run("8892", "import", "sites.csv");
    const isLong = stage.stdout.split("\n").some((line) => line.length > 40);
    assertEquals(isLong, columns === undefined, stage.stdout);
    assertMatch(stage.stdout, /give\s+a\s+count/);
  }
});

Deno.test("import of the same again changes nothing, whatever the format", async () => {
  const ndjson =
    `{"name":"MIT","zip":"02139","availability":3,"unit":"doses","observedAt":"2026-11-24T10:00:00Z","x":[1]}
{"name":"BU","zip":"02215","availability":false,"retired":"closed","observedAt":"2026-11-24T10:00:00Z"}
{"name":"NEU","zip":"02115","availability":0,"retired":"closed"}
{"name":"BC","zip":"02467","availability":0}
{"name":"UMB","zip":"02125"}
`;
  for (const [place, text, sites] of [["sites.csv", csv, 3], ["sites.ndjson", ndjson, 5]] as const) {
    const first = await imported(text, place);
    assertMatch(first.stdout, new RegExp(`^${sites} sites added, 0 changed, 0 the same`));
    const again = stageOn(first, place, text);
    again.now += 3_600_000;
    assertEquals(await again.run("8892", "import", place), 0);
    assertMatch(again.stdout, new RegExp(`^0 sites added, 0 changed, ${sites} the same as before, 0 out of date\n`));
    assertEquals(again.cluster.sites.lastEntry, first.cluster.sites.lastEntry, "no entry was logged");
  }
});

Deno.test("What names no time counts as observed when its file was changed, so that it is found again", async () => {
  const text = `Availability,ZIP Code,Site Name\n5,02138,A\n6,02138,A\n0,02139,B\n`;
  const on = (database: Stage, changedAt: number | undefined) => {
    const stage = stageOn(database, "sites.csv", text);
    stage.now = 2_000_000;
    stage.changedAt = changedAt;
    return stage;
  };
  const first = on(new Stage(), 1_000_000);
  assertEquals(await first.run("8892", "import", "sites.csv"), 0);
  const entries = first.cluster.sites.lastEntry;
  const again = on(first, 1_000_000);
  assertEquals(await again.run("8892", "import", "sites.csv"), 0);
  assertEquals(again.stdout.split("\n")[0], "0 sites added, 0 changed, 3 the same as before, 0 out of date");
  assertEquals(again.cluster.sites.lastEntry, entries);
  const shown = (await sitesOf(again)).find(({ name }) => name === "A");
  assertEquals([shown?.availability, shown?.observedAt], [6, "1970-01-01T00:16:40Z"]);

  // Somebody has reported since: what the file says is older, and kept beside it.
  assertEquals(await again.run("8892", "set", "A", "9"), 0);
  const late = on(again, 1_500_000);
  assertEquals(await late.run("8892", "import", "sites.csv"), 0);
  assertEquals((await sitesOf(late)).find(({ name }) => name === "A")?.availability, 9);

  // A file from the future is of now.
  const future = on(new Stage(), 9_000_000);
  assertEquals(await future.run("8892", "import", "sites.csv"), 0);
  assertEquals((await sitesOf(future)).find(({ name }) => name === "A")?.observedAt, "1970-01-01T00:33:20Z");
});

Deno.test("import counts what has changed, and what is out of date", async () => {
  const first = await imported(csv);
  const later = csv.replace("40,", "41,").replace("T10:00:00Z", "T11:00:00Z").replace("T09:00:00Z", "T08:00:00Z");
  const stage = stageOn(first, "sites.csv", later);
  assertEquals(await stage.run("8892", "import", "sites.csv"), 0);
  assertMatch(stage.stdout, /^0 sites added, 1 changed, 1 the same as before, 1 out of date\n/);
  assertEquals((await sitesOf(stage)).slice(2).map(({ availability }) => availability), [41, true]);
});

Deno.test("import has the records of one site executed in their order", async () => {
  // Every other one is what the site shows before the first.
  const rows = Array.from({ length: 501 }, (_, at) => `${at % 2 === 0 ? 0 : at},02139,A\n`).join("");
  const stage = await imported(`Availability,ZIP Code,Site Name\n${rows}`);
  const [site] = await sitesOf(stage);
  assertEquals([site.name, site.availability], ["A", 0]);
  assertMatch(stage.stdout, /^1 site added, 500 changed, /);
});

Deno.test("import has a long history of one site under way at a time, in its order", async () => {
  const count = 3_000;
  const start = Date.UTC(2026, 10, 1);
  const rows = Array.from({ length: count }, (_, at) => {
    return `{"name":"A","zip":"02139","availability":${at},"observedAt":"${
      new Date(start + at * 1_000).toISOString()
    }"}\n`;
  });
  const stage = stageOn(new Stage(), "past.ndjson", rows.join(""));
  let turns = 0;
  let turn: Promise<void> | undefined;
  const { submit } = stage.cluster;
  stage.cluster.submit = async function (command, outputBytesMax) {
    const copy = command.slice();
    turn ??= new Promise<void>((resolve) =>
      setTimeout(() => {
        turns++;
        turn = undefined;
        resolve();
      }, 0)
    );
    await turn;
    return await submit.call(this, copy, outputBytesMax);
  };
  assertEquals(await stage.run("8892", "import", "past.ndjson"), 0);
  assertMatch(stage.stdout, /^1 site added, 2999 changed, 0 the same as before, 0 out of date\n/);
  assert(turns < 100, `${turns} turns`);
});

Deno.test("import refuses lines one by one, names them, and ends with 1", async () => {
  const stage = await imported(
    "Availability,ZIP Code,Site Name,Observed At\n" +
      "1,02139,MIT,\n" +
      "many,02139,MIT,\n" +
      "2,02138,Harvard University,2026-11-25T10:00:00Z\n" +
      "3,02139,Harvard University,\n",
  );
  assertEquals(stage.stdout.split("\n").slice(0, 2), [
    "1 site added, 0 changed, 1 the same as before, 0 out of date",
    "3 records read, 0 repairs made, 3 refused",
  ]);
  assertStringIncludes(stage.stdout, "line 3: ");
  assertStringIncludes(
    stage.stdout,
    '\n  line 4: "Harvard University": the report is of 2026-11-25T10:00:00.000Z, 22 h ahead of ',
  );
  assertStringIncludes(
    stage.stdout,
    '\n  line 5: "Harvard University": it is there with the ZIP code 02138, and this one has 02139; ' +
      "give it another name\n",
  );
  const [harvard] = await sitesOf(stage);
  assertEquals(harvard.availability, 0);
  const again = stageOn(new Stage(), "x.csv", "Availability,ZIP Code,Site Name\n1,x,MIT\n");
  assertEquals(await again.run("8892", "import", "x.csv"), 1);
});

Deno.test("import does not open a retired site again, and says which line wanted it", async () => {
  const retired = new Stage();
  await new VaxlogClient(retired.cluster).retire("Harvard University", "closed");
  const stage = stageOn(retired, "-", "Availability,ZIP Code,Site Name\n5,02138,Harvard University\n");
  assertEquals(await stage.run("8892", "import", "-", "--format", "csv"), 1);
  assertStringIncludes(stage.stdout, 'line 2: "Harvard University": it is retired: closed; reopen it first');
});

Deno.test("import --json is one object, and --report has every problem as NDJSON", async () => {
  const rows = Array.from({ length: 20 }, (_, at) => `x${at},02139,A\n`).join("");
  const stage = stageOn(new Stage(), "sites.csv", `Availability,ZIP Code,Site Name\n5,02139,B\n${rows}`);
  assertEquals(await stage.run("8892", "import", "sites.csv", "--json", "--report", "problems"), 1);
  const { problems, ...counts } = JSON.parse(stage.stdout);
  assertEquals(counts, {
    import: "3-3@1795521600000",
    added: 1,
    changed: 0,
    confirmed: 0,
    same: 0,
    outOfDate: 0,
    retired: 0,
    read: 1,
    repairs: 0,
    refused: 20,
  });
  assertEquals([problems.length, problems[0].count], [1, 20]);
  const report = stage.outputs.get("problems");
  assertEquals(report?.state, "complete");
  const lines = report!.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.length, 20);
  assertEquals([lines[0].line, lines[0].kind, lines[0].effect], [3, "availability-invalid", "refused"]);
  assertStringIncludes(lines[0].what, '"x0"');
});

Deno.test("import --from-line says so where nothing is left to be read", async () => {
  const stage = stageOn(new Stage(), "sites.csv", "Availability,ZIP Code,Site Name\n3,01901,Lynn\n");
  assertEquals(await stage.run("8892", "import", "sites.csv", "--from-line", "9"), 0);
  assertEquals(stage.stderr, "There is nothing at or after line 9\n");
  assertEquals(await stage.run("8892", "import", "sites.csv", "--from-line", "2"), 0);
  assertEquals(stage.stderr, "There is nothing at or after line 9\n");
});

Deno.test("import --from-line passes over the lines before, and what was wrong with them", async () => {
  const text = `Availability,ZIP Code,Site Name\nx,02139,A\n2,02139,B\n3,02139,C\n`;
  const stage = stageOn(new Stage(), "sites.csv", text);
  assertEquals(await stage.run("8892", "import", "sites.csv", "--from-line", "4"), 0);
  assertMatch(
    stage.stdout,
    /^1 site added, .*\n1 record read, 0 repairs made, 0 refused\nTo take .* retract \d+-\d+@\d+\n$/,
  );
});

Deno.test("import of what is not there is exit code 1, and nobody is asked", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("8892", "import", "sites.csv"), 1);
  assertEquals([stage.addresses, stage.stdout], [undefined, ""]);
  assertEquals(stage.stderr, 'Cannot read "sites.csv": it is not there\n');
  const web = new Stage();
  assertEquals(await web.run("8892", "import", "http://127.0.0.1:1/sites.csv"), 1);
  assertEquals([web.stdout, web.stderr], ["", 'Cannot read "http://127.0.0.1:1/sites.csv": it is not there\n']);
});

Deno.test("import does not begin if its report cannot be written, and says if that fails later", async () => {
  const there = stageOn(new Stage(), "sites.csv", csv);
  there.files = ["report"];
  assertEquals(await there.run("8892", "import", "sites.csv", "--report", "report"), 1);
  assertEquals([there.addresses, there.stdout], [undefined, ""]);
  const full = stageOn(new Stage(), "sites.csv", "Availability,ZIP Code,Site Name\nx,1,A\n");
  const code = full.run("8892", "import", "sites.csv", "--report", "report");
  full.outputs.get("report")!.write = () => {
    throw new OutputError('Cannot write "report": No space left on device');
  };
  assertEquals(await code, 1);
  assertEquals(full.stderr, 'Cannot write "report": No space left on device\n');
  assertEquals(full.outputs.get("report")?.state, "discarded");
});

Deno.test("import tells the format by the name, and asks for it where that does not tell", async () => {
  const none: [string[], RegExp][] = [
    [["import", "sites.txt"], /^The name "sites.txt" does not tell the format: give one with --format/],
    [["import", "-"], /does not tell the format/],
    [["import", "sites.csv", "--format", "xls"], /^Cannot take "xls" as a format: give csv, ndjson or smart\n/],
    [["import", ""], /^The name of the file is empty/],
    [["import", "-", "--format", "smart"], /^A feed cannot come from standard input/],
    [["import", "a.json", "--from-line", "2"], /goes with CSV and NDJSON/],
    [["import", "a.csv", "--from-line", "0"], /^Cannot take "0" as the number of a line/],
  ];
  for (const [args, message] of none) {
    const stage = new Stage();
    assertEquals(await stage.run("8892", ...args), 2, args.join(" "));
    assertMatch(stage.stderr, message);
  }
  const url = "http://127.0.0.1:1/dir/sites.csv?x=1";
  const stage = stageOn(new Stage(), url, csv);
  assertEquals(await stage.run("8892", "import", url), 0);
});

Deno.test("An import has a bounded number of commands under way", async () => {
  const count = 5_000;
  const rows = Array.from({ length: count }, (_, at) => `${at},02139,Site ${at}\n`).join("");
  const stage = stageOn(new Stage(), "sites.csv", `Availability,ZIP Code,Site Name\n${rows}`);
  let underWay = 0;
  let most = 0;
  const { submit } = stage.cluster;
  stage.cluster.submit = async function (command, outputBytesMax) {
    most = Math.max(most, ++underWay);
    const copy = command.slice();
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    underWay--;
    return await submit.call(this, copy, outputBytesMax);
  };
  assertEquals(await stage.run("8892", "import", "sites.csv"), 0);
  assertEquals(stage.cluster.sites.size, count + 1);
  assert(most <= 1_024, `${most} commands were under way`);
  assert(most > 500, `${most} commands only were under way`);
});

Deno.test("An import of a long file holds few lines at a time, and shows how fast it is", async () => {
  const count = 120_000;
  const done = 100_000;
  const linesPerPiece = 1_000;
  let held = 0;
  const stage = new Stage();
  const pieces = async function* () {
    yield new TextEncoder().encode("Availability,ZIP Code,Site Name\n");
    for (let at = 0; at < count; at += linesPerPiece) {
      const lines = Array.from({ length: linesPerPiece }, (_, line) => `${at + line},02139,Site ${line % 100}\n`);
      yield new TextEncoder().encode(lines.join(""));
      // Records that were read and are not executed yet are in memory.
      held = Math.max(held, at + linesPerPiece - done - stage.cluster.submitted / 2);
    }
  };
  stage.inputs.set("sites.csv", pieces());
  stage.tickMs = 1.7;
  // Behind the header.
  assertEquals(await stage.run("8892", "import", "sites.csv", "--from-line", `${done + 2}`), 0);
  assertMatch(
    stage.stdout,
    /^100 sites added, 19900 changed, .*\n20000 records read, 0 repairs made, 0 refused\nTo take .*\n$/,
  );
  assert(held < 10_000, `${held} records were held`);
  assertMatch(stage.stderr, /^(?:Read [\d.]+ MB, [\d,]+ records, [\d.]+ MB\/s\n)+$/);
});

Deno.test("import --dry-run foresees that a name is like another one, as the import finds it", async () => {
  const csv =
    "Availability,ZIP Code,Site Name\n1,02138,HARVARD  university\n2,99999,harvard university\n3,1,A\n4,2,a\n";
  const texts: string[] = [];
  for (const options of [["--dry-run"], []]) {
    const stage = stageOn(new Stage(), "x.csv", csv);
    assertEquals(await stage.run("8892", "import", "x.csv", ...options), 1);
    const text = stage.stdout.replace("Nothing was changed; an import would come to this:\n", "");
    texts.push(text.replace(/^To take these reports back: .*\n/m, ""));
    assertStringIncludes(
      stage.stdout,
      'line 3: "harvard university": it is there with the ZIP code 02138, and this one has 99999; give it another name',
    );
    assertEquals((await sitesOf(stage)).length, options.length === 0 ? 2 : 1);
  }
  assertEquals(texts[0], texts[1]);
});
