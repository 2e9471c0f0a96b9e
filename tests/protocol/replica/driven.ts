/**
 * A replica with a disk, driven by hand as its driver does it: what the disk holds after each turn.
 *
 * @module
 */

import { recover, type Recovered } from "../../../src/protocol/replica/recovery.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import type { Ready, ReplicaEvent, ReplicaOptions } from "../../../src/protocol/replica/replica_events.ts";
import { allOf } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { cluster, key, membersOf } from "./stage.ts";

/** A replica, and what its disk holds after each turn. */
export class Driven {
  readonly replica: Replica;
  checkpoint: Uint8Array = new Uint8Array(0);
  rows: Uint8Array[] = [];

  /** Starts r0 of that many members, unless the options say otherwise. */
  constructor(size: number, options: Partial<ReplicaOptions> = {}) {
    const machine = new DigestMachine();
    this.replica = new Replica({ key, id: 0, cluster, members: membersOf(size), machine, durable: true, ...options });
    this.after();
  }

  /** What it does in one turn, after these events. */
  after(...events: ReplicaEvent[]): Ready {
    for (const event of events) this.replica.step(event);
    const ready = this.replica.ready();
    for (const write of ready.writes) {
      if (write.kind === "journal") {
        this.rows.push(write.bytes);
      } else {
        this.checkpoint = allOf(write.snapshot);
        this.rows = [];
      }
    }
    return ready;
  }

  /** What its disk says. */
  recovered(): Recovered {
    return recover({ machine: new DigestMachine(), checkpoint: [this.checkpoint], rows: this.rows });
  }
}
