/**
 * Commands and HTTP requests on replicas and on nodes: both say the same, and come to the same database.
 */

import { assert, assertEquals } from "@std/assert";
import { Access } from "../../src/http/access.ts";
import { GatewayServer } from "../../src/http/serve.ts";
import { linkOf } from "../../src/http/session_link.ts";
import { fetchAnswers } from "../../src/net/client/status.ts";
import { fetchCopy, openConnection, tokenAt, watchEntries } from "../net/admitted.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { LocalNodes } from "../net/node/local_nodes.ts";
import { within } from "../net/within.ts";
import { Stage } from "./stage.ts";

/** Two replicas, and two nodes. */
async function withBoth(run: (addresses: readonly string[]) => Promise<unknown>): Promise<void> {
  const replicas = await LocalCluster.start({ replicas: 2 });
  const nodes = new LocalNodes({ nodes: 2 });
  // Much is named by the cluster.
  nodes.order.cluster = replicas.id;
  try {
    await Promise.all(nodes.nodes.map(({ node }) => within("a node that is ready", node.caughtUp)));
    const [ofReplicas, ofNodes] = [await run(replicas.addresses), await run(nodes.nodes.map(({ address }) => address))];
    assertEquals(ofNodes, ofReplicas);
  } finally {
    replicas.close();
    await nodes.close();
  }
}

/** What differs from cluster to cluster, and from run to run, by one name. */
function plain(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, "ADDRESS")
    .replace(/2\d{3}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b1[78]\d{11}\b/g, "MS");
}

/** A client with real links. */
function wired(lines: readonly string[] = []): Stage {
  const stage = new Stage(lines);
  stage.instead = {
    connect: (addresses, onNotice) => openConnection(addresses, { onNotice }),
    fetchCopy: (options, target) => fetchCopy(options, target),
    watchEntries: (options) => watchEntries(options),
    fetchStatuses: (addresses, options) => fetchAnswers(addresses, { tokenAt, ...options }),
  };
  return stage;
}

const csv = "Site Name,ZIP Code,Availability\nTufts,02155,5\nClinic,02139,True\nMIT,02142,8\n";

const commands: readonly (readonly string[])[] = [
  ["list"],
  ["add", "MIT", "02139"],
  ["add", "MIT", "02139"],
  ["set", "MIT", "5", "--observed-at", "2026-11-24T10:00Z", "--note", "by phone", "--who", "Ann", "--unit", "doses"],
  ["set", "MIT", "7", "--if", "4"],
  ["set", "MIT", "7", "--if", "5"],
  ["set", "nowhere", "1"],
  ["set", "MIT", "-1"],
  ["view", "MIT"],
  ["view", "MIT", "--json"],
  ["view", "MTI"],
  ["edit", "MIT", "--zip", "02142", "--identifier", "vtrcks=123456"],
  ["find", "vtrcks=123456"],
  ["find", "vtrcks=7"],
  ["add", "Twin", "02139"],
  ["merge", "Twin", "--into", "MIT"],
  ["list", "--csv"],
  ["unmerge", "Twin"],
  ["retire", "Twin", "--reason", "closed"],
  ["set", "Twin", "1"],
  ["reopen", "Twin"],
  ["history", "MIT"],
  ["history", "MIT", "--json"],
  ["import", "/a.csv"],
  ["import", "/a.csv", "--json"],
  ["retract", "3"],
  ["retract", "99"],
  ["redact", "3", "--yes"],
  ["history", "MIT", "--json"],
  ["list", "--json", "--all"],
  ["list", "--available", "--zip", "021"],
  ["export", "/all.csv"],
  ["export", "/all.ndjson"],
  ["archive", "/archive", "--all"],
  ["archive", "verify", "/archive"],
  ["backup", "/b", "--json"],
  ["sit", "MIT"],
];

testNeeding(["net"], "each command says the same with nodes as with replicas, and backups are the same", async () => {
  await withBoth(async (addresses) => {
    const said: { words: readonly string[]; code: number }[] = [];
    let now = Date.UTC(2026, 10, 24, 12);
    let backup: Uint8Array | undefined;
    const archive = new Map<string, Uint8Array>();
    for (const words of commands) {
      const stage = wired();
      stage.now = now += 1_000;
      stage.archive = archive;
      stage.inputs.set("/a.csv", csv);
      const code = await stage.run(...addresses.map((address) => address.slice(address.indexOf(":") + 1)), ...words);
      const files = Object.fromEntries(Array.from(stage.outputs, ([name, { text }]) => [name, plain(text)]));
      const texts = { stdout: plain(stage.stdout), stderr: plain(stage.stderr), files };
      said.push({ words, code, ...texts });
      backup ??= stage.backup?.content?.database;
    }
    const done = said.filter(({ code }) => code === 0).map(({ words }) => words[0]);
    assertEquals(new Set(done).size, new Set(commands.map(([name]) => name)).size - 1, done.join());
    // The bytes of the state itself.
    assert(backup !== undefined);
    return { said, backup: backup.toHex(), archive: [...archive.keys()] };
  });
});

