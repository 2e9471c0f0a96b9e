/**
 * Attacks by links that take what a replica has little of: memory for unfinished frames, copies, watchers.
 *
 * @module
 */

import { frameBytesMax, wireVersion } from "../../src/limits.ts";
import { RawClient } from "../net/raw_client.ts";
import type { Attack } from "./attacks.ts";

/** As many links at a time, each of which begins again when the replica has ended it. */
async function links(
  count: number,
  ports: readonly number[],
  each: (port: number) => Promise<RawClient>,
): Promise<void> {
  await Promise.all(Array.from({ length: count }, async (_, at) => {
    for (;;) {
      try {
        const client = await each(ports[at % ports.length]);
        await client.closed.promise;
        client.die();
      } catch {
        // It was ended before it could begin.
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }));
}

/** The attacks. */
export const linkAttacks: Readonly<Record<string, Attack>> = {
  "partial-frames": {
    what: "200 links send a frame of 1 MiB without its last byte, and wait",
    run: (ports) => {
      const part = new Uint8Array(frameBytesMax + 3);
      new DataView(part.buffer).setUint32(0, frameBytesMax);
      return links(200, ports, async (port) => {
        const client = await RawClient.greet(port);
        await client.write(part);
        return client;
      });
    },
  },
  "copies": {
    what: "100 links ask for a copy with a command that never comes",
    run: (ports) =>
      links(100, ports, async (port) => {
        const client = await RawClient.connect(port);
        client.send({ kind: "COPY", version: wireVersion, atLeast: 2 ** 50, offset: 0 });
        return client;
      }),
  },
  "watchers": {
    what: "1,000 links watch the log from its beginning, again and again, and read nothing",
    run: (ports) =>
      links(1_000, ports, async (port) => {
        const client = await RawClient.connect(port);
        client.send({ kind: "WATCH", version: wireVersion, cluster: undefined, after: 0 });
        await client.admitted("watch");
        client.stall();
        return client;
      }),
  },
};
