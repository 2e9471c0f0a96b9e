/**
 * Strangers without a token, in a process of their own: connections that say nothing, or greet and send a wrong proof,
 * and come again when they are closed.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { writeFrame } from "../../src/framing.ts";
import { wireVersion } from "../../src/limits.ts";
import { encode } from "../../src/protocol/wire/codec.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";

/** What the process is told. */
export interface StrangersOrder {
  readonly port: number;
  readonly count: number;
  readonly proves: boolean;
  readonly ms: number;
}

/** What they have done. */
export interface StrangersReport {
  readonly connections: number;
  readonly bytes: number;
}

const nonce = "5a".repeat(32);

function frames(...messages: readonly Message[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  for (const message of messages) writeFrame(writer, encode, message);
  return writer.copy();
}

async function attack({ port, count, proves, ms }: StrangersOrder): Promise<StrangersReport> {
  const bytes = proves
    ? frames(
      { kind: "GREET", version: wireVersion, purpose: "session", nonce },
      { kind: "PROOF", name: "local", proof: nonce },
    )
    : new Uint8Array(0);
  const endsAt = performance.now() + ms;
  let connections = 0;
  const one = async () => {
    const space = new Uint8Array(256);
    while (performance.now() < endsAt) {
      try {
        using connection = await Deno.connect({ hostname: "127.0.0.1", port });
        connections++;
        // Until the replica ends it, or all is over.
        const over = setTimeout(() => connection.close(), Math.max(0, endsAt - performance.now()));
        try {
          if (bytes.length > 0) await connection.write(bytes);
          while (await connection.read(space) !== null);
        } finally {
          clearTimeout(over);
        }
      } catch {
        // It was closed, here or there.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  };
  await Promise.all(Array.from({ length: count }, one));
  return { connections, bytes: connections * bytes.length };
}

if (import.meta.main) console.log(JSON.stringify(await attack(JSON.parse(Deno.args[0]))));
