/**
 * Run as another user of the machine: tries each kind of link to a replica with what anybody can make up, and asks a
 * gateway. It prints what it is refused with, a line each. Its words: the port of the replica and the URL of a gateway.
 *
 * @module
 */

import { Token } from "../../src/access/token.ts";
import { openingWith, openLink } from "../../src/net/opening.ts";
import { replicaOpening } from "../../src/net/server/admission.ts";
import { linkPurposes } from "../../src/protocol/wire/messages.ts";

const [port, url] = Deno.args;
// Everybody knows that name.
const token = new Token("local", new Uint8Array(32).fill(1));

for (const purpose of linkPurposes) {
  const opening = purpose === "replica"
    ? replicaOpening("01".repeat(32))
    : openingWith(purpose, { tokenAt: () => token });
  const outcome = await openLink(`127.0.0.1:${port}`, opening).then(() => "OPEN", (error) => error.message);
  console.log(`${purpose}: ${outcome}`);
}
const authorization = `Bearer ${token.text}`;
for (const headers of [new Headers(), new Headers({ authorization })]) {
  for (const [method, path] of [["GET", "/api/sites"], ["GET", "/api/events"], ["POST", "/api/replicas/0/kill"]]) {
    const response = await fetch(url + path, { method, headers });
    await response.body?.cancel();
    console.log(`${method} ${path}: ${response.status}`);
  }
}
