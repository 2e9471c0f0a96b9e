import { assertEquals } from "@std/assert";
import { formatSize, sizeBytes } from "../../src/front/sizes.ts";

Deno.test("sizeBytes() reads sizes with their unit, and nothing else", () => {
  const sizes = ["64MiB", "1 GiB", "1.5gib", "2TiB"];
  assertEquals(sizes.map(sizeBytes), [64 * 2 ** 20, 2 ** 30, 1.5 * 2 ** 30, 2 ** 41]);
  for (const typed of ["", "64", "64MB", "-1GiB", "1e3MiB", "GiB"]) {
    assertEquals(sizeBytes(typed), NaN, typed);
  }
});

Deno.test("formatSize() writes a size as it is typed, with a space", () => {
  assertEquals([2 ** 30, 64 * 2 ** 20, 1.5 * 2 ** 30, 2 ** 40].map(formatSize), [
    "1 GiB",
    "64 MiB",
    "1536 MiB",
    "1 TiB",
  ]);
});
