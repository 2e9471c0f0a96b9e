/**
 * A process that keeps sealed history in `replica-0.history`, a folder in the directory that it works in, and prints a
 * line before each step.
 *
 * @module
 */

import { HistoryFolder, stepping } from "../../src/storage/history_folder.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { isRedacted, one, oneRedacted, readAll, sealing, two } from "./history_world.ts";

function step(name: string): void {
  console.log(`step ${name}`);
}

using folder = new HistoryFolder(Deno.args[0] ?? "replica-0.history");
const store = await stepping(folder, HistoryStore.open(folder, zstdPacking, []));
store.viewInstalled();
for (const sealed of [one, two]) {
  step(`seal ${sealed.ref.number}`);
  store.name(await stepping(folder, sealing(store, sealed)));
}
step("heal");
await stepping(folder, store.heal(two.ref, 1, two.blocks[1]));
step("redact");
store.name(await stepping(folder, store.redact(1, isRedacted)));
step("delete");
store.checkpointBegins();
store.checkpointed();
await stepping(folder, store.deleteUnnamed());
step("read");
for (const sealed of [oneRedacted, two]) readAll(store, sealed);
step(`room ${store.room()?.freeBytes !== undefined}`);
