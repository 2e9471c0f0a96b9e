import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Entry, Reply } from "../../src/library/client.ts";
import { readIfMatch } from "../../src/http/etags.ts";
import { assertProblem, GatewayStage, placeAt, WatchedCluster } from "./stage.ts";
import { bytesOf } from "../database/store/memory.ts";

const log = "3f2a90c1d2e4";
const name = "Harvard University";

/** The tags of a header, of which a test says only the indices, as a gateway would give them. */
function tagged(header: string): string {
  return header.replaceAll(/"(\d+)"/g, (_, index) => `"${placeAt(Number(index))}"`);
}
const harvard = "/api/sites/Harvard%20University";

/** A cluster in which others do something behind the commands of the gateway. */
class BusyCluster extends WatchedCluster {
  /** What they do after its next commands, one after the other. */
  readonly meanwhile: (() => void)[] = [];

  override async submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const reply = await super.submit(command, outputBytesMax);
    this.meanwhile.shift()?.();
    return reply;
  }

  /** Others report this. */
  report(value: number): void {
    const command = bytesOf({ kind: "set", name, value, recordedAt: 1_790_000_000_000 });
    void super.submit(command, 1024);
  }
}

Deno.test("readIfMatch() takes lists of tags and *, and of the tags those that a site can have", () => {
  const read: [header: string, indices: readonly number[] | undefined][] = [
    ["*", undefined],
    [" * ", undefined],
    [`"${log}-12"`, [12]],
    [`"${log}-0"`, [0]],
    [`"${log}-12","${log}-7r" , "${log}-0d", "${log}-3rd"`, [12, 7, 0, 3]],
    [` , "${log}-12",, "${log}-7",\t`, [12, 7]],
    // A comparison for If-Match is strong: a weak tag matches nothing.
    [`W/"${log}-12"`, []],
    [`W/"${log}-12", "${log}-7"`, [7]],
    // Tags that are none of ours.
    [`"", "12", "${log}-012", "${log}-1.0", "${log}--1", "${log}-1e3", "${log}-0x1", "${log}-1dr", "a,b", "é"`, []],
    [`"${log}-9007199254740991", "${log}-9007199254740992"`, [9007199254740991]],
    ['"*"', []],
    // A tag of another log.
    ['"4f2a90c1d2e4-12"', []],
  ];
  for (const [header, indices] of read) assertEquals(readIfMatch(header, log), indices, header);
});

Deno.test("a malformed If-Match is 400, and nothing is reported", async () => {
  await using stage = new GatewayStage();
  const malformed = ["", "0", "'0'", '"0', '0"', '"0" "0"', '"0""0"', '*, "0"', '"0", *', 'w/"0"', "W/0", '" "', ","];
  for (const header of malformed) {
    const answer = await stage.ask("PUT", `${harvard}/reports`, { value: 1 }, { "if-match": header });
    assertProblem(answer, 400, "invalid");
    assert(answer.json.detail.includes("as If-Match"), answer.text);
  }
  // It takes no longer for being long.
  const long = `"0"${" ,".repeat(20_000)}x`;
  assertProblem(await stage.ask("PUT", `${harvard}/reports`, { value: 1 }, { "if-match": long }), 400, "invalid");
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
});

Deno.test("If-Match reports only if the site shows the report of that entry, with one command", async () => {
  await using stage = new GatewayStage();
  const { memory } = stage.cluster;
  const report = async (value: number, ifMatch: string, commands: number) => {
    await stage.gateway.services.ready();
    const before = memory.submitted;
    const answer = await stage.ask("PUT", `${harvard}/reports`, { value }, { "if-match": tagged(ifMatch) });
    assertEquals(memory.submitted - before, commands);
    return answer;
  };
  assertProblem(await report(1, 'W/"0"', 1), 412, "precondition");
  assertEquals((await report(1, '"0"', 1)).json.entry, 2);
  const stale = await report(2, '"0"', 1);
  assertProblem(stale, 412, "precondition");
  assertEquals([stale.json.site.availability, stale.json.entry], [1, 2]);
  assertEquals((await report(3, '"2"', 1)).json.entry, 3);
  assertEquals((await report(4, "*", 1)).json.entry, 4);
  for (const none of ['W/"4"', '"x"', '"2", "3"']) assertProblem(await report(5, none, 1), 412, "precondition");
  // Where there are several, the one that is shown counts, wherever it stands.
  assertEquals((await report(5, '"4", "2"', 1)).json.entry, 5);
  assertEquals((await report(6, '"2", W/"2", "5"', 2)).json.entry, 6);
  assertMatch((await stage.ask("GET", harvard)).headers.get("etag") ?? "", new RegExp(`^"${placeAt(6)}~[0-9a-f]+"$`));
});

