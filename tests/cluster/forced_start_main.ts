/**
 * A launcher of its own process that starts fakes from one of them in a data directory, and is killed meanwhile.
 *
 * @module
 */

import { Launcher } from "../../src/cluster/launcher.ts";
import { fakes } from "./fakes.ts";

const [dataDir, slot] = Deno.args;
await Launcher.start(fakes(3, `begins=${slot}`, { dataDir, forceFrom: Number(slot) }));
