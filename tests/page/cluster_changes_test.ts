/** What the page says has happened in the cluster. */

import { assertEquals } from "@std/assert";
import { changesBetween, mayFailText, rateBetween, stateText, viewOf } from "../../src/http/page/cluster_changes.js";

interface Told {
  readonly address: string;
  readonly id: number;
  readonly state: string;
  readonly view?: number;
  readonly executed?: number;
  readonly reason?: string;
}

const up = (id: number, view = 1, executed = 5) => ({ address: `a:${id}`, id, state: "up", view, executed });
const failed = (id: number) => ({ address: `a:${id}`, id, state: "failed", reason: "refused the connection" });
const status = (...replicas: Told[]) => ({ probe: { ok: true, ms: 1 }, replicas });

Deno.test("changesBetween() tells of a death, of the view that follows, and of who comes", () => {
  const before = status(up(0), up(1));
  assertEquals(changesBetween(undefined, before), []);
  assertEquals(changesBetween(before, before), []);
  assertEquals(changesBetween(before, status(up(0, 2), failed(1))), ["Replica 1: up → failed", "View 2: Replica 0"]);
  assertEquals(changesBetween(before, status(up(0), up(1), { ...up(2, 0), state: "joining" })), [
    "Replica 2 is there, joining",
  ]);
  assertEquals(changesBetween(before, status(up(0, 2))), ["Replica 1 is no member any more", "View 2: Replica 0"]);
  assertEquals(changesBetween(status(up(0, 2)), status(up(0, 3), up(1, 3))).at(-1), "View 3: Replica 0, replica 1");
});

Deno.test("changesBetween() tells of a probe that fails, and not of one that was not answered yet", () => {
  const probed = (ok?: boolean) => ({ ...status(up(0)), probe: ok === undefined ? undefined : { ok, ms: 1 } });
  assertEquals(changesBetween(probed(), probed(true)), []);
  assertEquals(changesBetween(probed(), probed(false)), []);
  assertEquals(changesBetween(probed(true), probed(false)), ["No answer to the probe: no request is served"]);
  assertEquals(changesBetween(probed(false), probed(true)), ["Requests are served again"]);
});

Deno.test("who gives no answer is not up, whatever the launcher says, and is not counted without a word", () => {
  const hung = { address: "a:1", id: 1, state: "up", reason: "gave no answer within 1000 ms" };
  assertEquals([hung, { address: "a:1", reason: "refused the connection" }].map(stateText), ["no answer", "no answer"]);
  assertEquals([failed(1), { ...hung, state: "joining" }, up(1)].map(stateText), ["failed", "joining", "up"]);
  assertEquals(changesBetween(status(up(0), up(1)), status(up(0), hung)), ["Replica 1: up → no answer"]);
  assertEquals([0, 1, 2].map(mayFailText), [
    "more may fail",
    "more may fail; 1 gives no answer",
    "more may fail; 2 give no answer",
  ]);
});

Deno.test("changesBetween() tells when no request is served, and when one is again", () => {
  const good = status(up(0));
  const bad = { ...good, probe: { ok: false, ms: 2_000, reason: "no answer" } };
  assertEquals(changesBetween(good, bad), ["No answer to the probe: no request is served"]);
  assertEquals(changesBetween(bad, good), ["Requests are served again"]);
});

Deno.test("viewOf() is what the gateway knows where no replica says anything", () => {
  const silent = { address: "a:0", id: 0, state: "up", reason: "gave no answer within 1000 ms" };
  assertEquals(viewOf({ ...status(up(0, 6), silent), view: 5 }), 6);
  const [before, after] = [{ ...status(up(0, 5)), view: 5 }, { ...status(silent), view: 5 }];
  assertEquals([viewOf(after), viewOf(status(silent))], [5, undefined]);
  assertEquals(changesBetween(before, after), ["Replica 0: up → no answer"]);
  assertEquals(changesBetween(after, { ...after, view: 6 }), ["View 6"]);
});

Deno.test("rateBetween() is of the furthest replica, and never negative", () => {
  const at = (atMs: number, executed: number) => ({ atMs, status: status(up(0, 1, executed), up(1, 1, 0)) });
  assertEquals(rateBetween(at(0, 10), at(2_000, 60)), 25);
  assertEquals(rateBetween(at(0, 10), at(1_000, 0)), 0);
  assertEquals([rateBetween(undefined, at(0, 1)), rateBetween(at(5, 1), at(5, 9))], [undefined, undefined]);
});
