/**
 * The entry of a server of the limit: `limit_main.ts --id=N [--data=FILE]`. It says its port in a line of its own, and
 * exits when its standard input ends.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Sites } from "../src/database/store/sites.ts";
import { zstdPacking } from "../src/storage/zstd_packing.ts";
import { Store } from "../src/storage/store.ts";
import { LimitServer } from "./limit_server.ts";

const text = { type: "string" } as const;
const { id, data } = parseArgs({ args: Deno.args, options: { id: text, data: text } }).values;
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const store = data === undefined ? undefined : await Store.open(data);
const server = new LimitServer({ id: Number(id), listener, machine: new Sites({ packing: zstdPacking }), store });
console.log(listener.addr.port);
// Nothing is ever told to it: the end is all that is waited for.
for await (const _ of Deno.stdin.readable);
server.close();
Deno.exit(0);
