/** The files of the page: all that it asks for is there, and nothing is asked for elsewhere. */

import { assert, assertEquals } from "@std/assert";
import { pageFiles, withPaths } from "../../src/http/page/files.ts";

const granted = Deno.permissions.querySync({ name: "read" }).state === "granted";
const paths = new Set(pageFiles.map(({ path }) => path));
const texts = pageFiles.map((file) => ({ ...file, content: file.content as string }));

Deno.test("withPaths() gives packages their paths, and leaves all else alone", () => {
  assertEquals(withPaths('import{a}from"preact";', "./"), 'import{a}from"./preact.js";');
  assertEquals(
    withPaths('import "preact/hooks";\nfrom "./lib.js"', "./lib/"),
    'import "./lib/hooks.js";\nfrom "./lib.js"',
  );
  assertEquals(withPaths('const from = "htm";', "./"), 'const from = "htm";');
});

Deno.test("every module imports what is served", () => {
  const modules = texts.filter(({ contentType }) => contentType.startsWith("text/javascript"));
  assert(modules.length > 20);
  for (const { path, content } of modules) {
    for (const [, specifier] of content.matchAll(/\b(?:from|import)\s*"([\w./@-]+)"/g)) {
      assert(specifier.startsWith("./"), `${path} imports ${specifier}`);
      const wanted = new URL(specifier, `http://page${path}`);
      assert(wanted.host === "page" && paths.has(wanted.pathname), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("the page is one document without anything inline, and all that it links to is served", () => {
  const { content } = texts.find(({ path }) => path === "/")!;
  const links = [...content.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
  assert(links.length > 5);
  // Relative, so that a proxy may have the page at a path of its own.
  for (const link of links) assert(paths.has(`/${link}`), `${link} is not served`);
  assertEquals(/\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)/.test(content), false);
});

Deno.test({
  name: "every file of the page is served (needs --allow-read)",
  ignore: !granted,
  fn: async () => {
    for await (const { name } of Deno.readDir(new URL("../../src/http/page/", import.meta.url))) {
      const path = name === "index.html" ? "/" : `/page/${name}`;
      if (!name.endsWith(".ts")) assert(paths.has(path), `${name} is not served`);
    }
  },
});
