import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, DecodeError } from "../../../src/bytes.ts";
import { commandsPerRequestMax, wireVersion } from "../../../src/limits.ts";
import { decode, decodeFromOpener, decodeToOpener, encode } from "../../../src/protocol/wire/codec.ts";
import { type Layout, layouts, type Message } from "../../../src/protocol/wire/messages.ts";
import { golden } from "./golden_messages.ts";
import { anyMessage, kinds, messageOf } from "./messages_of.ts";

function bytesOf(message: Message): Uint8Array {
  const writer = new ByteWriter(1);
  encode(writer, message);
  return writer.copy();
}

/** What it decodes to, or undefined; anything but a DecodeError is a fault. */
function decoded(bytes: Uint8Array): Message | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    assert(error instanceof DecodeError, `${error} is not a DecodeError`);
    return undefined;
  }
}

for (const kind of kinds) {
  Deno.test(`decode() gives back every ${kind} that encode() wrote`, () => {
    fc.assert(fc.property(messageOf(kind), (message) => {
      assertEquals(decode(bytesOf(message)), message);
    }));
  });

  Deno.test(`decode() takes no part of a ${kind}, and nothing after it`, () => {
    fc.assert(
      fc.property(messageOf(kind), fc.uint8Array({ minLength: 1, maxLength: 3 }), (message, trailing) => {
        const bytes = bytesOf(message);
        for (let length = 0; length < bytes.length; length++) {
          assertEquals([length, decoded(bytes.subarray(0, length))], [length, undefined]);
        }
        const longer = new Uint8Array([...bytes, ...trailing]);
        assertThrows(() => decode(longer), DecodeError, `${kind}: ${trailing.length} bytes are left over`);
      }),
      { numRuns: 30 },
    );
  });
}

Deno.test("decode() reads its range only, and keeps no view of it", () => {
  fc.assert(fc.property(anyMessage, fc.nat(9), fc.nat(9), (message, before, after) => {
    const bytes = bytesOf(message);
    const around = new Uint8Array(before + bytes.length + after).fill(0xff);
    around.set(bytes, before);
    const read = decode(around, before, before + bytes.length);
    around.fill(0);
    assertEquals(read, message);
  }));
});

