/**
 * How a client's id follows from its secret: the client names itself by it, and a replica checks it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { ClientId } from "../uid.ts";

/** The id of a session: the first 128 bits of the SHA-256 of its secret, which is given in hexadecimal digits. */
export function clientIdOf(secret: string): ClientId {
  return createHash("sha256").update(secret, "hex").digest("hex").slice(0, 32);
}
