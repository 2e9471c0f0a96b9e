import { assertEquals, assertStringIncludes } from "@std/assert";
import { feed } from "./feed_files.ts";
import { sitesOf } from "./import_stage.ts";
import { Stage } from "./stage.ts";

Deno.test("import of a feed reads the files beside its manifest, on the disk and on the web", async () => {
  for (const base of ["/feeds/", "http://127.0.0.1:1/feeds/"]) {
    const stage = new Stage();
    for (const [name, text] of Object.entries(feed)) stage.inputs.set(`${base}${name}`, text);
    assertEquals(await stage.run("8892", "import", `${base}bulk-publish.json`), 0, stage.stderr);
    assertEquals((await sitesOf(stage))[1], {
      id: 2,
      name: "Pharmacy",
      zip: "02139",
      availability: 7,
      unit: "appointments",
      observedAt: "2026-11-24T10:00:00Z",
    });
  }
});

Deno.test("import of a feed says which file is not there, and which manifest names it", async () => {
  for (const base of ["/feeds/", "http://127.0.0.1:1/feeds/"]) {
    const stage = new Stage();
    for (const [name, text] of Object.entries(feed)) {
      if (name !== "slots.ndjson") stage.inputs.set(`${base}${name}`, text);
    }
    assertEquals(await stage.run("8892", "import", `${base}bulk-publish.json`), 1);
    assertStringIncludes(
      stage.stderr,
      `Cannot read "${base}slots.ndjson": it is not there; the manifest "${base}bulk-publish.json" names it: see that`,
    );
  }
});

Deno.test("A manifest may not name files that are not beside it", async () => {
  const reachable = { "/feeds/": "file:///etc/passwd", "http://127.0.0.1:1/feeds/": "file:///feeds/locations.ndjson" };
  for (const [base, file] of Object.entries(reachable)) {
    const stage = new Stage();
    for (const [name, text] of Object.entries(feed)) {
      stage.inputs.set(`${base}${name}`, text.replace('"locations.ndjson"', `"${file}"`));
    }
    stage.inputs.set(new URL(file).pathname, feed["locations.ndjson"]);
    assertEquals(await stage.run("8892", "import", `${base}bulk-publish.json`), 1);
    assertStringIncludes(stage.stderr + stage.stdout, file);
    assertEquals(stage.cluster.sites.size, 1, "nothing was imported");
  }
});
