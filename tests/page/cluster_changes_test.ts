/** What the page says has happened in the cluster. */

import { assertEquals } from "@std/assert";
import { changesBetween, type ClusterStatus, rateBetween, viewOf } from "../../src/http/page/cluster_changes.ts";
import type { ShownReplica } from "../../src/http/page/cluster_changes.ts";

const up = (id: number, view = 1, executed = 5): ShownReplica => ({
  address: `a:${id}`,
  id,
  state: "up",
  view,
  executed,
});
const failed = (id: number): ShownReplica => ({
  address: `a:${id}`,
  id,
  state: "failed",
  reason: "refused the connection",
});
const status = (...replicas: ShownReplica[]): ClusterStatus => ({
  cluster: "",
  probe: { ok: true, ms: 1 },
  replicas,
  mayFail: 0,
  canControl: false,
});

Deno.test("changesBetween() tells of a failure, of the view that follows, and of a newcomer", () => {
  const before = status(up(0), up(1));
  assertEquals(changesBetween(undefined, before), []);
  assertEquals(changesBetween(before, before), []);
  assertEquals(changesBetween(before, status(up(0, 2), failed(1))), ["Replica 1: up → failed", "View 2: Replica 0"]);
  assertEquals(changesBetween(before, status(up(0), up(1), { ...up(2, 0), state: "joining" })), [
    "Replica 2 has appeared: joining",
  ]);
  assertEquals(changesBetween(before, status(up(0, 2))), ["Replica 1 is no longer a member", "View 2: Replica 0"]);
  assertEquals(changesBetween(status(up(0, 2)), status(up(0, 3), up(1, 3))).at(-1), "View 3: Replica 0, replica 1");
});

Deno.test("changesBetween() tells of a probe that fails, and not of one that was not answered yet", () => {
  const probed = (ok?: boolean): ClusterStatus => ({
    ...status(up(0)),
    probe: ok === undefined ? undefined : ok ? { ok, ms: 1 } : { ok },
  });
  assertEquals(changesBetween(probed(), probed(true)), []);
  assertEquals(changesBetween(probed(), probed(false)), []);
  assertEquals(changesBetween(probed(true), probed(false)), [
    "The probe got no answer: the cluster serves no requests",
  ]);
  assertEquals(changesBetween(probed(false), probed(true)), ["The cluster serves requests again"]);
});

Deno.test("changesBetween() tells of a replica that gives no answer, which the launcher calls up", () => {
  const hung: ShownReplica = { address: "a:1", id: 1, state: "up", reason: "gave no answer within 1000 ms" };
  assertEquals(changesBetween(status(up(0), up(1)), status(up(0), hung)), ["Replica 1: up → no answer"]);
});

Deno.test("changesBetween() tells of damage and of its healing, and not of each percent that a newcomer has", () => {
  const lacking: ShownReplica = { ...up(1), lacksHistory: true };
  assertEquals(changesBetween(status(up(1)), status(lacking)), ["Replica 1: up → up, lacks history"]);
  assertEquals(changesBetween(status(lacking), status(up(1))), ["Replica 1: up, lacks history → up"]);
  const joining = (fetched?: number): ShownReplica => ({
    address: "a:2",
    id: 2,
    state: "joining",
    reason: "-",
    fetched,
  });
  assertEquals(changesBetween(status(joining()), status(joining(3))), ["Replica 2: joining → fetching history"]);
  assertEquals(changesBetween(status(joining(3)), status(joining(4))), []);
});

Deno.test("changesBetween() tells when no request is served, and when one is again", () => {
  const good = status(up(0));
  const bad: ClusterStatus = { ...good, probe: { ok: false } };
  assertEquals(changesBetween(good, bad), ["The probe got no answer: the cluster serves no requests"]);
  assertEquals(changesBetween(bad, good), ["The cluster serves requests again"]);
});

Deno.test("viewOf() is what the gateway knows where no replica says anything", () => {
  const silent: ShownReplica = { address: "a:0", id: 0, state: "up", reason: "gave no answer within 1000 ms" };
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

Deno.test("changesBetween() tells of nodes and of the members of their engine", () => {
  const member = (address: string, isLeader: boolean, failure?: string) => ({ address, isLeader, failure });
  const cluster = { cluster: "", view: 0, canControl: false };
  const engine = { hasQuorum: true, warnings: [], mayFail: 1 };
  const before: ClusterStatus = {
    ...cluster,
    nodes: [{ address: "a:1", state: "up", executed: 5 }, { address: "a:2", state: "up", executed: 4 }],
    engine: { ...engine, members: [member("b:1", true), member("b:2", false)] },
  };
  const after: ClusterStatus = {
    ...cluster,
    nodes: [{ address: "a:1", state: "behind", executed: 15 }, { address: "a:2", reason: "refused the connection" }],
    engine: { ...engine, members: [member("b:1", false, "refused the connection"), member("b:2", true)] },
  };
  assertEquals(changesBetween(before, after), [
    "Node a:1: up → behind",
    "Node a:2: up → no answer",
    "Member b:1: leader → no answer",
    "Member b:2: follower → leader",
  ]);
  assertEquals(rateBetween({ status: before, atMs: 0 }, { status: after, atMs: 1_000 }), 10);
});
