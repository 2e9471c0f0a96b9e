/** docs/design/engine.md names each mutant, and no other one. */

import { assertEquals } from "@std/assert";
import page from "../../docs/design/engine.md" with { type: "text" };
import callers from "./caller_mutants_test.ts" with { type: "text" };
import etcd from "./etcd/rules_test.ts" with { type: "text" };
import nodes from "./mutants_test.ts" with { type: "text" };

Deno.test("docs/design/engine.md names the mutants that there are, and each of its rules has one", () => {
  const named = [...page.matchAll(/^\| ([CEK]\d+: [^|]+?) +\|/gm)].map(([, name]) => name);
  assertEquals(named, [...(nodes + callers + etcd).matchAll(/name:\s*"([^"]+)"/g)].map(([, name]) => name));
  const rules = new Set([...page.matchAll(/^- \*\*([CEK]\d+)\b/gm)].map(([, rule]) => rule));
  assertEquals(new Set(named.map((name) => name.slice(0, name.indexOf(":")))), rules);
});