testNeeding(["net"], "the menu and a watch say the same with nodes as with replicas", async () => {
  await withBoth(async (addresses) => {
    const menu = wired(["l", "n", "MIT", "02139", "e", "MIT", "7", "v", "MIT", "l", "q"]);
    const code = await menu.run(...addresses);
    const watch = wired();
    const watching = watch.run(...addresses, "watch", "--from", "1", "--json");
    await within(
      "the entries",
      (async () => {
        while (watch.stdout.split("\n").length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      })(),
    );
    watch.interrupt();
    const shown = plain(menu.stdout).replace(/Connected to the (?:replicas|nodes).*/g, "Connected");
    return { code, shown, stderr: plain(menu.stderr), watched: plain(watch.stdout), watchCode: await watching };
  });
});

const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/api/sites"],
  ["POST", "/api/sites", { name: "MIT", zip: "02139" }],
  ["POST", "/api/sites", { name: "MIT", zip: "02139" }],
  ["POST", "/api/sites/MIT/reports", { value: 12, who: "Ann", unit: "doses" }],
  ["PUT", "/api/sites/MIT/reports", { value: 13, if: 12 }],
  ["PUT", "/api/sites/MIT/reports", { value: 13, if: 12 }],
  ["POST", "/api/sites/MIT/reports", { value: -1 }],
  ["GET", "/api/sites/MIT"],
  ["GET", "/api/sites/nowhere"],
  ["GET", "/api/sites/MIT/history"],
  ["GET", "/api/sites/MIT/sources"],
  ["GET", "/api/sites/MIT/document"],
  ["PATCH", "/api/sites/MIT", { zip: "02142" }],
  ["POST", "/api/sites", { name: "Twin", zip: "02139" }],
  ["POST", "/api/sites/Twin/merge", { into: "MIT" }],
  ["POST", "/api/sites/Twin/unmerge", {}],
  ["POST", "/api/sites/Twin/retire", { reason: "closed" }],
  ["POST", "/api/sites/Twin/reports", { value: 1 }],
  ["POST", "/api/sites/Twin/reopen", {}],
  ["POST", "/api/entries/3/retract", {}],
  ["POST", "/api/entries/3/redact", {}],
  ["POST", "/api/batch", [{ kind: "set", name: "MIT", value: 3 }, { kind: "set", name: "nowhere", value: 3 }]],
  ["GET", "/api/changes"],
  ["GET", "/api/sites.csv"],
  ["GET", "/api/summary"],
  ["GET", "/feed.atom"],
  ["GET", "/$bulk-publish"],
  ["GET", "/openapi.json"],
  ["GET", "/livez"],
  ["GET", "/readyz"],
  ["GET", "/api/access"],
  ["GET", "/nowhere"],
];

testNeeding(["net"], "each HTTP request has the same response with nodes as with replicas", async () => {
  await withBoth(async (addresses) => {
    const session = await openConnection(addresses);
    const gateway = new GatewayServer({
      cluster: linkOf(session, { tokenAt }, "operate"),
      access: new Access({ anonymous: "operate" }),
      hostname: "127.0.0.1",
      port: 0,
      log: () => {},
    });
    try {
      const said: { path: string; status: number }[] = [];
      for (const [method, path, body] of requests) {
        const headers = new Headers();
        if (body !== undefined) {
          headers.set("content-type", "application/json");
          headers.set("idempotency-key", `request-${said.length}`);
        }
        const response = await fetch(`${gateway.url.slice(0, -1)}${path}`, {
          method,
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = plain(await response.text());
        said.push({ path, status: response.status, ...{ method, text } });
      }
      assertEquals(said.map(({ status }) => status).filter((status) => status >= 400), [409, 409, 400, 404, 409, 404]);
      return said;
    } finally {
      await gateway.close();
      await session.close();
    }
  });
});
