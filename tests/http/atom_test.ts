/** The Atom feed. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { atomEntriesMax } from "../../src/http/atom_feed.ts";
import { atomEveryMs, atomFeedsMax } from "../../src/http/atom_route.ts";
import { GatewayStage, placeAt } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

/** The entries of a feed, as a reader takes them. */
function entriesOf(text: string) {
  return text.split("<entry>").slice(1).map((entry) => {
    const text = (name: string) => decoded(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, "s").exec(entry)?.[1] ?? "");
    return {
      id: text("id"),
      title: text("title"),
      updated: text("updated"),
      link: decoded(/<link href="([^"]*)"/.exec(entry)![1]),
      content: text("content"),
      who: text("name"),
    };
  });
}

/** The text of XML; what CDATA has stays HTML. */
function decoded(xml: string): string {
  const sections = xml.split(/(<!\[CDATA\[.*?\]\]>)/s);
  return sections.map((section) => {
    if (section.startsWith("<![CDATA[")) return section.slice(9, -3);
    return section.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  }).join("");
}

async function feed(stage: GatewayStage, query = "") {
  const { status, headers, text } = await stage.ask("GET", `/feed.atom${query}`);
  assertEquals([status, headers.get("content-type")], [200, "application/atom+xml; charset=utf-8"]);
  return { text, entries: entriesOf(text), etag: headers.get("etag")! };
}

/** Lets the gateway take the feed that it has for too old. */
function later(stage: GatewayStage): void {
  stage.nowMs += atomEveryMs;
}

Deno.test("a feed has the newest change of each site, with an id that stays, its time and a link", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Rite Aid, Millville", zip: "08332" });
  await stage.done("POST", `${harvard}/reports`, { value: 5, observedAt: 1_000 });
  const report = { value: 40, unit: "doses", who: "Ann", source: "a call", note: "until 6" };
  await stage.done("POST", `${harvard}/reports`, { ...report, observedAt: stage.nowMs });
  // This one came late, and the site never showed it.
  await stage.done("POST", `${harvard}/reports`, { value: 0, observedAt: 2_000 });
  const { text, entries } = await feed(stage);
  assertEquals(entries.map(({ id, title }) => [id, title]), [
    [`urn:vaxlog:entry:${placeAt(4)}`, "Harvard University: 40 doses"],
    [`urn:vaxlog:entry:${placeAt(2)}`, "Rite Aid, Millville: added"],
  ]);
  assertEquals(entries[0].link, "http://127.0.0.1/#/sites/Harvard%20University");
  assertEquals(entries[0].who, "Ann");
  assertEquals(
    entries[0].content,
    `<p>ZIP code 02138.</p><p>Observed at ${new Date(stage.nowMs).toISOString()}.</p><p>Source: a call</p>` +
      "<p>Note: until 6</p>",
  );
  assertMatch(entries[0].updated, /^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
  assertStringIncludes(text, `<updated>${entries[0].updated}</updated>`);
  assertStringIncludes(text, '<link rel="self" href="http://127.0.0.1/feed.atom"/>');
  assertStringIncludes(text, '<link rel="alternate" href="http://127.0.0.1/#/sites"/>');
  assertStringIncludes(text, `<id>urn:vaxlog:feed:${placeAt(0).slice(0, -2)}</id>`);
});

Deno.test("a feed with available has the newest arrival of each site, also where nothing is left", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Fenway", zip: "02215" });
  await stage.done("POST", "/api/sites", { name: "Nothing", zip: "02215" });
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  await stage.done("POST", `${harvard}/reports`, { value: 6 });
  await stage.done("POST", "/api/sites/Fenway/reports", { value: "unknown" });
  await stage.done("POST", "/api/sites/Fenway/reports", { value: true });
  await stage.done("POST", "/api/sites/Fenway/reports", { value: 0 });
  const titles = async (query: string) => (await feed(stage, query)).entries.map(({ title }) => title);
  // The form that people write, without a value.
  assertEquals(await titles("?available"), [
    "Fenway: True (was unknown)",
    "Harvard University: 5 (was never reported)",
  ]);
  assertEquals(await titles("?zip=022&available"), ["Fenway: True (was unknown)"]);
  assertEquals(await titles("?near=02138&within=1mi&available=true"), ["Harvard University: 5 (was never reported)"]);
  assertEquals(await titles("?q=fen"), ["Fenway: 0"]);
  const { text } = await feed(stage, "?within=1mi&near=02138&q=a%26b");
  assertStringIncludes(text, 'href="http://127.0.0.1/feed.atom?q=a%26b&amp;near=02138&amp;within=1mi"');
  assertStringIncludes(text, "<updated>1970-01-01T00:00:00.000Z</updated>");
});

