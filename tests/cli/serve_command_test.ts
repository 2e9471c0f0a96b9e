import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { setImmediate as turn } from "node:timers/promises";
import { AccessTable } from "../../src/access/access_table.ts";
import { entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import type { Bearers } from "../../src/http/access.ts";
import { HttpProblem } from "../../src/http/problems.ts";
import { testNeeding } from "../net/needing.ts";
import { Program } from "../cluster/program.ts";
import { Stage } from "./stage.ts";

Deno.test("serve says where the page is, runs until Ctrl-C, and ends with 0", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "8080");
  await stage.serving.promise;
  assertEquals([stage.served?.hostname, stage.served?.port, stage.isServed], ["127.0.0.1", 8080, true]);
  assertEquals(stage.served?.cluster.session.cluster, stage.cluster.cluster);
  stage.served?.log("Refused something");
  stage.interrupt();
  assertEquals([await run, stage.isServed], [0, false]);
  assertMatch(stage.stdout, /^The page: http:\/\/127\.0\.0\.1:8080\/#token=[0-9a-f]{32}\n$/);
  assertEquals(stage.stderr, "Refused something\n");
  // It reads no files, and writes none.
  assertEquals(stage.hasGivenUpFiles, true);
});

Deno.test("serve tells a person of refused requests now and then, and a file of each", async () => {
  for (const errorColumns of [80, undefined]) {
    const stage = new Stage();
    stage.errorColumns = errorColumns;
    const run = stage.run("8892", "serve", "--http", "0");
    await stage.serving.promise;
    assertEquals(stage.served?.logRefusal === undefined, errorColumns === 80);
    assertEquals(stage.served?.refusalHint, errorColumns === 80 ? "add 2> FILE to have a line for each" : undefined);
    stage.served?.logRefusal?.("Refused one", "warn");
    stage.interrupt();
    assertEquals([await run, stage.stderr], [0, errorColumns === 80 ? "" : "Refused one\n"]);
  }
});

Deno.test("serve is bound to what --http-host says", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http=0", "--http-host", "::1");
  await stage.serving.promise;
  assertEquals([stage.served?.hostname, stage.served?.port], ["::1", 0]);
  stage.interrupt();
  assertEquals(await run, 0);
});

Deno.test("serve takes --host, the former name of --http-host, and says what it is called now", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http=0", "--host=::1");
  await stage.serving.promise;
  assertEquals(stage.served?.hostname, "::1");
  stage.interrupt();
  assertEquals([await run, stage.stderr], [0, "--host is called --http-host now; please type that\n"]);
  const both = new Stage();
  assertEquals(await both.run("8892", "serve", "--http=0", "--host=::1", "--http-host", "::1"), 2);
  assertStringIncludes(both.stderr, '"--http-host" is given twice');
});

Deno.test("serve takes from the environment what is not typed", async () => {
  const stage = new Stage();
  for (const [name, value] of [["HTTP", "8080"], ["HTTP_HOST", "::1"], ["PUBLIC_READ", "true"], ["DATA", "d"]]) {
    stage.variables.set(`VAXLOG_${name}`, value);
  }
  const run = stage.run("8892", "serve", "--http-host", "127.0.0.2");
  await stage.serving.promise;
  assertEquals([stage.served?.hostname, stage.served?.port], ["127.0.0.2", 8080]);
  assertEquals(stage.served?.access.anonymous, "read");
  stage.interrupt();
  assertEquals(await run, 0);
  const wrong = new Stage();
  wrong.variables.set("VAXLOG_HTTP", "web");
  assertEquals(await wrong.run("8892", "serve"), 2);
  assertStringIncludes(wrong.stderr, 'VAXLOG_HTTP is "web": it must be an integer from 0 to 65535');
});

Deno.test("serve --log-format json prints objects, without the token of the link", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "0", "--http-host", "0.0.0.0", "--insecure", "--log-format", "json");
  await stage.serving.promise;
  stage.notify({ kind: "waiting", message: "No answer has come yet" });
  stage.served?.log("Refused something");
  stage.served?.logRefusal?.("Refused one", "error");
  stage.interrupt();
  assertEquals(await run, 0);
  const said = (text: string) =>
    text.trimEnd().split("\n").map((line) => JSON.parse(line)).map(({ time, ...said }) => {
      assertMatch(time, /^\d{4}-.*Z$/);
      return said;
    });
  assertEquals(said(stage.stdout), [{ level: "info", event: "gateway", message: "The page: http://0.0.0.0:0/" }]);
  const texts = said(stage.stderr).map(({ level, event, message }) => `${level} ${event}: ${message.slice(0, 22)}`);
  assertEquals(texts.sort(), [
    "error refused: Refused one",
    "warn gateway-says: No answer has come yet",
    "warn gateway-says: Refused something",
    "warn insecure: Warning: without TLS a",
  ]);
});

