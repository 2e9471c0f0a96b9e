/**
 * Idempotency keys: a request that comes again with the key of an earlier one gets the response of that one, and is not
 * executed again, through whichever gateway it comes.
 *
 * The replicas keep the keys (`database/store/answered_keys.ts`). Each command of a request has a key that follows from
 * that of the request, from whose request it is, and from its place among the commands of the request. The response
 * follows from the outputs, so it is the same again. A command that was not executed before is executed then.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type CommandKey, keyHashBytes, requestHashBytes } from "../database/wire/commands.ts";
import { ValueError } from "../library/client.ts";
import { RequestKeys } from "../library/request_keys.ts";
import { quotedShort } from "../quoted.ts";

/** Characters in an idempotency key; a UUID has 36. */
const idempotencyKeyCharactersMax = 128;

/**
 * The keys of the commands of a request.
 *
 * @param key as the client gave it.
 * @param by whose token the request has; absent: nobody's. The same key of others is another one.
 * @param request what must be the same whenever the key is given: method, path and body.
 * @throws {ValueError} if the key is malformed.
 */
export function requestKeys(key: string, by: string | undefined, request: string): RequestKeys {
  if (!/^[!-~]+$/.test(key) || key.length > idempotencyKeyCharactersMax) {
    const wanted = `give 1 to ${idempotencyKeyCharactersMax} visible ASCII characters, such as a UUID`;
    throw new ValueError(`Cannot take ${quotedShort(key)} as an Idempotency-Key: ${wanted}`);
  }
  const fingerprint = hashOf(request).subarray(0, requestHashBytes);
  return new RequestKeys((place): CommandKey => {
    const hash = hashOf(JSON.stringify([by ?? "", key, place])).subarray(0, keyHashBytes);
    return { hash, request: fingerprint };
  });
}

function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
