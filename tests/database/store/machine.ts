/**
 * The state machine, with what a replica gives it.
 *
 * @module
 */

import type { MachineParts } from "../../../src/database/store/machine_parts.ts";
import { SiteLog as AnySiteLog } from "../../../src/database/store/site_log.ts";
import { Sites as AnySites } from "../../../src/database/store/sites.ts";
import type { Entries, EntryLog } from "../../../src/state_machine.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";

/** The parts of a machine in a test. */
export const machineParts: MachineParts = { packing: zstdPacking };

/** A machine. */
export class Sites extends AnySites {
  /** @param parts what is other than usual. */
  constructor(parts: Partial<MachineParts> = {}) {
    super({ ...machineParts, ...parts });
  }
}

/** The entries after an index, all that must be read for them included. */
export function entriesAfter(log: EntryLog, after: number, bytesMax: number): Entries | undefined {
  for (let nowMs = 0;; nowMs++) {
    const entries = log.entriesAfter(after, bytesMax);
    if (entries !== "notYet") return entries;
    log.readHistory?.(nowMs);
  }
}

/** Its sites and log. */
export class SiteLog extends AnySiteLog {
  /** @param parts what is other than usual. */
  constructor(parts: Partial<MachineParts> = {}) {
    super({ ...machineParts, ...parts });
  }
}
