/** The files of the page: all that it asks for is there, and nothing is asked for elsewhere. */

import { assert, assertEquals } from "@std/assert";
import { forBrowser, pageFiles } from "../../src/http/page_files.ts";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const paths = new Set(pageFiles.map(({ path }) => path));
const texts = pageFiles.map((file) => ({ ...file, content: file.content() }));

Deno.test("forBrowser() gives packages their paths, drops types, and leaves all else alone", () => {
  assertEquals(forBrowser('import{a}from"preact";', "/page/lib/x.js"), 'import{a}from"../../page/lib/preact.js";');
  assertEquals(
    forBrowser('import "preact/hooks";\nimport x from "./lib.ts";', "/page/src/http/page/x.ts").replaceAll("../", ""),
    'import "page/lib/preact_hooks.js";\nimport x from "./lib.ts";',
  );
  assertEquals(forBrowser('const from = "htm";', "/page/x.js"), 'const from = "htm";');
  assertEquals(forBrowser("const x: number = 1;", "/page/x.ts").replaceAll(" ", ""), "constx=1;");
});

Deno.test("every module imports what is served", () => {
  const modules = texts.filter(({ contentType }) => contentType.startsWith("text/javascript"));
  assert(modules.length > 20);
  for (const { path, content } of modules) {
    // An example in a comment is of no module.
    const code = content.replaceAll(/^ \*.*$/gm, "");
    for (const [, specifier] of code.matchAll(/\b(?:from|import)\s*"([\w./@-]+)"/g)) {
      assert(specifier.startsWith("."), `${path} imports ${specifier}`);
      // Below a path of a proxy, the same path leads elsewhere if it goes too far up.
      const wanted = new URL(specifier, `http://page/proxy${path}`).pathname;
      assert(wanted.startsWith("/proxy/") && paths.has(wanted.slice(6)), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("the page is one document without anything inline, and all that it links to is served", () => {
  const { content } = texts.find(({ path }) => path === "/")!;
  const links = [...content.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
  assert(links.length > 5);
  // Relative, so that a proxy may have the page at a path of its own.
  for (const link of links) assert(link === "feed.atom" || paths.has(`/${link}`), `${link} is not served`);
  assertEquals(/\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/.test(content), false);
});

Deno.test({
  name: "every file of the page is served (needs --allow-read)",
  ignore: !granted,
  fn: async () => {
    for await (const { name } of Deno.readDir(new URL("../../src/http/page/", import.meta.url))) {
      if (name === "deno.json") continue;
      const path = name === "index.html" ? "/" : name.endsWith(".ts") ? `/page/src/http/page/${name}` : `/page/${name}`;
      assert(paths.has(path), `${name} is not served`);
    }
  },
});
