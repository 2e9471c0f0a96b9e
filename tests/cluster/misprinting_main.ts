/**
 * A replica with segments of eight entries. The one in slot 1 errs while it seals the third of them, as if a bit had
 * flipped in its memory: it says of each entry that it was recorded a millisecond later.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { PackedLog } from "../../src/database/store/entry_log.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { type Sealing, segmentKinds } from "../../src/history.ts";

const isBroken = Deno.args.some((arg) => arg.startsWith("--data=") && arg.endsWith("replica-1.db"));

let errs = false;
const { read } = PackedLog.prototype;
PackedLog.prototype.read = function (place, entry) {
  read.call(this, place, entry);
  if (errs) entry.recordedAt++;
};

/** The database, whose third segment is another one. */
class BrokenSites extends Sites {
  override sealing(): Sealing {
    const sealing = super.sealing();
    const { place: { kind, number } } = sealing;
    if (kind !== segmentKinds.entries || number !== 3) return sealing;
    return {
      place: sealing.place,
      step: () => {
        errs = true;
        try {
          return sealing.step();
        } finally {
          errs = false;
        }
      },
      get digest() {
        return sealing.digest;
      },
    };
  }
}

const Machine = isBroken ? BrokenSites : Sites;
await runReplica({ make: (parts) => new Machine({ ...parts, segmentEntries: 8, documentBytes: 512 }), seals: true });