Deno.test("a feed leaves retired sites out unless they are asked for, and says nothing of documents", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  await stage.ask("POST", "/api/batch", [{ op: "document", name: "Harvard University", document: "{}" }]);
  await stage.gateway.services.reached(3);
  assertEquals((await feed(stage)).entries.map(({ title }) => title), ["Harvard University: 5"]);
  await stage.done("POST", `${harvard}/retire`, { reason: "closed" });
  later(stage);
  assertEquals((await feed(stage)).entries, []);
  assertEquals((await feed(stage, "?retired")).entries.map(({ title }) => title), [
    "Harvard University: retired: closed",
  ]);
});

Deno.test("what a site is called cannot break a feed, or be taken for markup", async () => {
  await using stage = new GatewayStage();
  const name = `<b>&amp; "]]>'\uffff\ufffe#?/`;
  await stage.done("POST", "/api/sites", { name, zip: "1" });
  await stage.done("POST", `/api/sites/${encodeURIComponent(name)}/reports`, { value: 1, who: "]]><x>&", note: "]]>" });
  const { text, entries } = await feed(stage, "?zip=1");
  assertEquals(entries[0].title, `&lt;b&gt;&amp;amp; "]]&gt;'\ufffd\ufffd#?/: 1`);
  assertEquals(entries[0].who, "]]><x>&");
  assertEquals(decodeURIComponent(entries[0].link.split("#/sites/")[1]), name);
  assertEquals(text.match(/<x>/), null);
  assert(!/[\ufffe\uffff]/.test(text));
});

Deno.test("a feed that has not changed is 304, and a change elsewhere leaves its tag", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Fenway", zip: "02215" });
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  const { etag } = await feed(stage, "?zip=021");
  const ask = async () => {
    const { status, headers, text } = await stage.ask("GET", "/feed.atom?zip=021", undefined, {
      "if-none-match": etag,
    });
    assertEquals(text === "", status === 304);
    return [status, headers.get("etag") === etag];
  };
  assertEquals(await ask(), [304, true]);
  await stage.done("POST", "/api/sites/Fenway/reports", { value: 5 });
  later(stage);
  assertEquals(await ask(), [304, true]);
  await stage.done("POST", `${harvard}/reports`, { value: 6 });
  // As it was a moment ago.
  assertEquals(await ask(), [304, true]);
  later(stage);
  assertEquals(await ask(), [200, false]);
});

Deno.test("a feed has the newest entries up to a bound, whatever the order of the names", async () => {
  await using stage = new GatewayStage();
  const names = Array.from({ length: 3 * atomEntriesMax }, (_, at) => `Site ${(at * 7) % (3 * atomEntriesMax)}`);
  await stage.ask("POST", "/api/batch", names.map((name) => ({ op: "add", name, zip: "1" })));
  await stage.gateway.services.reached(names.length + 1);
  const { entries } = await feed(stage);
  assertEquals(
    entries.map(({ title }) => title),
    names.slice(-atomEntriesMax).reverse().map((name) => `${name}: added`),
  );
});

Deno.test("another log has another feed, with ids of its own", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  const before = await feed(stage);
  stage.cluster.startAnew();
  await stage.gateway.services.ready();
  const after = await feed(stage);
  assertEquals([before.entries.length, after.entries.length], [1, 1]);
  assert(before.entries[0].id !== after.entries[0].id);
});

Deno.test("a gateway behind a URL of its own gives links with that", async () => {
  await using stage = new GatewayStage({ publicUrl: "https://example.org/vax/" });
  const { text } = await feed(stage);
  assertStringIncludes(text, 'href="https://example.org/vax/feed.atom"');
  assertStringIncludes(text, 'href="https://example.org/vax/#/sites/Harvard%20University"');
});

Deno.test("many different feeds are made one after the other, and each is right", async () => {
  await using stage = new GatewayStage();
  const asked = Array.from(
    { length: 2 * atomFeedsMax },
    (_, at) => feed(stage, `?q=harvard&zip=${at % 2 ? "02138" : at}`),
  );
  for (const [at, { entries }] of (await Promise.all(asked)).entries()) {
    assertEquals(entries.length, at % 2 || at === 0 ? 1 : 0);
  }
});

Deno.test("a feed that makes no sense is refused", async () => {
  await using stage = new GatewayStage();
  for (const query of ["near=00001", "within=5mi", "page=2", "available&available"]) {
    assertEquals((await stage.ask("GET", `/feed.atom?${query}`)).status, 400, query);
  }
});
