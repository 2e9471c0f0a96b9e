import { assertEquals, assertThrows } from "@std/assert";
import { ControlError, encodeControl } from "../../src/runtime/control.ts";
import {
  type GatewaySay,
  type GatewayTell,
  parseGatewaySay,
  parseGatewayTell,
} from "../../src/cluster/gateway_messages.ts";
import { plainEntry } from "../../src/access/auth_entries.ts";
import { testAccess, testToken } from "../net/admitted.ts";

const shown = { sessionToken: testToken.text, access: testAccess.map(plainEntry) };

const says: readonly GatewaySay[] = [
  { say: "listening", port: 8080, url: "http://127.0.0.1:8080/" },
  { say: "fatal", message: 'a line\nbreak, "quotes"' },
  { say: "ask", id: 1, action: { what: "kill", slot: 2 } },
  { say: "ask", id: 2, action: { what: "restart", slot: 0 } },
  { say: "ask", id: 3, action: { what: "add" } },
  { say: "ask", id: 4, action: { what: "rows" } },
];

const tells: readonly GatewayTell[] = [
  { tell: "serve", place: { addresses: ["127.0.0.1:1"], hostname: "::1", port: 0, token: "ab", ...shown } },
  {
    tell: "serve",
    place: { addresses: [], hostname: "::1", port: 0, publicUrl: "https://vaccines.example/", token: "ab", ...shown },
  },
  { tell: "answer", id: 7, answer: { done: false, text: "no", rows: [{ slot: 0, state: "up", pid: 1 }] } },
];

Deno.test("what launcher and gateway say to each other is one line, and is read as it was meant", () => {
  for (const message of [...says, ...tells]) {
    const line = encodeControl(message);
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals("say" in message ? parseGatewaySay(line) : parseGatewayTell(line), message);
  }
});

Deno.test("what a gateway cannot mean is refused", () => {
  const nonsense = [
    "",
    "{",
    "7",
    "null",
    "{}",
    '{"say":"fly"}',
    '{"say":"listening","port":"8080","url":"x"}',
    '{"say":"fatal"}',
    '{"say":"ask","id":1}',
    '{"say":"ask","id":-1,"action":{"what":"add"}}',
    '{"say":"ask","id":1,"action":{"what":"quit"}}',
    '{"say":"ask","id":1,"action":{"what":"kill"}}',
    '{"say":"ask","id":1,"action":{"what":"kill","slot":"0"}}',
    '{"say":"ask","id":1,"action":{"what":"kill","slot":1.5}}',
  ];
  for (const line of nonsense) assertThrows(() => parseGatewaySay(line), ControlError, "Cannot read");
  assertThrows(() => parseGatewayTell('{"tell":"fly"}'), ControlError, "Cannot read");
});
