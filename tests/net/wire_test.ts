/** Messages of replicas and of nodes on one link. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, DecodeError } from "../../src/bytes.ts";
import { nodeLayouts } from "../../src/engine/wire/node_messages.ts";
import { type AnyMessage, decodeAny, encodeAny } from "../../src/net/wire.ts";
import { decode } from "../../src/protocol/wire/codec.ts";
import { layouts } from "../../src/protocol/wire/messages.ts";
import { golden } from "../protocol/wire/golden_messages.ts";
import { anyKinds, anyMessageOf, nodeKinds } from "../protocol/wire/messages_of.ts";
import { goldenOfNodes } from "./golden_node_messages.ts";

function bytesOf(message: AnyMessage): Uint8Array {
  const writer = new ByteWriter(1);
  encodeAny(writer, message);
  return writer.copy();
}

Deno.test("encodeAny() gives the golden bytes of each message, and decodeAny() reads them", () => {
  for (const [message, hex] of [...golden, ...goldenOfNodes]) {
    assertEquals([message.kind, bytesOf(message).toHex()], [message.kind, hex.replaceAll(" ", "")]);
    assertEquals(decodeAny(bytesOf(message)), message);
  }
  assertEquals(new Set(goldenOfNodes.map(([{ kind }]) => kind)), new Set(nodeKinds));
});

Deno.test("no two messages have one code, and a replica reads none of nodes", () => {
  const codes = [...Object.values(layouts), ...Object.values(nodeLayouts)].map(({ code }) => code);
  assertEquals(new Set(codes).size, codes.length);
  for (const [message] of goldenOfNodes) {
    assertThrows(() => decode(bytesOf(message)), DecodeError, "no message has the code");
  }
});

for (const kind of anyKinds) {
  Deno.test(`decodeAny() reads each whole ${kind}, and nothing else`, () => {
    fc.assert(
      fc.property(anyMessageOf(kind), fc.uint8Array({ minLength: 1, maxLength: 3 }), (message, trailing) => {
        const bytes = bytesOf(message);
        assertEquals(decodeAny(bytes), message);
        assertThrows(() => decodeAny(bytes.subarray(0, -1)), DecodeError);
        assertThrows(() => decodeAny(Uint8Array.of(...bytes, ...trailing)), DecodeError);
      }),
      { numRuns: 30 },
    );
  });
}

Deno.test("decodeAny() of wrong bits gives a message that has just these, or throws DecodeError", () => {
  fc.assert(fc.property(fc.oneof(...nodeKinds.map(anyMessageOf)), fc.nat(), fc.nat(7), (message, at, bit) => {
    const bytes = bytesOf(message);
    bytes[at % bytes.length] ^= 1 << bit;
    try {
      assertEquals(bytesOf(decodeAny(bytes)), bytes);
    } catch (error) {
      assert(error instanceof DecodeError, `${error} is not a DecodeError`);
    }
  }));
});
