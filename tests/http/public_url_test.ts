import { assertEquals, assertStringIncludes } from "@std/assert";
import { Access } from "../../src/http/access.ts";
import { publicUrlOf, whyNotPublicUrl } from "../../src/http/public_url.ts";
import { GatewayStage, placeAt, requestOf } from "./stage.ts";

Deno.test("publicUrlOf() gives a URL with a slash at its end, whatever it ended with", () => {
  const forms: [text: string, url: string][] = [
    ["https://vaccines.example", "https://vaccines.example/"],
    ["https://vaccines.example/", "https://vaccines.example/"],
    ["HTTP://Vaccines.Example:80", "http://vaccines.example/"],
    ["http://192.0.2.7:8080/a/b", "http://192.0.2.7:8080/a/b/"],
    ["https://[2001:db8::7]/vaccines/", "https://[2001:db8::7]/vaccines/"],
    ["https://example.org/@here", "https://example.org/@here/"],
  ];
  for (const [text, url] of forms) assertEquals([whyNotPublicUrl(text), publicUrlOf(text)], [undefined, url]);
});

Deno.test("whyNotPublicUrl() says what is wrong with one that nobody could ask for", () => {
  const wrong: [text: string, why: string][] = [
    ["", "must be a whole URL"],
    ["vaccines.example", "must be a whole URL"],
    ["//vaccines.example", "must be a whole URL"],
    ["https:vaccines.example", "must be a whole URL"],
    ["https://", "must be a whole URL"],
    ["https:///vaccines", "must be a whole URL"],
    ["https:\\\\vaccines.example", "must be a whole URL"],
    ["https://vaccines.example/a b", "must be a whole URL"],
    ["https://vaccines.example:99999", "must be a whole URL"],
    [" https://vaccines.example", "must be a whole URL"],
    ["ftp://vaccines.example", "begins with https:// or http://"],
    ["file:///etc/passwd", "begins with https:// or http://"],
    ["https://vaccines.example/?", "without a query"],
    ["https://vaccines.example/?a=b", "without a query"],
    ["https://vaccines.example/#top", "a fragment"],
    ["https://ada@vaccines.example", "a user or a password"],
    ["https://ada:secret@vaccines.example", "a user or a password"],
    [`https://vaccines.example/${"x".repeat(8192)}`, "at most 8192 characters"],
  ];
  for (const [text, why] of wrong) assertStringIncludes(whyNotPublicUrl(text) ?? "it can", why, text);
});

Deno.test("the manifest and its files are under the public URL, with its path", async () => {
  await using stage = new GatewayStage({ publicUrl: "https://example.org/vaccines/" });
  await stage.gateway.services.ready();
  const { json } = await stage.ask("GET", "/$bulk-publish?_since=1970-01-01T00:00:00Z");
  assertEquals(json.request, "https://example.org/vaccines/$bulk-publish?_since=1970-01-01T00%3A00%3A00Z");
  assertEquals(json.output.map(({ url }: { url: string }) => url.replace(/\?.*/, "")), [
    `https://example.org/vaccines/$bulk-publish/${placeAt(2)}/locations.ndjson`,
    `https://example.org/vaccines/$bulk-publish/${placeAt(2)}/schedules.ndjson`,
    `https://example.org/vaccines/$bulk-publish/${placeAt(2)}/slots.ndjson`,
  ]);
});

Deno.test("a proxy asks by the public name or the gateway's own, and the page at either makes changes", async () => {
  await using stage = new GatewayStage({ publicUrl: "https://vaccines.example/" });
  const status = async (host: string, origin: string) => {
    const request = new Request(`http://${host}/api/sites`, requestOf("POST", "/x", { value: 1 }, { origin }));
    return (await stage.gateway.fetch(request)).status;
  };
  // The body is not a site: the problem shows that the gateway has read it.
  for (const host of ["127.0.0.1:8080", "vaccines.example", "vaccines.example:443"]) {
    assertEquals(await status(host, "https://vaccines.example"), 400, host);
  }
  assertEquals(await status("127.0.0.1:8080", "http://127.0.0.1:8080"), 400);
  for (const origin of ["http://vaccines.example", "https://vaccines.example:8443", "https://evil.example", "null"]) {
    assertEquals(await status("127.0.0.1:8080", origin), 403, origin);
  }
  assertEquals(await status("evil.example", "https://vaccines.example"), 421);
  assertEquals(await status("vaccines.example.evil.example", "https://vaccines.example"), 421);
});

Deno.test("no cache gives a manifest to others that a client has asked for by another address", async () => {
  const ask = async (stage: GatewayStage, host: string, headers: Record<string, string> = {}) => {
    await stage.gateway.services.ready();
    const response = await stage.gateway.fetch(new Request(`http://${host}/$bulk-publish`, { headers }));
    const text = await response.text();
    return { status: response.status, text, tag: response.headers.get("etag")!, headers: response.headers };
  };
  await using stage = new GatewayStage({ host: "0.0.0.0" });
  const evil = await ask(stage, "6.6.6.6");
  assertStringIncludes(evil.text, '"http://6.6.6.6/$bulk-publish/');
  const own = await ask(stage, "192.0.2.7:8080", { "if-none-match": evil.tag });
  assertEquals([own.status, own.text.includes("6.6.6.6"), own.tag === evil.tag], [200, false, false]);
  assertEquals((await ask(stage, "192.0.2.7:8080", { "if-none-match": own.tag })).status, 304);
  for (const path of ["/$bulk-publish", "/feed.atom"]) {
    const response = await stage.gateway.fetch(new Request(`http://6.6.6.6${path}`));
    await response.body?.cancel();
    assertEquals(response.headers.get("cache-control"), "private, max-age=60", path);
  }
  // What takes a token to read is for the client that has it.
  const access = new Access({ linkToken: "secret" });
  await using closed = new GatewayStage({ publicUrl: "https://example.org/", access }, stage.cluster);
  await closed.gateway.services.ready();
  const bearer = { authorization: "Bearer secret" };
  const kept = await closed.ask("GET", "/$bulk-publish", undefined, bearer);
  assertEquals(kept.headers.get("cache-control"), "private, max-age=60");
  const file = new URL(kept.json.output[0].url).pathname;
  const { headers } = await closed.ask("GET", file, undefined, bearer);
  assertEquals(headers.get("cache-control"), "private, max-age=31536000, immutable");
  // With a public URL, all clients get the same bytes, under the same tag.
  await using behind = new GatewayStage({ host: "0.0.0.0", publicUrl: "https://example.org/" }, stage.cluster);
  const [one, other] = [await ask(behind, "6.6.6.6"), await ask(behind, "example.org")];
  assertEquals([one.text, one.tag], [other.text, other.tag]);
  assertEquals(one.headers.get("cache-control"), "public, max-age=60");
});
