/**
 * A process that makes and writes files of each kind in the folder that it is given, and prints a line before each
 * step.
 *
 * @module
 */

import { walFramesMax } from "../../src/storage/file_check.ts";
import { ClusterFile } from "../../src/storage/cluster_file.ts";
import { NewFile } from "../../src/storage/new_file.ts";
import { Parts } from "../../src/snapshot.ts";
import { Store } from "../../src/storage/store.ts";
import { bytesOf } from "./folder.ts";

const folder = Deno.args[0];

function step(name: string): void {
  console.log(`step ${name}`);
}

step("make");
const store = await Store.open(`${folder}/replica-0.db`);
store.replace(new Parts([bytesOf(1000, 1)]));
store.commit();
for (let commit = 1; commit <= 5; commit++) {
  step(`commit ${commit}`);
  store.append(bytesOf(2000, commit));
  store.commit();
}
step("seal");
store.seal();
step("move the log");
// Each commit writes a frame at least: it is moved once on the way.
for (let commit = 0; commit < walFramesMax; commit++) {
  store.append(bytesOf(10, commit));
  store.commit();
}
step("close");
store.close();

step("open the cluster's file");
const cluster = await ClusterFile.open(`${folder}/cluster.db`);
step("change it");
cluster.update({ nextIncarnation: 1 });
step("close it");
cluster.close();

step("make a file");
const made = new NewFile(`${folder}/made`);
made.write(bytesOf(100, 1));
made.complete();
step("end");
