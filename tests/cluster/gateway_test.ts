import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Entry, VaxlogClient } from "../../src/library/client.ts";
import { clientIdOf } from "../../src/net/client_id.ts";
import { differences } from "../http/schema_check.ts";
import { RawHttp } from "../http/raw_http.ts";
import { testNeeding } from "../net/needing.ts";
import { RawSession } from "../net/raw_session.ts";
import { inFolder } from "../storage/folder.ts";
import { Program } from "./program.ts";
import { Session } from "../net/admitted.ts";

const needs = ["run", "net", "read", "write"] as const;

/** `deno task servers T --http 0`, and its gateway. */
class ServersWithGateway {
  private constructor(
    readonly program: Program,
    readonly url: string,
    readonly token: string,
    /** The process of the gateway that was there first. */
    readonly pid: number,
  ) {}

  static async start(replicas: number, ...args: string[]): Promise<ServersWithGateway> {
    const program = new Program("servers without task", `${replicas}`, "--base-port", "0", "--http", "0", ...args);
    const [, url, token, pid] = await program.said(/The page: (\S+)\/#token=(\w+) \(process (\d+)\)/);
    return new ServersWithGateway(program, url, token, Number(pid));
  }

  /** The header of a client that has the printed link. */
  get bearer(): { readonly authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  /** Asks the gateway for something that has no JSON, or no end. */
  fetch(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: this.bearer });
  }

  /** Asks the gateway. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = this.bearer) {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, json: await response.json() };
  }

  /** Has the launcher do something. */
  async order(path: string) {
    return await this.ask("POST", `/api/replicas${path}`);
  }

  /** Stops all, which must go well. */
  async quit(): Promise<string> {
    await this.program.type("quit\n");
    const { code, stdout, stderr } = await this.program.end();
    assertEquals(code, 0, stdout + stderr);
    return stdout + stderr;
  }
}

const reports = "/api/sites/Harvard%20University/reports";

testNeeding(needs, "a request that its client has sent to one replica only is seen to wait there", async () => {
  const servers = await ServersWithGateway.start(3);
  const ports = [...servers.program.stdout.matchAll(/replica \d {2}127\.0\.0\.1:(\d+) {2}process/g)];
  const raw = await RawSession.join(ports.map(([, port]) => Number(port)));
  const [{ secret }] = raw.links;
  raw.links[0].request({ ts: raw.floor + 1 });
  let json, waiting;
  do {
    ({ json } = await servers.ask("GET", "/api/status"));
    // A request of the gateway's own may stand before it.
    waiting = json.replicas[0].waiting.find(({ client }: { client: string }) => client === clientIdOf(secret));
  } while (waiting === undefined);
  const [, ...elsewhere] = json.replicas;
  const { client, seq, ts, count, commands, agreed, ends } = waiting;
  assertEquals([client, seq, ts, count], [clientIdOf(secret), 1, raw.floor + 1, 1]);
  assertEquals([commands, agreed, ends], [['set "Harvard University" 1 at 1'], false, false]);
  for (const { waiting, heard } of elsewhere) {
    assert(waiting.every((request: { client: string }) => request.client !== client));
    assert(heard.some((heard: { client: string }) => heard.client === client));
  }
  assertMatch(json.session.client, /^[0-9a-f]{32}$/);
  // Nobody but that one has it, and its client dies: it is decided for all, and nothing waits any more.
  raw.die();
  for (;;) {
    const { json } = await servers.ask("GET", "/api/status");
    if (json.probe.ok && json.replicas.every(({ pending }: { pending: number }) => pending === 0)) break;
  }
  await servers.quit();
});

