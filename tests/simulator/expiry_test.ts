/** A session expires only if no member had a link to its client for long. */

import { assertEquals, assertThrows } from "@std/assert";
import { Expiry } from "./expiry.ts";
import { Violation } from "./history.ts";

const client = "1".repeat(32);
const members = [{ id: 0, name: "r0" }, { id: 1, name: "r1" }];

Deno.test("Expiry takes the word of replicas that all had no link, and of no others", () => {
  const expiry = new Expiry();
  expiry.missed(client, 0);
  assertThrows(() => expiry.check([client], members), Violation, "session 1111 expires, and r1 had a link");
  expiry.missed(client, 1);
  expiry.check([client], members);
  expiry.linked(client, 0);
  assertThrows(() => expiry.check([client], members), Violation, "session 1111 expires, and r0 had a link");
});

Deno.test("Expiry remembers whose session may have been lost", () => {
  const expiry = new Expiry();
  assertEquals([expiry.isEmpty, expiry.mayBeLost(client)], [true, false]);
  expiry.missed(client, 0);
  expiry.linked(client, 0);
  assertEquals([expiry.isEmpty, expiry.mayBeLost(client)], [false, true]);
});
