/**
 * A process that has a database file open: it writes the rows that it is told to, and ends with its standard input;
 * with "leave" it does not close the file.
 *
 * @module
 */

import { linesOf } from "../../src/runtime/lines.ts";
import { Store } from "../../src/storage/store.ts";
import { bytesOf } from "./folder.ts";
import { Parts } from "../../src/snapshot.ts";

const store = await Store.open(Deno.args[0]);
store.replace(new Parts([bytesOf(1000, 1)]));
store.commit();
console.log("open");
for await (const { text: line } of linesOf(Deno.stdin.readable, 100)) {
  store.append(bytesOf(2000, Number(line)));
  store.commit();
  console.log(line);
}
if (Deno.args[1] !== "leave") store.close();
