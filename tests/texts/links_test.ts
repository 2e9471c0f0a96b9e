/** Every link in the documentation leads somewhere, and every file that it names exists. */

import { assertEquals } from "@std/assert";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const needs = "(needs --allow-read)";
const root = new URL("../../", import.meta.url);

async function pages(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (name === ".git" || name === "node_modules") continue;
    if (isDirectory) found.push(...await pages(`${folder}${name}/`));
    else if (name.endsWith(".md")) found.push(folder + name);
  }
  return found.sort();
}

/** The text with what is code left out, of several lines or of a few words. */
function proseOf(page: string): string {
  return page.replace(/^ *```[^]*?^ *```$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** What a heading is called in a link, as GitHub has it; a second heading of one name has a number. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const text = page.replace(/^ *```[^]*?^ *```$/gm, "");
  for (const [, heading] of text.matchAll(/^#{1,6} +(.*)$/gm)) {
    const bare = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "").toLowerCase();
    const anchor = bare.replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");
    let name = anchor;
    for (let nth = 1; anchors.has(name); nth++) name = `${anchor}-${nth}`;
    anchors.add(name);
  }
  return anchors;
}

/** Where the links of a page lead, with where each stands. */
export function linksOf(page: string): string[] {
  const prose = proseOf(page);
  return [...prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: +(\S+)$/gm)].map(([, inline, below]) => inline ?? below);
}

async function exists(path: URL): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name: `every relative link in the documentation, and every anchor, leads somewhere ${needs}`,
  ignore: !granted,
  fn: async () => {
    const lost: string[] = [];
    for (const path of await pages()) {
      for (const link of linksOf(await Deno.readTextFile(new URL(path, root)))) {
        if (/^[a-z]+:/.test(link)) continue;
        const [file, anchor] = link.split("#");
        const target = file === "" ? new URL(path, root) : new URL(file, new URL(path, root));
        if (!await exists(target)) lost.push(`${path}: "${link}": there is no such file`);
        else if (anchor !== undefined && !anchorsOf(await Deno.readTextFile(target)).has(anchor)) {
          lost.push(`${path}: "${link}": there is no such heading`);
        }
      }
    }
    assertEquals(lost, []);
  },
});

Deno.test({
  name: `every file that the documentation names exists, and so does every page that the code names ${needs}`,
  ignore: !granted,
  fn: async () => {
    const lost: string[] = [];
    const namedIn = async (path: string, pattern: RegExp) => {
      const text = await Deno.readTextFile(new URL(path, root));
      for (const [, named] of text.matchAll(pattern)) {
        if (!await exists(new URL(named, root))) lost.push(`${path}: "${named}": there is no such file`);
      }
    };
    for (const path of await pages()) {
      if (path === "CHANGELOG.md") continue;
      await namedIn(path, /`((?:(?:src|tests|bench|docs|examples)\/[\w./]*|main_\w+\.ts|mod\.ts))`/g);
    }
    for (const path of await sources()) await namedIn(path, /\b(docs\/[\w/]+\.(?:md|svg))\b/g);
    assertEquals(lost, []);
  },
});

Deno.test({
  name: `the architecture says what each folder of src holds ${needs}`,
  ignore: !granted,
  fn: async () => {
    const page = await Deno.readTextFile(new URL("docs/design/architecture.md", root));
    const told = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, folder]) => folder);
    const folders: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(new URL("src/", root))) if (isDirectory) folders.push(name);
    assertEquals(told.toSorted(), [...folders, "src", "tests"].toSorted());
  },
});

async function sources(folders = ["src/", "tests/", "bench/"]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
      const path = folder + name;
      if (isDirectory) found.push(...await sources([`${path}/`]));
      // The tests of these checks name pages that do not exist.
      else if (/\.(?:ts|js|txt)$/.test(name) && !path.startsWith("tests/texts/")) found.push(path);
    }
  }
  return found;
}

Deno.test("anchorsOf() and linksOf() see headings and links, and not those in code", () => {
  const page = "# A, `b` and (c): d_e\n\n## A\n\n## A\n\n```\n# no heading\n[x](no.md)\n```\n\n" +
    "[a](b.md#c) `[x](no.md)` ![p][q]\n\n[q]: r.png\n";
  assertEquals([...anchorsOf(page)], ["a-b-and-c-d_e", "a", "a-1"]);
  assertEquals(linksOf(page), ["b.md#c", "r.png"]);
});
