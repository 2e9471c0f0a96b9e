import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseAddress, parseAddresses } from "../../src/cli/addresses.ts";
import { UsageError } from "../../src/front/usage_error.ts";

Deno.test("parseAddress() takes a port, host:port and an IPv6 address in brackets", () => {
  const cases = [
    ["8892", "127.0.0.1:8892"],
    ["1", "127.0.0.1:1"],
    ["65535", "127.0.0.1:65535"],
    ["localhost:8892", "127.0.0.1:8892"],
    ["LOCALHOST:8892", "127.0.0.1:8892"],
    ["10.0.0.7:80", "10.0.0.7:80"],
    ["Replica-1.Example.org:8892", "replica-1.example.org:8892"],
    ["[::1]:8892", "[::1]:8892"],
    ["[0:0::1]:8892", "[::1]:8892"],
  ];
  for (const [typed, address] of cases) assertEquals(parseAddress(typed), address);
});

Deno.test("parseAddress() refuses and quotes a text that is not an address", () => {
  const refused = [
    "",
    "x",
    "88x2",
    "8892,8893",
    "+8892",
    "-8892",
    "88.92",
    "1e3",
    " 8892",
    "８８９２",
    ":8892",
    "host:",
    "::1",
  ];
  for (
    const typed of [...refused, "::1:8892", "[::1]", "[::g]:1", "a b:1", "a/b:1", "u@h:1", "8892:8893", "300.1.1.1:5"]
  ) {
    assertStringIncludes(assertThrows(() => parseAddress(typed), UsageError).message, `"${typed}"`);
  }
});

Deno.test("parseAddress() refuses a port outside 1 to 65535, and says the range", () => {
  for (const typed of ["0", "65536", "host:0", "[::1]:99999", "99999999999999999999"]) {
    const { message } = assertThrows(() => parseAddress(typed), UsageError);
    assertStringIncludes(message, `"${typed}"`);
    assertStringIncludes(message, "from 1 to 65535");
  }
});

Deno.test("parseAddresses() keeps the order and refuses duplicates, however they are written", () => {
  assertEquals(parseAddresses(["8893", "8892"]), ["127.0.0.1:8893", "127.0.0.1:8892"]);
  assertEquals(parseAddresses([]), []);
  const same = [["8892", "8892"], ["8892", "127.0.0.1:8892"], ["localhost:8892", "8892"], ["[::1]:1", "[0::1]:1"]];
  for (const [first, second] of same) {
    const { message } = assertThrows(() => parseAddresses(["1", first, second]), UsageError);
    assertStringIncludes(message, `"${second}" is given twice`);
  }
});
