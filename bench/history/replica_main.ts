/**
 * A replica that is measured with a long history. It has wishes in its URL:
 *
 * - `entries=N`, `documents=BYTES`: how large a segment is, if not as usual.
 * - `seals=no`: it seals nothing, and reads what was sealed.
 * - `scrub=K`: its week of the scrub is K times as short.
 *
 * It writes a line of {@link notes} when it has sealed a segment or written a checkpoint.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import { Scrub } from "../../src/storage/history_scrub.ts";
import { Store } from "../../src/storage/store.ts";
import { partsWished } from "./machine_parts.ts";
import { notes } from "./notes.ts";

const wishes = new URL(import.meta.url).searchParams;
const parts = partsWished(import.meta.url);

const { named } = Sealer.prototype;
Sealer.prototype.named = function (segment) {
  named.call(this, segment);
  console.error(notes.sealed);
};

const { commit } = Store.prototype;
Store.prototype.commit = function () {
  const isComplete = commit.call(this);
  if (isComplete) console.error(notes.checkpointed);
  return isComplete;
};

const times = wishes.get("scrub");
if (times !== null) {
  const { step } = Scrub.prototype;
  Scrub.prototype.step = function (now) {
    return step.call(this, Number(times) * now) / Number(times);
  };
}

await runReplica({ make: (given) => new Sites({ ...given, ...parts }), seals: wishes.get("seals") !== "no" });