Deno.test("decode() after any bit is flipped gives a message that has just these bytes, or throws DecodeError", () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, seed) => {
      const bytes = bytesOf(message);
      const bit = seed % (bytes.length * 8);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      const read = decoded(bytes);
      if (read !== undefined) assertEquals(bytesOf(read), bytes);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("decode() of hostile bytes gives a message that has just these bytes, or throws DecodeError", () => {
  const code = fc.constantFrom(...Object.values(layouts).map((layout) => layout.code));
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.tuple(code, fc.uint8Array({ maxLength: 100 })).map(([first, rest]) => new Uint8Array([first, ...rest])),
    // Small numbers are taken for counts and lengths.
    fc.tuple(code, fc.array(fc.nat(3), { maxLength: 100 })).map(([first, rest]) => new Uint8Array([first, ...rest])),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const read = decoded(bytes);
      if (read !== undefined) assertEquals(bytesOf(read), bytes);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("decode() refuses codes that no message has", () => {
  const codes = new Set(Object.values(layouts).map((layout) => layout.code as number));
  for (let code = 0; code < 256; code++) {
    if (codes.has(code)) continue;
    assertThrows(() => decode(new Uint8Array([code, 0, 0])), DecodeError, `no message has the code ${code}`);
  }
  assertThrows(() => decode(new Uint8Array(0)), DecodeError, "the bytes end too early");
});

Deno.test("decode() says which field of which message is wrong", () => {
  // RESUME with a ts that ends early; CLOCK with a flag of 2; ALARM with a v in a longer form than needed.
  assertThrows(
    () => decode(new Uint8Array([0x02, 1, 0x80])),
    DecodeError,
    'RESUME: field "ts": the bytes end too early',
  );
  assertThrows(() => decode(new Uint8Array([0x09, 1, 1, 1, 2])), DecodeError, 'CLOCK: field "suspend": a flag is 2');
  assertThrows(() => decode(new Uint8Array([0x2a, 0x81, 0])), DecodeError, 'ALARM: field "v": an integer is longer');
});

Deno.test("decode() names both versions where another one is spoken", () => {
  for (const kind of ["GREET", "HELLO", "PEER", "COPY", "WATCH", "STATUS"] as const) {
    const [message] = golden.find(([each]) => each.kind === kind)!;
    const bytes = bytesOf({ ...message, version: wireVersion + 6 } as Message);
    assertThrows(
      () => decode(bytes),
      DecodeError,
      `${kind}: it speaks version ${wireVersion + 6} of the wire protocol, and this is version ${wireVersion}`,
    );
    // Also where what follows would not be understood.
    assertThrows(() => decode(bytes.subarray(0, 2)), DecodeError, `speaks version ${wireVersion + 6}`);
  }
});

Deno.test("decode() refuses a list that announces more than there are bytes for, and takes no memory for it", () => {
  // INSTALL of view 1 with 2^40 members.
  const bytes = new Uint8Array([0x28, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
  assertThrows(() => decode(bytes), DecodeError, "1099511627776 values are announced");
});

Deno.test("decode() refuses a batch that is not made of whole items, or of too many", () => {
  const request = (commands: Uint8Array) =>
    bytesOf({ kind: "REQUEST", v: 1, seq: 1, ts: 1, upto: 1, done: 0, end: false, commands });
  assertThrows(() => decode(request(new Uint8Array([5, 1]))), DecodeError, 'REQUEST: field "commands": 5 bytes');
  assertEquals(decode(request(new Uint8Array(commandsPerRequestMax))).kind, "REQUEST");
  const tooMany = request(new Uint8Array(commandsPerRequestMax + 1));
  assertThrows(() => decode(tooMany), DecodeError, `a batch has over ${commandsPerRequestMax} items`);
});

Deno.test("encode() refuses hexadecimal digits of another length, and numbers out of range", () => {
  const writer = new ByteWriter();
  const hello: Message = { kind: "HELLO", version: wireVersion, cluster: undefined, secret: "ab", done: 0 };
  assertThrows(() => encode(writer, hello), RangeError, 'Cannot write "ab": it must be 32 bytes');
  assertThrows(() => encode(writer, { kind: "ALARM", v: -1, blame: undefined }), RangeError, "Cannot write a varint");
});

Deno.test("the bytes of each message are what they always were", () => {
  for (const [message, hex] of golden) {
    const bytes = bytesOf(message);
    const actual = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assertEquals([message.kind, actual], [message.kind, hex.replaceAll(" ", "")]);
    assertEquals(decode(bytes), message);
  }
  assertEquals(new Set(golden.map(([message]) => message.kind)), new Set(kinds));
});

Deno.test("no two messages have the same code, and none is 0", () => {
  const codes = Object.values<Layout>(layouts).map(({ code }) => code);
  assertEquals(new Set(codes).size, codes.length);
  assertEquals(codes.every((code) => code > 0 && code < 256), true);
  // Those of messages of older versions, with other fields.
  for (const code of [0x03, 0x04, 0x13, 0x15, 0x21, 0x22, 0x24, 0x37]) assertEquals(codes.includes(code), false);
});

/** What a replica refuses a stranger with, or the kind of the message. */
function fromOpener(bytes: readonly number[]): string {
  try {
    return decodeFromOpener(Uint8Array.from(bytes)).kind;
  } catch (error) {
    assert(error instanceof DecodeError, `${error} is not a DecodeError`);
    return error.message;
  }
}

Deno.test("before an opener is admitted, only GREET and PROOF are decoded, and only the answers to them", () => {
  for (const [message] of golden) {
    const bytes = [...bytesOf(message)];
    const read = fromOpener(bytes);
    if (message.kind === "GREET" || message.kind === "PROOF") assertEquals(read, message.kind);
    else assert(/^no message before ADMITTED has the code|^\w+ came before GREET$/.test(read), read);
    if (["CHALLENGE", "ADMITTED", "REFUSED"].includes(message.kind)) {
      assertEquals(decodeToOpener(Uint8Array.from(bytes)), message);
    } else {
      assertThrows(
        () => decodeToOpener(Uint8Array.from(bytes)),
        DecodeError,
        "no message before ADMITTED has the code",
      );
    }
  }
  assertEquals(fromOpener([]), "the bytes end too early");
  assertEquals(fromOpener([5]), "the bytes end too early");
});

Deno.test("a replica names both versions to each link that an earlier version begins", () => {
  const beginnings = { GREET: 0x01, COPY: 0x05, WATCH: 0x06, STATUS: 0x07, PEER: 0x21 };
  for (const [kind, code] of Object.entries(beginnings)) {
    for (const version of [7, 8]) {
      const text = `${kind}: it speaks version ${version} of the wire protocol, and this is version ${wireVersion}`;
      assertEquals(fromOpener([code, version, 0, 0, 0]), text);
    }
  }
});

Deno.test("an earlier version names both versions to a link that this one begins", () => {
  // It reads a code, and then a version: the code is that of a client's first frame, of any version.
  const [greet] = golden.find(([{ kind }]) => kind === "GREET")!;
  assertEquals([...bytesOf(greet)].slice(0, 2), [0x01, wireVersion]);
  // And its refusal can be read.
  const refused = { kind: "REFUSED", reason: `HELLO: it speaks version ${wireVersion}`, cluster: undefined } as const;
  assertEquals(decodeToOpener(bytesOf(refused)), refused);
});
