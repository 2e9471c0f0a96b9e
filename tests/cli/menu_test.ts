import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError, type Notice, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { Stage, TypedLines } from "./stage.ts";

const choices = `[l] list all sites  [f] filter them by ZIP  [v] view one  [h] its history
[e] edit its availability  [n] new site  [r] retire or reopen one  [q] quit
A site is called by its name, how that begins, or its number in the last list
`;
const head = `Connected to the replicas 127.0.0.1:8892, 127.0.0.1:8893\n${choices}`;
const choice = "[l] [f] [v] [h] [e] [n] [r] [q] > ";

/** Types lines and compares all that the menu prints after its head. */
async function transcript(lines: string[], expected: string, stage = new Stage()): Promise<void> {
  stage.lines = new TypedLines(lines);
  assertEquals(await stage.run("8892", "8893"), 0);
  assertEquals(stage.stdout, head + expected);
  assertEquals(stage.stderr, "");
  assert(stage.cluster.isClosed);
}

Deno.test("The menu says whether it is with replicas or with nodes", async () => {
  const stage = new Stage();
  Object.assign(stage.cluster, { kind: "nodes" });
  stage.lines = new TypedLines(["q"]);
  assertEquals(await stage.run("8892", "8893"), 0);
  assertStringIncludes(stage.stdout, "Connected to the nodes 127.0.0.1:8892, 127.0.0.1:8893\n");
});

Deno.test("The menu lists, views, edits, adds and quits", async () => {
  await transcript(
    ["l", "n", "MIT, Cambridge", "02139", "e", "MIT, Cambridge", "TRUE", "v", "Harvard University", "l", "q", "l"],
    `${choice}l
Availability,ZIP Code,Site Name
0,02138,Harvard University
${choice}n
Name of the new site (empty: back): MIT, Cambridge
Its ZIP code, digits only (empty: back): 02139
MIT, Cambridge, ZIP 02139, availability 0
${choice}e
Name of the site to edit (empty: back): MIT, Cambridge
New availability, a count, True, False or Unknown (now 0; empty: back): TRUE
MIT, Cambridge, ZIP 02139, availability True
${choice}v
Site name (empty: back): Harvard University
Harvard University, ZIP 02138, availability 0
${choice}l
Availability,ZIP Code,Site Name
0,02138,Harvard University
True,02139,"MIT, Cambridge"
${choice}q
`,
  );
});

Deno.test("The menu takes words and capitals, and asks again after a choice that is none or empty", async () => {
  await transcript(
    ["", "  ", "x", "LIST", " V ", "Harvard University", "?", "quit"],
    `${choice}
${choice}  
${choice}x
"x" is not a choice: type l, f, v, h, e, n, r or q
${choice}LIST
Availability,ZIP Code,Site Name
0,02138,Harvard University
${choice} V 
Site name (empty: back): Harvard University
Harvard University, ZIP 02138, availability 0
${choice}?
${choices}${choice}quit
`,
  );
});

Deno.test("The menu asks again after a bad value, until it is good", async () => {
  const bad = (text: string) =>
    `Cannot take "${text}" as an availability: give a count from 0 to 9007199254740991 in digits alone, ` +
    "or True, False or Unknown\n";
  const ask = "New availability, a count, True, False or Unknown (now 0; empty: back): ";
  await transcript(
    ["e", "Harvard University", "-1", "1e3", "7", "n", "\u202e", "MIT", "2139x", "02139", "q"],
    `${choice}e
Name of the site to edit (empty: back): Harvard University
${ask}-1
${bad("-1")}${ask}1e3
${bad("1e3")}${ask}7
Harvard University, ZIP 02138, availability 7
${choice}n
Name of the new site (empty: back): \\u202e
Cannot take "\\u202e" as a site name: it has a character that changes the direction of text; leave it out
Name of the new site (empty: back): MIT
Its ZIP code, digits only (empty: back): 2139x
Cannot take "2139x" as a ZIP code: give 1 to 10 digits, such as 02138
Its ZIP code, digits only (empty: back): 02139
MIT, ZIP 02139, availability 0
${choice}q
`,
  );
});

Deno.test("An empty line at any prompt for a value leads back, and nothing was changed", async () => {
  const stage = new Stage();
  stage.lines = new TypedLines(["v", "", "e", " ", "e", "Harvard University", "", "n", "", "n", "MIT", "", "q"]);
  assertEquals(await stage.run("8892"), 0);
  assertEquals(stage.cluster.sites.size, 1);
  assertEquals(stage.cluster.submitted, 1, "one view, before the new availability is asked for");
});

Deno.test("The menu says that a site is unknown or exists, and asks for the next choice", async () => {
  await transcript(
    ["v", "MIT", "e", "MIT", "n", "Harvard University", "1", "q"],
    `${choice}v
Site name (empty: back): MIT
There is no site "MIT": [l] shows all sites, [n] adds one
${choice}e
Name of the site to edit (empty: back): MIT
There is no site "MIT": [l] shows all sites, [n] adds one
${choice}n
Name of the new site (empty: back): Harvard University
Its ZIP code, digits only (empty: back): 1
A site is there already: Harvard University, ZIP 02138, availability 0; [e] changes its availability
${choice}q
`,
  );
});