Deno.test("what else is wrong goes before If-Match, also where no tag can match", async () => {
  await using stage = new GatewayStage();
  const report = (path: string, ifMatch: string, body: object) =>
    stage.ask("POST", `${path}/reports`, { value: 1, ...body }, { "if-match": tagged(ifMatch) });
  await stage.done("POST", "/api/sites", { name: "Closed", zip: "1" });
  await stage.done("POST", "/api/sites/Closed/retire", { reason: "moved" });
  for (const ifMatch of ['"0"', '"7"', 'W/"0"', "*"]) {
    assertProblem(await report("/api/sites/Nowhere", ifMatch, {}), 404, "unknown-site");
    assertProblem(await report("/api/sites/Closed", ifMatch, {}), 409, "retired");
  }
  assertProblem(await report(harvard, '"0"', { if: 7 }), 409, "conflict");
  assertProblem(await report(harvard, '"7", "0"', { if: 7 }), 409, "conflict");
  assertProblem(await report(harvard, '"7"', { if: 7 }), 409, "conflict");
  assertProblem(await report(harvard, '"7"', { if: 0 }), 412, "precondition");
  assertProblem(await report(harvard, '"7"', { observedAt: Date.now() + 3_600_000 }), 422, "refused");
  assertProblem(await report(harvard, "*", { if: 7 }), 409, "conflict");
  assertProblem(await report(harvard, "*", { ifEntry: 7 }), 409, "conflict");
  const both = await report(harvard, '"0"', { ifEntry: 0 });
  assertProblem(both, 400, "invalid");
  assert(both.json.detail.includes("give one of them"));
  assertEquals((await report(harvard, '"7", "0"', { if: 0 })).status, 201);
});

Deno.test("what others change and change back at any moment is noticed by If-Match", async () => {
  for (const moment of [0, 1, 2]) {
    const cluster = new BusyCluster();
    await using stage = new GatewayStage({}, cluster);
    await stage.done("POST", `${harvard}/reports`, { value: 5 });
    const changeAndBack = () => [6, 5].forEach((value) => cluster.report(value));
    if (moment === 0) changeAndBack();
    else cluster.meanwhile.push(...Array(moment - 1).fill(() => {}), changeAndBack);
    const answer = await stage.ask("PUT", `${harvard}/reports`, { value: 7 }, { "if-match": tagged('"2"') });
    assertEquals([moment, answer.status], [moment, moment === 0 ? 412 : 201]);
    cluster.meanwhile.length = 0;
    // Where it was done, nothing is between what it names and itself.
    const { json } = await stage.ask("GET", `${harvard}/history?order=oldest`);
    const values = json.entries.slice(1).map((entry: Entry & { kind: "report" }) => entry.availability);
    assertEquals(values, moment === 0 ? [5, 6, 5] : moment === 1 ? [5, 7, 6, 5] : [5, 7]);
  }
});

Deno.test("with several tags, a change between two commands is noticed; one to another tag is followed", async () => {
  const cluster = new BusyCluster();
  await using stage = new GatewayStage({}, cluster);
  for (const value of [1, 2]) await stage.done("POST", `${harvard}/reports`, { value });
  cluster.meanwhile.push(() => cluster.report(3));
  const refused = await stage.ask("PUT", `${harvard}/reports`, { value: 9 }, { "if-match": tagged('"2", "3"') });
  assertProblem(refused, 412, "precondition");
  assertEquals([refused.json.site.availability, refused.json.entry], [3, 4]);
  cluster.meanwhile.push(() => cluster.report(4));
  const followed = await stage.ask("PUT", `${harvard}/reports`, { value: 9 }, { "if-match": tagged('"2", "4", "5"') });
  assertEquals([followed.status, followed.json.entry], [201, 6]);
});

Deno.test("of many who have seen the same report one replaces it, though all report the same", async () => {
  await using stage = new GatewayStage();
  let replaced = 0;
  for (let round = 0; round < 20; round++) {
    const etag = (await stage.ask("GET", harvard)).headers.get("etag")!;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => stage.ask("PUT", `${harvard}/reports`, { value: 5 }, { "if-match": etag })),
    );
    replaced += answers.filter(({ status }) => status === 201).length;
    for (const answer of answers) if (answer.status !== 201) assertProblem(answer, 412, "precondition");
  }
  assertEquals([replaced, stage.cluster.memory.sites.lastEntry], [20, 21]);
});

Deno.test("with an Idempotency-Key, a report that If-Match allows is done once, and a refusal stays", async () => {
  await using stage = new GatewayStage();
  const report = (key: string, ifMatch: string) =>
    stage.ask("PUT", `${harvard}/reports`, { value: 5 }, { "idempotency-key": key, "if-match": tagged(ifMatch) });
  const [first, meanwhile] = await Promise.all([report("one", '"0"'), report("one", '"0"')]);
  const again = await report("one", '"0"');
  assertEquals([first.status, meanwhile.json, again.json], [201, first.json, first.json]);
  assertEquals(again.headers.get("idempotency-replayed"), "true");
  assertProblem(await report("two", '"3"'), 412, "precondition");
  await stage.done("POST", `${harvard}/reports`, { value: 6 });
  assertProblem(await report("two", '"3"'), 412, "precondition");
  assertProblem(await report("two", '"2"'), 422, "key-reused");
  assertEquals(stage.cluster.memory.sites.lastEntry, 3);
});
