/** Which pattern a path belongs to. */

import { assertEquals } from "@std/assert";
import { Router } from "../../src/http/router.ts";

function routerOf(...patterns: readonly string[]): Router<string> {
  const router = new Router<string>();
  for (const pattern of patterns) assertEquals(router.at(pattern, () => pattern), pattern);
  return router;
}

Deno.test("find() gives the pattern of a path, and its parameters with their escapes", () => {
  const router = routerOf("/", "/a", "/a/{name}", "/a/{name}/b/{id}", "/a/fixed");
  const found: [path: string, target: string | undefined, parameters?: Record<string, string>][] = [
    ["/", "/", {}],
    ["/a", "/a", {}],
    ["/a/x%2Fy%", "/a/{name}", { name: "x%2Fy%" }],
    ["/a/fixed", "/a/fixed", {}],
    ["/%61/f%69xed", "/a/fixed", {}],
    ["/a/1/b/2", "/a/{name}/b/{id}", { name: "1", id: "2" }],
    ["/a/__proto__", "/a/{name}", { name: "__proto__" }],
    ["/a/", undefined],
    ["/a/x/b", undefined],
    ["/a/x/b/", undefined],
    ["/a/x/b/y/", undefined],
    ["//a", undefined],
    ["/A", undefined],
    ["", undefined],
    ["/constructor", undefined],
  ];
  for (const [path, target, parameters] of found) {
    const match = router.find(path);
    assertEquals([match?.target, match?.parameters], [target, parameters], path);
  }
});

Deno.test("at() makes the target of a pattern once", () => {
  const router = new Router<number[]>();
  router.at("/a/{x}", () => []).push(1);
  router.at("/a/{x}", () => []).push(2);
  assertEquals(router.find("/a/b")?.target, [1, 2]);
});