Deno.test("serve --auth-file lets the tokens of a file in, and reads it again on SIGHUP", async () => {
  const stage = new Stage();
  const token = new Token("ann", new Uint8Array(32).fill(1));
  const read: string[] = [];
  const tables: Bearers[] = [new AccessTable([entryOf(token, "report")]), new AccessTable([])].map((table) => ({
    holder: (text) => table.holder(text, 0),
  }));
  stage.readTokens = (file) => {
    read.push(file);
    const bearers = tables.shift();
    if (bearers === undefined) throw new Error(`Cannot use "${file}": it is not JSON`);
    return bearers;
  };
  const run = stage.run("8892", "serve", "--http", "0", "--auth-file", "auth.json");
  await stage.serving.promise;
  const caller = () => stage.served!.access.callerOf(`Bearer ${token.text}`);
  assertEquals([caller().name, caller().role], ["ann", "report"]);
  while (stage.hangup === undefined) await turn();
  stage.hangup();
  while (!stage.stderr.includes("again")) await turn();
  assertThrows(caller, HttpProblem, "does not count");
  stage.hangup();
  while (!stage.stderr.includes("JSON")) await turn();
  stage.interrupt();
  assertEquals([await run, read.length], [0, 3]);
  assertEquals(stage.stderr.split("\n").slice(0, 2), [
    "The tokens were read again",
    'Cannot use "auth.json": it is not JSON. The tokens of before count',
  ]);
  const damaged = new Stage();
  damaged.readTokens = stage.readTokens;
  assertEquals(await damaged.run("8892", "serve", "--http", "0", "--auth-file", "auth.json"), 1);
  assertEquals([damaged.stderr, damaged.served], ['Cannot use "auth.json": it is not JSON\n', undefined]);
});

Deno.test("serve publishes under what --public-url says", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "0", "--public-url", "https://example.org/vaccines");
  await stage.serving.promise;
  assertEquals(stage.served?.publicUrl, "https://example.org/vaccines/");
  stage.interrupt();
  assertEquals(await run, 0);
});

Deno.test("serve publishes as --cors and --stale-after say", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "0", "--cors", "--stale-after", "36h");
  await stage.serving.promise;
  assertEquals([stage.served?.cors, stage.served?.staleAfterMs], [true, 36 * 3_600_000]);
  stage.interrupt();
  assertEquals(await run, 0);
});

Deno.test("serve lets anyone read with --public-read, and change nothing", async () => {
  for (const isPublic of [false, true]) {
    const stage = new Stage();
    const run = stage.run("8892", "serve", "--http", "8080", ...isPublic ? ["--public-read"] : []);
    await stage.serving.promise;
    assertEquals(stage.served?.access.anonymous, isPublic ? "read" : undefined);
    stage.interrupt();
    assertEquals(await run, 0);
    const [, token] = /#token=(\w+)/.exec(stage.stdout) ?? [];
    assertEquals(stage.served?.access.callerOf(`Bearer ${token}`).role, "operate");
  }
});

Deno.test("serve is reached by other machines with --tls-dir, or with --insecure and a warning", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "8443", "--http-host", "0.0.0.0", "--tls-dir", "t");
  await stage.serving.promise;
  assertEquals(stage.served?.tls, { cert: "cert in t", key: "" });
  assertEquals(stage.hasGivenUpFiles, false);
  stage.interrupt();
  assertEquals([await run, stage.stderr], [0, ""]);
  const insecure = new Stage();
  const running = insecure.run("8892", "serve", "--http", "80", "--http-host", "0.0.0.0", "--insecure");
  await insecure.serving.promise;
  assertEquals([insecure.served?.tls, insecure.served?.insecure], [undefined, true]);
  insecure.interrupt();
  assertEquals(await running, 0);
  assertStringIncludes(insecure.stderr, "Warning: without TLS at 0.0.0.0, anyone on the network between can read");
});

