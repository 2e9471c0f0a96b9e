/**
 * The client, with segments of another size: `client_main.ts?entries=N&documents=BYTES`. A backup that it fetches has
 * them.
 *
 * @module
 */

import { runClient } from "../../src/cli/client_main.ts";
import { processSurroundings } from "../../src/cli/terminal.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { partsWished } from "./machine_parts.ts";

const makeSites = (reader: ConstructorParameters<typeof Sites>[0]["reader"]) =>
  new Sites({ packing: zstdPacking, reader, ...partsWished(import.meta.url) });

Deno.exit(await runClient(Deno.args, { ...processSurroundings(), makeSites }));