Deno.test("The end of the input leaves the menu, at every prompt", async () => {
  await transcript([], `${choice}\n`);
  await transcript(
    ["n", "MIT"],
    `${choice}n
Name of the new site (empty: back): MIT
Its ZIP code, digits only (empty: back): 
`,
  );
});

Deno.test("What a person types is not printed a second time", async () => {
  const stage = new Stage(["v", "Harvard University", "q"]);
  stage.isTyped = true;
  assertEquals(await stage.run("8892", "8893"), 0);
  assertEquals(
    stage.stdout,
    `${head}${choice}Site name (empty: back): Harvard University, ZIP 02138, availability 0\n${choice}`,
  );
});

Deno.test("Colours are used only where the output has them", async () => {
  const stage = new Stage(["x", "q"]);
  stage.hasColour = true;
  assertEquals(await stage.run("8892"), 0);
  assertStringIncludes(stage.stdout, `\x1b[1m${choice}\x1b[22m`);
  assertStringIncludes(stage.stdout, '\x1b[31m"x" is not a choice');
});

const failed: Notice = { kind: "failed", message: "The replica at 127.0.0.1:8892 has failed; 1 replica remains" };
const unreachable: Notice = { kind: "unreachable", message: "No replica answers any more" };
const restarted: Notice = { kind: "restarted", message: "The cluster was started from scratch" };

Deno.test("What happens while a person types is said in one line each at the next prompt", async () => {
  const stage = new Stage();
  stage.isTyped = true;
  stage.lines = new TypedLines(["v"], true);
  const code = stage.run("8892", "8893");
  await stage.lines.asked;
  const before = stage.stdout;
  stage.notify(failed);
  stage.notify({ kind: "joined", message: "Another\nmember" });
  stage.notify(failed);
  assertEquals(stage.stdout, before, "a person who types is not written over");
  stage.lines.type("Harvard University");
  await stage.lines.asked;
  assertEquals(
    stage.stdout.slice(before.length),
    `Harvard University, ZIP 02138, availability 0\nAnother\\u000amember\n${failed.message}\n${choice}`,
  );
  stage.lines.type("q");
  assertEquals(await code, 0);
});

Deno.test("An outcome that is unknown is said to be, and ends the menu with 3 if no replica lives", async () => {
  const stage = new Stage(["e", "Harvard University", "5", "l", "q"]);
  stage.cluster.insteads.push(
    () => Promise.resolve({ output: new Uint8Array([0, 11, 0]), index: 1 }),
    () => {
      stage.notify(unreachable);
      return Promise.reject(new OutcomeUnknownError("all replicas were lost"));
    },
  );
  assertEquals(await stage.run("8892"), 3);
  assert(
    stage.stdout.endsWith(
      "The outcome is unknown: all replicas were lost; what was asked may or may not have been done\n",
    ),
  );
  assert(stage.cluster.isClosed);
});

Deno.test("An outcome that is unknown does not end the menu while the cluster lives", async () => {
  const stage = new Stage(["v", "Harvard University", "v", "Harvard University", "q"]);
  stage.cluster.insteads.push(() => {
    stage.notify(unreachable);
    stage.notify(restarted);
    return Promise.reject(new OutcomeUnknownError("the cluster was started from scratch"));
  });
  assertEquals(await stage.run("8892"), 0);
  assertStringIncludes(stage.stdout, "The outcome is unknown: the cluster was started from scratch");
  assertStringIncludes(stage.stdout, "Harvard University, ZIP 02138, availability 0");
});

Deno.test("A command after the last replica is lost ends the menu with 1", async () => {
  const stage = new Stage(["l", "q"]);
  stage.cluster.insteads.push(() => {
    stage.notify(unreachable);
    return Promise.reject(new NotExecutedError("No replica answers"));
  });
  assertEquals(await stage.run("8892"), 1);
  assertStringIncludes(stage.stdout, "Nothing was done: no replica answers\n");
});

Deno.test("A name with everything in it goes through the menu as it is", async () => {
  const name = "`rm -rf $HOME`; \"quoted\", 'single', 薬局 💉 \\n";
  const stage = new Stage(["n", name, "00501", "v", name]);
  assertEquals(await stage.run("8892"), 0);
  assertStringIncludes(stage.stdout, `\n${name}, ZIP 00501, availability 0\n`);
  const outcome = await new VaxlogClient(stage.cluster).view(name);
  assertEquals(outcome.kind, "site");
});

Deno.test("A site is chosen by its number in the last list, which a terminal shows", async () => {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add("Rite Aid, Millville", "08332");
  stage.isTyped = true;
  stage.columns = 80;
  stage.lines = new TypedLines(["l", "v", "2", "q"]);
  assertEquals(await stage.run("8892", "8893"), 0);
  assertEquals(
    stage.stdout,
    `${head}${choice}No.  Availability  ZIP Code  Site Name
  1             0  02138     Harvard University
  2             0  08332     Rite Aid, Millville
${choice}Site name (empty: back): Rite Aid, Millville, ZIP 08332, availability 0
${choice}`,
  );
});