Deno.test("serve reads the files of --tls-dir again on SIGHUP, and keeps what it has if they are bad", async () => {
  const stage = new Stage();
  const run = stage.run("8892", "serve", "--http", "8443", "--tls-dir", "t");
  await stage.serving.promise;
  stage.readTls = () => ({ cert: "renewed", key: "" });
  while (stage.hangup === undefined) await turn();
  stage.hangup();
  while (stage.renewed.length === 0) await turn();
  stage.readTls = () => {
    throw new Error("The certificate has expired");
  };
  stage.hangup!();
  while (!stage.stderr.includes("expired")) await turn();
  assertEquals(stage.renewed, [{ cert: "renewed", key: "" }]);
  stage.interrupt();
  assertEquals(await run, 0);
  const lines = stage.stderr.trimEnd().split("\n");
  assertEquals(lines, [
    "The certificate was read again",
    "The certificate has expired. The gateway keeps the certificate that it has",
  ]);
  assertEquals(stage.hangup, undefined);
});

Deno.test("serve says what is wrong with the files of --tls-dir, and serves nothing", async () => {
  const stage = new Stage();
  stage.readTls = () => {
    throw new Error('There is no "t/node.key"');
  };
  assertEquals(await stage.run("8892", "serve", "--http", "8443", "--tls-dir", "t"), 1);
  assertEquals([stage.stderr, stage.served], ['There is no "t/node.key"\n', undefined]);
});

Deno.test("serve says why it cannot listen", async () => {
  const stage = new Stage();
  stage.serveError = new Error("Address already in use");
  assertEquals(await stage.run("8892", "serve", "--http", "8080"), 1);
  assertEquals(
    stage.stderr,
    "Cannot listen at 127.0.0.1, port 8080: Address already in use; choose another --http\n",
  );
});

Deno.test("serve refuses a port or a host that is none", async () => {
  const wrong: [args: string[], message: string][] = [
    [[], "serve needs a port"],
    [["--http", "65536"], '--http is "65536"'],
    [["--http", "http"], '--http is "http"'],
    [["--http", "-1"], "--http"],
    [["--http", "1", "--http-host", "a b"], '--http-host is "a b"'],
    [["--http", "1", "--tls-dir="], "--tls-dir needs the name of a directory"],
    [
      ["--http", "1", "--http-host", "0.0.0.0"],
      '--http-host "0.0.0.0" lets other machines reach the gateway, and tokens would',
    ],
    [["--http", "1", "--tls-dir", "t", "--insecure"], "--insecure and --tls-dir exclude each other"],
    [["--public-url", "https://a.example"], "serve needs a port"],
    [["--http", "1", "--public-url", "a.example"], '--public-url is "a.example": it must be a whole URL'],
    [["--http", "1", "--public-url", "https://a.example/#b"], '--public-url is "https://a.example/#b": it must end'],
  ];
  for (const [args, message] of wrong) {
    const stage = new Stage();
    assertEquals(await stage.run("8892", "serve", ...args), 2, args.join(" "));
    assertStringIncludes(stage.stderr, message);
    assertEquals(stage.served, undefined);
  }
});

testNeeding(["run", "net", "read", "write"], "serve as a program, until Ctrl-C", async () => {
  const servers = new Program("servers without task", "2", "--base-port", "0");
  const [, ports] = await servers.said(/Clients: deno task client (.*)/);
  const publicUrl = "https://example.org/vaccines";
  const serve = ["serve", "--http", "0", "--public-url", publicUrl];
  const client = new Program("client without task", ...ports.split(" "), ...serve);
  const [, url, token] = await client.said(/The page: (\S+)#token=(\w+)/);
  const ask = (path: string, method = "GET") =>
    fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
  const stranger = await fetch(`${url}api/sites`);
  await stranger.body?.cancel();
  assertEquals(stranger.status, 401);
  const response = await ask("api/sites");
  assertEquals((await response.json()).sites.length, 1);
  assertEquals((await ask("api/replicas/0/kill", "POST").then((it) => it.json())).status, 404);
  await (await ask("api/events?after=0")).body?.cancel();
  const manifest = await (await ask("$bulk-publish")).json();
  assertEquals(manifest.request, `${publicUrl}/$bulk-publish`);
  client.signal("SIGINT");
  assertEquals((await client.ended()).code, 0);
  await servers.type("quit\n");
  assertEquals((await servers.end()).code, 0);
});
