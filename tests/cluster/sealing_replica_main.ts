/**
 * A replica that seals after each few commands, and has wishes in its URL:
 *
 * - `at=WHAT` and `slot=S`: before its first change of this kind to the files, the replica of this slot says so, and
 *   does nothing more until it is killed.
 * - `hurry`: it tries what the disk has refused a hundred times as soon as others.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import { HistoryFolder } from "../../src/storage/history_folder.ts";
import { sealedEntries } from "./sealed_entries.ts";

const wishes = new URL(import.meta.url).searchParams;
const data = Deno.args.find((arg) => arg.startsWith("--data="));
const slot = Number(/replica-(\d+)\.db$/.exec(data ?? "")?.[1] ?? 0);

if (wishes.has("hurry")) {
  const { pass } = Sealer.prototype;
  Sealer.prototype.pass = function (ms) {
    pass.call(this, 100 * ms);
  };
}

if (wishes.has("at") && Number(wishes.get("slot")) === slot) {
  // The cluster has started.
  let isArmed = false;
  const { viewInstalled } = Sealer.prototype;
  Sealer.prototype.viewInstalled = function () {
    isArmed = true;
    viewInstalled.call(this);
  };
  const before = (what: string) => {
    if (!isArmed || what !== wishes.get("at")) return;
    console.error(`stopped before ${what}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const { prototype } = HistoryFolder;
  const { create, append, perform, rename, remove } = prototype;
  prototype.create = function (name) {
    before("create");
    create.call(this, name);
  };
  prototype.append = function (name, bytes) {
    before("append");
    append.call(this, name, bytes);
  };
  prototype.perform = function (order) {
    before(order.name === undefined ? "sync of the folder" : "sync");
    return perform.call(this, order);
  };
  prototype.rename = function (from, to) {
    before("rename");
    rename.call(this, from, to);
  };
  prototype.remove = function (name) {
    before("remove");
    remove.call(this, name);
  };
  // The note is committed, and the machine has forgotten nothing yet.
  const { named } = Sealer.prototype;
  Sealer.prototype.named = function (segment) {
    before("named");
    named.call(this, segment);
  };
}

await runReplica({
  make: (parts) => new Sites({ ...parts, segmentEntries: sealedEntries }),
  seals: true,
});