Deno.test("A site is chosen by the beginning of its name; where that is ambiguous, the menu shows which", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  for (const name of ["Rite Aid, Millville", "Rite Aid, Vineland"]) await client.add(name, "08332");
  await transcript(
    ["e", "harv", "3", "e", "rite", "2", "4", "q"],
    `${choice}e
Name of the site to edit (empty: back): harv
Harvard University, ZIP 02138, availability 0
New availability, a count, True, False or Unknown (now 0; empty: back): 3
Harvard University, ZIP 02138, availability 3
${choice}e
Name of the site to edit (empty: back): rite
2 sites begin with "rite"; type a number, or more of the name:
  1  Rite Aid, Millville
  2  Rite Aid, Vineland
Name of the site to edit (empty: back): 2
Rite Aid, Vineland, ZIP 08332, availability 0
New availability, a count, True, False or Unknown (now 0; empty: back): 4
Rite Aid, Vineland, ZIP 08332, availability 4
${choice}q
`,
    stage,
  );
});

Deno.test("The menu filters by ZIP, shows a history, retires and opens again", async () => {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add("Rite Aid, Millville", "08332", { recordedAt: 1_000 });
  await transcript(
    [
      "f",
      "083",
      "f",
      "x",
      "",
      "r",
      "rite",
      "closed",
      "l",
      "r",
      "Rite Aid, Millville",
      "y",
      "f",
      "08",
      "r",
      "rite",
      "",
      "q",
    ],
    `${choice}f
ZIP code, or how it begins (empty: back): 083
Availability,ZIP Code,Site Name
0,08332,"Rite Aid, Millville"
${choice}f
ZIP code, or how it begins (empty: back): x
Cannot take "x" as a ZIP code: give 1 to 10 digits, such as 02138
ZIP code, or how it begins (empty: back): 
${choice}r
Site to retire, or to open again (empty: back): rite
Rite Aid, Millville, ZIP 08332, availability 0
Why it is retired (empty: back): closed
Rite Aid, Millville, ZIP 08332, availability 0, retired: closed
${choice}l
Availability,ZIP Code,Site Name
0,02138,Harvard University
${choice}r
Site to retire, or to open again (empty: back): Rite Aid, Millville
Rite Aid, Millville, ZIP 08332, availability 0, retired: closed
Open it again? y (empty: back): y
Rite Aid, Millville, ZIP 08332, availability 0
${choice}f
ZIP code, or how it begins (empty: back): 08
Availability,ZIP Code,Site Name
0,08332,"Rite Aid, Millville"
${choice}r
Site to retire, or to open again (empty: back): rite
Rite Aid, Millville, ZIP 08332, availability 0
Why it is retired (empty: back): 
${choice}q
`,
    stage,
  );
  const history = new Stage(["h", "harv", "q"]);
  await new VaxlogClient(history.cluster).set("Harvard University", 12, { recordedAt: 1_000_000, who: "Ann" });
  assertEquals(await history.run("8892", "8893"), 0);
  assertStringIncludes(
    history.stdout,
    `Harvard University, ZIP 02138, availability 12
Entry  Recorded              What   Observed  Who  Source  Note
    2  1970-01-01T00:16:40Z  12               Ann
    1  from the start        added
`,
  );
});

Deno.test("The menu shows the newest entries of a long history, and says that there are more", async () => {
  const more = 'These are the newest 15; the command "history NAME" prints all\n';
  for (const reports of [14, 15]) {
    const stage = new Stage(["h", "harv", "q"]);
    const client = new VaxlogClient(stage.cluster);
    for (let i = 1; i <= reports; i++) await client.set("Harvard University", i, { recordedAt: 1_000_000 });
    assertEquals(await stage.run("8892", "8893"), 0);
    const entries = stage.stdout.match(/^ *[0-9]+ {2}(?:19\d\d-|from the start)/gm)?.map((it) => parseInt(it));
    assertEquals(entries, Array.from({ length: 15 }, (_, i) => reports + 1 - i));
    assertEquals(stage.stdout.includes(more), reports === 15);
  }
});

Deno.test("In a narrow window the menu breaks what it says between words, and keeps a choice together", async () => {
  const stage = new Stage();
  stage.lines = new TypedLines(["e", "Harvard University", "-1", "7", "q"]);
  stage.isTyped = true;
  stage.columns = 40;
  assertEquals(await stage.run("8892", "8893"), 0);
  const whole = /^(?:A site|Cannot take|New availability)/;
  assertEquals(stage.stdout.split("\n").filter((line) => line.length >= 40 && whole.test(line)), []);
  const [, ...lines] = stage.stdout.slice(stage.stdout.indexOf("[l]")).split("\n");
  assertEquals(lines.slice(0, 4), [
    "[f] filter them by ZIP  [v] view one",
    "[h] its history",
    "[e] edit its availability  [n] new site",
    "[r] retire or reopen one  [q] quit",
  ]);
  assertStringIncludes(stage.stdout, "(now 0; empty: back): ");
});
