/**
 * What tests ask of nodes.
 *
 * @module
 */

import type { NodeMessageOf } from "../../../src/engine/wire/node_messages.ts";
import { wireVersion } from "../../../src/limits.ts";
import { Counter } from "../../engine/machine.ts";
import { batchOf, RawClient } from "../raw_client.ts";
import type { LocalNode } from "./local_nodes.ts";

/** A site that is there from the start. */
export const harvard = "Harvard University";

/** The commands of a request that reports something. */
export function set(value = 1, recordedAt = 1): Uint8Array {
  return batchOf({ kind: "set", name: harvard, value, recordedAt });
}

/** Those of a read. */
export const view: Uint8Array = batchOf({ kind: "view", name: harvard });

/** A node whose machine counts commands. */
export const counting = { machine: () => new Counter() };

/** Submits a request. */
export function submit(client: RawClient, seq: number, fields: Partial<NodeMessageOf<"SUBMIT">> = {}): void {
  client.send({ kind: "SUBMIT", seq, born: 0, done: 0, end: false, commands: set(), ...fields });
}

/** Asks a node how it is. */
export async function statusOf({ port }: LocalNode): Promise<NodeMessageOf<"NODE_IS">> {
  const client = await RawClient.connect(port);
  client.send({ kind: "STATUS", version: wireVersion, waits: false });
  const status = await client.next("NODE_IS");
  await client.leave();
  return status;
}
