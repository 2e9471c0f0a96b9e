/**
 * Disks on which the log is one of an earlier version.
 *
 * @module
 */

import { freezeCheckpoint, recover } from "../../src/protocol/replica/recovery.ts";
import { allOf, Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import { DigestMachine } from "./digest_machine.ts";
import type { SimDisk } from "./disk.ts";

/** A machine whose state is that log, whatever is put into it. */
class EarlierMachine extends DigestMachine {
  readonly #log: Uint8Array;

  constructor(log: Uint8Array) {
    super();
    this.#log = log;
  }

  override freeze(): Snapshot {
    return new Parts([this.#log]);
  }

  override restoring(): Restoring {
    return new Gathering(() => {});
  }
}

/** Puts a log of an earlier version on the disk of a member that has executed nothing, in the place of its own. */
export function makeEarlier(disk: SimDisk, log: Uint8Array): void {
  const recovered = recover({ ...disk.read()!, machine: new EarlierMachine(log) });
  disk.overwrite(allOf(freezeCheckpoint(recovered)));
}
