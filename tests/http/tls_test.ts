import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Access } from "../../src/http/access.ts";
import { GatewayServer } from "../../src/http/serve.ts";
import { readTlsPair, type TlsFolder } from "../../src/http/tls.ts";
import { testNeeding } from "../net/needing.ts";
import { subjectAt } from "./peer_certificate.ts";
import { WatchedCluster } from "./stage.ts";
import { otherAuthority, secondPair, testAuthority, testPair } from "./test_certs.ts";

const access = new Access({ anonymous: "report" });
const nowMs = Date.UTC(2026, 10, 24);

/** A directory in memory; a file that is an error cannot be read. */
function folderOf(files: Readonly<Record<string, string | Error>>, mode: number | null = 0o100600): TlsFolder {
  return {
    readTextFile: (path) => {
      const file = files[path.replace(/^tls\//, "")];
      if (typeof file === "string") return Promise.resolve(file);
      return Promise.reject(file ?? new Deno.errors.NotFound("No such file or directory (os error 2)"));
    },
    stat: () => Promise.resolve({ mode }),
  };
}

const whole = { "ca.crt": testAuthority, "node.crt": testPair.cert, "node.key": testPair.key };

Deno.test("a certificate and its key are read, with the authority that has signed them or without", async () => {
  assertEquals(await readTlsPair("tls", nowMs, folderOf(whole)), testPair);
  const { "ca.crt": _, ...alone } = whole;
  assertEquals(await readTlsPair("tls", nowMs, folderOf(alone)), testPair);
  // A system without such bits has none to check.
  assertEquals(await readTlsPair("tls", nowMs, folderOf(whole, null)), testPair);
  // The certificate of the authority may follow that of the gateway.
  const chain = testPair.cert + testAuthority;
  assertEquals((await readTlsPair("tls", nowMs, folderOf({ ...alone, "node.crt": chain }))).cert, chain);
});

Deno.test("a pair that no client could use is refused, in a sentence with the file and what to do", async () => {
  const denied = new Deno.errors.PermissionDenied("Permission denied (os error 13): readfile 'tls/node.key'");
  const before = Date.UTC(2019, 11, 31);
  const after = Date.UTC(2120, 0, 2);
  const cases: [folder: TlsFolder, atMs: number, message: RegExp][] = [
    [
      folderOf({ ...whole, "node.key": undefined! }),
      nowMs,
      /^There is no "tls\/node\.key": .*servers cert --dir "tls"/,
    ],
    [folderOf({}), nowMs, /^There is no "tls\/node\.crt": --tls-dir needs it/],
    [folderOf({ ...whole, "node.key": denied }), nowMs, /^Cannot read "tls\/node\.key": Permission denied \(os error/],
    [folderOf({ ...whole, "ca.crt": denied }), nowMs, /^Cannot read "tls\/ca\.crt": Permission denied/],
    [folderOf(whole, 0o100640), nowMs, /^Others may read the key "tls\/node\.key" \(mode 640\): run chmod 600/],
    [folderOf(whole, 0o100604), nowMs, /\(mode 604\)/],
    [folderOf({ ...whole, "node.crt": "nonsense" }), nowMs, /^There is no certificate in "tls\/node\.crt": .* PEM/],
    [
      folderOf({ ...whole, "node.crt": testPair.cert.replace(/\n[^-]{9}/, "\n") }),
      nowMs,
      /^There is no certificate in "tls/,
    ],
    [folderOf({ ...whole, "node.crt": " ".repeat(30_000) }), nowMs, /^Cannot read "tls\/node\.crt": it has over/],
    [folderOf({ ...whole, "node.key": testPair.cert }), nowMs, /^There is no key in "tls\/node\.key": .*passphrase/],
    [
      folderOf({ ...whole, "node.key": secondPair.key }),
      nowMs,
      /^The key "tls\/node\.key" does not belong to/,
    ],
    [folderOf({ ...whole, "ca.crt": otherAuthority }), nowMs, /^The certificate "tls\/node\.crt" is not of "tls\/ca/],
    [folderOf(whole), after, /^The certificate "tls\/node\.crt" has expired at 2120-01-01T00:00:00Z: renew it/],
    [folderOf(whole), before, /^The certificate .* is valid from 2020-01-01T00:00:00Z on: look at the clock/],
  ];
  for (const [folder, atMs, message] of cases) {
    const error = await assertRejects(() => readTlsPair("tls", atMs, folder), Error);
    assertMatch(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  }
});

testNeeding(["net"], "a gateway with TLS serves those that trust its authority, and nobody without TLS", async () => {
  const server = new GatewayServer({
    cluster: new WatchedCluster(),
    access,
    hostname: "127.0.0.1",
    port: 0,
    tls: testPair,
    log: () => {},
  });
  assertMatch(server.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
  using trusting = Deno.createHttpClient({ caCerts: [testAuthority] });
  using strange = Deno.createHttpClient({ caCerts: [otherAuthority] });
  for (const host of ["127.0.0.1", "localhost"]) {
    const response = await fetch(`https://${host}:${server.port}/health`, { client: trusting });
    assertEquals((await response.json()).ok, true);
  }
  await assertRejects(() => fetch(`${server.url}health`, { client: strange }), TypeError);
  await assertRejects(() => fetch(`${server.url}health`.replace("https", "http")), TypeError);
  await server.close();
});

testNeeding(["net"], "a renewed certificate is served at the same port, and events of before continue", async () => {
  const cluster = new WatchedCluster();
  const server = new GatewayServer({ cluster, access, hostname: "127.0.0.1", port: 0, tls: testPair, log: () => {} });
  using first = Deno.createHttpClient({ caCerts: [testAuthority] });
  const events = await fetch(`${server.url}api/events?after=0`, { client: first });
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  const seeing = async (pattern: RegExp) => {
    while (!pattern.test(seen)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The events ended:\n${seen}`);
      seen += value;
    }
  };
  await seeing(/-1\n/);
  assertEquals(await subjectAt(server.port), "Test node");
  for (const [pair, subject] of [[secondPair, "Test second"], [testPair, "Test node"]] as const) {
    await server.renew(pair);
    assertEquals(await subjectAt(server.port), subject);
  }
  using second = Deno.createHttpClient({ caCerts: [testAuthority] });
  const response = await fetch(`${server.url}api/sites/Harvard%20University/reports`, {
    client: second,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"value":7}',
  });
  assertEquals((await response.json()).entry, 2);
  await seeing(/"availability":7/);
  await server.close();
  await reader.cancel();
});