testNeeding(needs, "a watcher that does not read is cut off without a word", async () => {
  const servers = await ServersWithGateway.start(1);
  const [, port] = servers.program.stdout.match(/replica \d {2}127\.0\.0\.1:(\d+) {2}process/)!;
  using http = await RawHttp.open(Number(new URL(servers.url).port));
  const head = `GET /api/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
  await http.send(`${head}Authorization: ${servers.bearer.authorization}\r\n\r\n`);
  const session = await Session.connect([`127.0.0.1:${port}`]);
  const client = new VaxlogClient(session);
  const note = "x".repeat(280);
  for (;;) {
    await Promise.all(Array.from({ length: 1_000 }, (_, value) => client.set("Harvard University", value, { note })));
    if (/event_dropped_total 1\n/.test(await (await servers.fetch("/metrics")).text())) break;
  }
  await session.close();
  await http.all();
  assert(!(await servers.quit()).includes("does not read"));
});

testNeeding(needs, "the same POST with one key over a killed replica and a killed gateway is one report", async () => {
  const servers = await ServersWithGateway.start(3);
  const key = { "idempotency-key": "5f0c6a4e-one", ...servers.bearer };
  const post = () => servers.ask("POST", reports, { value: 12, who: "Ada" }, key);
  const first = post();
  const killed = servers.order("/0/kill");
  const second = post();
  assertEquals((await killed).status, 200);
  const answers = [await first, await second, await post()];
  assertEquals(answers.map(({ status }) => status), [201, 201, 201]);
  assertEquals(new Set(answers.map(({ json }) => json.entry)), new Set([2]));
  const { json } = await servers.ask("GET", "/api/changes");
  assertEquals(json.entries.map(({ kind, who }: Entry) => [kind, who]), [["added", undefined], ["report", "Ada"]]);
  assertEquals((await servers.ask("GET", "/api/status")).json.mayFail, 1);
  // The gateway has nothing of it in its memory.
  Deno.kill(servers.pid, "SIGKILL");
  await servers.program.said(/The gateway runs again/);
  const again = await post();
  assertEquals([again.status, again.json], [201, answers[0].json]);
  assertEquals((await servers.ask("GET", "/api/changes")).json.entries.length, 2);
  await servers.quit();
});

testNeeding(needs, "what is published is under --public-url, also by a gateway that was started again", async () => {
  const servers = await ServersWithGateway.start(1, "--public-url", "https://example.org/vaccines");
  const published = async () => {
    // A watcher waits until the gateway has read the log.
    await (await servers.fetch("/api/events")).body?.cancel();
    return (await servers.ask("GET", "/$bulk-publish")).json.output[0].url;
  };
  const url = await published();
  assertMatch(url, /^https:\/\/example\.org\/vaccines\/\$bulk-publish\/[0-9a-f]{12}-2\/locations\.ndjson$/);
  Deno.kill(servers.pid, "SIGKILL");
  await servers.program.said(/The gateway runs again/);
  assertEquals(await published(), url);
  await servers.quit();
});

testNeeding(needs, "replicas are killed, started and added by the gateway; the last one is refused", async () => {
  const servers = await ServersWithGateway.start(2);
  assertEquals((await servers.ask("POST", "/api/replicas/0/kill", undefined, {})).status, 401);
  assertEquals((await servers.order("/7/kill")).status, 404);
  const killed = await servers.order("/0/kill");
  assertEquals([killed.status, killed.json.text], [
    200,
    "Replica 0 was crashed. Replica 1 is the last one: no more may fail",
  ]);
  const refused = await servers.order("/1/kill");
  assertEquals([refused.status, refused.json.type], [409, "urn:vaxlog:problem:replica-refused"]);
  const { paths, components: { schemas } } = (await servers.ask("GET", "/openapi.json")).json;
  const { schema } = paths["/api/status"].get.responses[200].content["application/json"];
  const status = async () => {
    const { json } = await servers.ask("GET", "/api/status");
    assertEquals(differences(json, schema, schemas), []);
    return json;
  };
  const states = async () =>
    (await status()).replicas.map((
      { id, state }: Record<string, unknown>,
    ) => [id, state]);
  assertEquals(await states(), [[0, "failed"], [1, "up"]]);
  assertEquals((await servers.order("/0/restart")).status, 202);
  await servers.program.said(/Replica 0 has joined/);
  assertEquals((await servers.order("")).status, 202);
  await servers.program.said(/Replica 2 has joined/);
  assertEquals(await states(), [[0, "up"], [1, "up"], [2, "up"]]);
  const output = await servers.quit();
  assertMatch(output, /By the gateway: Replica 0 was crashed/);
  assertMatch(output, /refused: POST "\/api\/replicas\/0\/kill" with 401/);
});

testNeeding(needs, "a gateway that is killed is there again, at the same port, with the same token", async () => {
  const servers = await ServersWithGateway.start(1);
  await servers.ask("POST", reports, { value: 3 });
  Deno.kill(servers.pid, "SIGKILL");
  await servers.program.said(/The gateway was killed.*it is started again/);
  await servers.program.said(/The gateway runs again/);
  assertEquals((await servers.ask("GET", "/api/sites/Harvard%20University")).json.availability, 3);
  assertEquals((await servers.order("/0/kill")).status, 409);
  // What the launcher says of its replicas, its gateway does not say again.
  assert(!/gateway: The replica/.test(await servers.quit()));
});

testNeeding(needs, "a gateway that cannot listen is said, and the replicas run without it", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const program = new Program("servers without task", "1", "--base-port", "0", "--http", `${port}`);
  const [line] = await program.said(/The gateway .*/);
  assertMatch(
    line,
    new RegExp(`could not begin: Cannot listen at 127.0.0.1, port ${port}: the port is in use; .*run without it`),
  );
  taken.close();
  await program.type("quit\n");
  assertEquals((await program.end()).code, 0);
});

testNeeding(
  needs,
  "who watches sees 1,000 changes once and in order while two of three replicas are killed",
  async () => {
    const servers = await ServersWithGateway.start(3);
    const response = await servers.fetch("/api/events?after=0");
    const watched = (async () => {
      const ids: number[] = [];
      let text = "";
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
        text += piece;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const [, id] = /^id: [0-9a-f]{12}-(\d+)$/m.exec(text.slice(0, end)) ?? [];
          if (id !== undefined) ids.push(Number(id));
          text = text.slice(end + 2);
        }
        if (ids.length >= 1_001) return ids;
      }
      return ids;
    })();
    const entries: number[] = [];
    for (let round = 0; round < 20; round++) {
      if (round === 5) await servers.order("/0/kill");
      if (round === 12) await servers.order("/2/kill");
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => servers.ask("POST", reports, { value: at })),
      );
      for (const { status, json } of answers) {
        assertEquals(status, 201);
        entries.push(json.entry);
      }
    }
    const all = Array.from({ length: 1_001 }, (_, at) => at + 1);
    assertEquals(entries.toSorted((a, b) => a - b), all.slice(1));
    assertEquals(await watched, all);
    const { json } = await servers.ask("GET", "/api/sites?q=harvard");
    const last = (await servers.ask("GET", "/api/sites/Harvard%20University")).json;
    assert(last.report.index === 1_001);
    assertEquals(json.sites[0].availability, last.availability);
    await servers.quit();
  },
);

testNeeding(needs, "no gateway outlives its launcher, however that ends", async () => {
  const servers = await ServersWithGateway.start(1);
  const link = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(servers.url).port) });
  servers.program.signal("SIGKILL");
  // The end of the link is that of the process.
  while (await link.read(new Uint8Array(1024)).catch(() => null) !== null);
  link.close();
  await servers.program.ended();
});

testNeeding(
  needs,
  "requests that a gateway refuses are in its log, and one line a minute is on the terminal",
  async () => {
    await inFolder(async (folder) => {
      const servers = await ServersWithGateway.start(1, "--log-dir", folder);
      for (let at = 0; at < 3; at++) assertEquals((await servers.ask("PUT", "/api/sites", {})).status, 405);
      await servers.program.said(
        /gateway: An HTTP request was refused: PUT "\/api\/sites" with 405: .*; each is in .*gateway.log/,
      );
      const printed = await servers.quit();
      assertMatch(printed, /\nLogs: .*\/replica-<id>\.log, gateway\.log\n/);
      const lines = (await Deno.readTextFile(`${folder}/gateway.log`)).trimEnd().split("\n");
      assertEquals(lines.length, 3);
      for (const line of lines) assertMatch(line, /^\d{4}-\d\d-\d\dT\S+Z {2}Refused PUT "\/api\/sites" with 405: /);
    });
  },
);

testNeeding(needs, "a gateway whose log cannot be written says so once, and serves", async () => {
  await inFolder(async (folder) => {
    // Whatever is written there fails as on a full disk.
    await Deno.symlink("/dev/full", `${folder}/gateway.log`);
    const servers = await ServersWithGateway.start(1, "--log-dir", folder);
    for (let at = 0; at < 2; at++) assertEquals((await servers.ask("PUT", "/api/sites", {})).status, 405);
    await servers.program.said(/gateway: Cannot write "gateway\.log": .*; requests are served/);
    assertEquals((await servers.ask("GET", "/api/summary")).status, 200);
    assertEquals((await servers.quit()).split('Cannot write "gateway.log"').length, 2);
  });
});

testNeeding(needs, "another user of the machine is refused without the token, and finds it in no process", async () => {
  const servers = await ServersWithGateway.start(1);
  const run = async (program: string, ...args: string[]) => {
    const { code, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return { code, text: new TextDecoder().decode(stdout) };
  };
  const isRoot = (await run("id", "-u")).text.trim() === "0";
  const asOther = isRoot ? ["runuser", "-u", "nobody", "--"] : [];
  const ask = async (...args: string[]) => {
    const [program, ...rest] = [...asOther, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", ...args];
    return (await run(program, ...rest).catch(() => undefined))?.text;
  };
  const url = `${servers.url}/api/sites`;
  const wanted = [[[url], "401"], [["-X", "POST", url], "401"], [
    ["-H", "Authorization: Bearer x", url],
    "401",
  ]] as const;
  for (const [args, status] of wanted) {
    const got = await ask(...args);
    // Without curl, there is nobody to be refused.
    if (got !== undefined && got !== "") assertEquals(got, status);
  }
  assertEquals(await ask("-H", `Authorization: ${servers.bearer.authorization}`, url) || "200", "200");
  for (const pid of Deno.build.os === "linux" ? [servers.pid, servers.program.pid] : []) {
    for (const file of ["cmdline", "environ"]) {
      const { code, text } = await run("cat", `/proc/${pid}/${file}`);
      assertEquals([code, text.length > 0, text.includes(servers.token)], [0, true, false], `${pid} ${file}`);
    }
  }
  await servers.quit();
});
