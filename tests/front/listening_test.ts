import { assertEquals } from "@std/assert";
import { cannotListen } from "../../src/front/listening.ts";

Deno.test("cannotListen() says of which host or port it is so, and what to choose", () => {
  const cases: [string, Error, string][] = [
    [
      "nosuch.invalid",
      new Error("failed to lookup address information: Name or service not known"),
      'Cannot listen at nosuch.invalid, port 80: no address is known of "nosuch.invalid"; choose another --http-host',
    ],
    [
      "192.0.2.7",
      new Deno.errors.AddrNotAvailable("os error 99"),
      'Cannot listen at 192.0.2.7, port 80: "192.0.2.7" is not an address of this machine; choose another --http-host',
    ],
    [
      "::1",
      new Deno.errors.AddrInUse("os error 98"),
      "Cannot listen at ::1, port 80: the port is in use; choose another --http",
    ],
    [
      "::1",
      new Deno.errors.PermissionDenied("Permission denied\n(os error 13)"),
      "Cannot listen at ::1, port 80: Permission denied\\u000a(os error 13); choose another --http",
    ],
  ];
  for (const [hostname, error, message] of cases) assertEquals(cannotListen(hostname, 80, error), message);
});
