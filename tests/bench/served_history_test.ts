/** A small run of the bench of long histories, with real replicas. */

import { assert, assertEquals } from "@std/assert";
import type { Figures } from "../../bench/history/figures.ts";
import { parts } from "../../bench/history/history_options.ts";
import { measureHistories, smallSegments } from "../../bench/history/run.ts";
import { testNeeding } from "../net/needing.ts";

testNeeding(
  ["net", "run", "read", "write"],
  "replicas open and serve the history that the bench has made",
  async () => {
    const { signal } = new AbortController();
    const dir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      const asked = { reports: [20_000], sites: 500, feed: 3, dir, only: parts, isSmall: true, isJson: true };
      const text = await measureHistories({ ...asked, writesDocs: false }, signal, () => {});
      const [figures, feed]: Figures[] = JSON.parse(text);
      const { made, pages, watch, gaps, backup, restart, add, starts } = figures;
      assert(made.entries >= 20_000 && made.entries < 20_500, `${made.entries} entries`);
      // All but the last two segments are sealed, and a few bytes are left of each entry.
      assertEquals(made.sealedEntries, smallSegments.segmentEntries * 18);
      assert(made.entryFileBytes > made.sealedEntries && made.entryFileBytes < 10 * made.sealedEntries);
      // Sites that people report have fewer entries than a page.
      assert(pages!.entries > 5 && pages!.entries <= 20, `${pages!.entries} entries`);
      assert(watch!.entries >= made.entries);
      assert(gaps!.seals > 0 && backup!.bytes > made.entryFileBytes);
      for (const { ms } of [...starts!.cold, ...starts!.warm, restart!, add!]) assert(ms > 0);
      assert(figures.restoreMs! > 0 && figures.steadyMiB! > 20 && figures.peakMiB! >= figures.steadyMiB!);
      assertEquals(feed.made.polls, 3);
      assert(feed.made.documents >= 450 && feed.made.documentFileBytes > 0);
      assert(feed.made.documentFileBytes < feed.made.documentBytes / 4, `${feed.made.documentFileBytes} bytes`);
      // Nothing is left but what can be used again.
      assertEquals([...Deno.readDirSync(dir)].filter(({ name }) => name.startsWith("scratch")), []);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);
