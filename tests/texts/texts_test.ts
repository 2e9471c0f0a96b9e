/**
 * The texts of the project are plain English in lines that fit: see docs/design/style.md, "Words".
 */

import { assert, assertEquals } from "@std/assert";
import { passagesOf } from "./passages.ts";
import { findingsIn, rules } from "./rules.ts";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const needs = "(needs --allow-read)";
const root = new URL("../../", import.meta.url);

const columnsMax = 120;

/** Folders of others, and files that a tool has written. */
const skipped = /^(?:\.git|node_modules)$|\.(?:png|svg|lock)$/;

async function filesBelow(folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = folder + name;
    if (skipped.test(path)) continue;
    if (isDirectory) files.push(...await filesBelow(`${path}/`));
    else if (/\.(?:md|ts|js|css|html)$/.test(path)) files.push(path);
  }
  return files.sort();
}

/** Whether the words of a file are checked too. The examples in tests/texts break the rules on purpose. */
function isRead(path: string): boolean {
  return path.endsWith(".md") || /^(?:src\/|bench\/|tests\/(?!texts\/)|main_|mod\.ts)/.test(path);
}

/** What is wrong with a file, a line each. */
function faultsOf(path: string, text: string): string[] {
  // A row of a table cannot be broken.
  const isRow = (line: string) => path.endsWith(".md") && line.startsWith("|");
  const faults = text.split("\n").flatMap((line, at) =>
    [...line].length > columnsMax && !isRow(line)
      ? [`${path}:${at + 1}: over ${columnsMax} columns: break the line`]
      : []
  );
  if (!isRead(path)) return faults;
  for (const { line, text: passage } of passagesOf(path, text)) {
    for (const { line: after, found, rule } of findingsIn(passage)) {
      faults.push(`${path}:${line + after}: ${rule.name}: "${found}": write ${rule.plain}`);
    }
  }
  return faults;
}

Deno.test({
  name: `texts are plain English, in lines of at most ${columnsMax} columns ${needs}`,
  ignore: !granted,
  fn: async () => {
    const faults: string[] = [];
    for (const path of await filesBelow()) faults.push(...faultsOf(path, await Deno.readTextFile(new URL(path, root))));
    assert(faults.length === 0, `these lines need plain words:\n${faults.join("\n")}`);
  },
});

/** For each rule, sentences that it refuses, and sentences that are right. */
const examples: Record<string, readonly [bad: readonly string[], good: readonly string[]]> = {
  "a sentence that begins with Who, Whoever or Whichever": [
    ["Who asks gets it.", "It ends. Whoever reads it knows."],
    ["Who asks?", "A client who asks gets it."],
  ],
  "What as the subject of a verb": [["What is lost comes back.", "It ends. What cannot be read is refused."], [
    "What is lost?",
    "What Vaxlog reads: CSV.",
  ]],
  "who without a noun before it": [["an answer for who asks", "known to whoever reads"], ["the person who asks"]],
  "who or what more": [["It says who more may fail."], ["It says how many more may fail."]],
  '"is no ..."': [["It is no number.", "They are no\nmembers."], ["There is no site.", "It is no longer there."]],
  'a sentence that begins with "Of"': [["Of two, one wins."], ["One of two wins.", "Of course it is."]],
  '"so many", "so long", "so much" for a number that is known': [["It sends so many bytes."], [
    "It sends so many that all wait.",
    "It waits so long as you do.",
  ]],
  '"anew"': [["It begins anew."], ["It begins again."]],
  '"ever so"': [["be there ever so many"], ["however many there are"]],
  '"one" for the reader': [["as often as one likes"], ["this one is the last"]],
  '"is nothing that"': [["A crash is nothing that a client notices."], ["Nothing that is sent is lost."]],
  '"by which"': [["the bound by which it ends"], ["the bound that ends it"]],
  '"upon which"': [["a NACK, upon which it starts"], ["a NACK. Then it starts."]],
  '"is told" or "is answered" with a status': [["It is told 409.", "It is answered 304."], ["It gets 409."]],
  '"stands behind"': [["what stands behind the mark"], ["what follows the mark"]],
  '"it is for ... to"': [["it is for the client to close it"], ["it is for the client"]],
  '"goes on"': [["The cluster goes on.", "It went\non."], ["The cluster continues.", "One that goes only once."]],
  '"makes ... again"': [["The link is made again."], ["The client reconnects."]],
  '"be it"': [["be it a crash or a hang"], ["whether it crashes or hangs"]],
  '"but for"': [["all but for one"], ["all except one"]],
  '"that there is not"': [["a frame that there is not"], ["a frame that does not exist"]],
  '"shall"': [["It shall end."], ["It must end."]],
};

Deno.test("every rule refuses its bad examples, and lets the good ones pass", () => {
  assertEquals(Object.keys(examples), rules.map(({ name }) => name));
  for (const [name, [bad, good]] of Object.entries(examples)) {
    for (const text of bad) assert(findingsIn(text).some(({ rule }) => rule.name === name), `"${text}" is not refused`);
    for (const text of good) assertEquals(findingsIn(text).map(({ rule }) => rule.name), [], text);
  }
});

Deno.test("faultsOf() gives the line, the words and the plain form, in comments, texts and prose", () => {
  const code = `/**
 * It begins
 * anew.
 */
const text = "a name " + // which
  "that is";
const more = "It is " +
  "no number";
// A value
// that there is not.
const regular = /is no "quote/;
const shown = html\`<p>Ends \${what({ is: "no" })} here</p><p>Of all, one.</p>\`;
`;
  assertEquals(faultsOf("src/x.ts", code), [
    'src/x.ts:3: "anew": "anew.": write "again" or "from scratch"',
    'src/x.ts:7: "is no ...": "is no number": write "is not a ..."',
    'src/x.ts:10: "that there is not": "that there is not.": write "that does not exist"',
    'src/x.ts:12: a sentence that begins with "Of": "Of all, one..": write put the subject first',
  ]);
  assertEquals(faultsOf("bench/x.ts", code).length, 4);
  assertEquals(faultsOf("tests/x_test.ts", code).length, 4);
  assertEquals(faultsOf("tests/texts/x_test.ts", code), []);
  const page = "# It is no heading\n\nA `is no` word.\n\n```\nis no\n```\n\n- It goes\n  on.\n\n| a | Of b |\n";
  assertEquals(faultsOf("docs/x.md", page), [
    'docs/x.md:9: "goes on": "goes on.": write "continues"',
    'docs/x.md:12: a sentence that begins with "Of": "Of b": write put the subject first',
  ]);
  assertEquals(faultsOf("tests/x.css", `a{}\n/* ${"ä".repeat(120)}`), [
    "tests/x.css:2: over 120 columns: break the line",
  ]);
});
