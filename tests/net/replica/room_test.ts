import { assertEquals, assertStringIncludes } from "@std/assert";
import { Room, spareBytes } from "../../../src/net/replica/room.ts";

const MiB = 2 ** 20;

Deno.test("spareBytes() is 5 % of a disk within bounds, and a quarter of a tiny one", () => {
  assertEquals(spareBytes(2000 * MiB), 100 * MiB);
  assertEquals(spareBytes(2 ** 40), 256 * MiB);
  assertEquals(spareBytes(100 * MiB), 16 * MiB);
  assertEquals(spareBytes(16 * MiB), 4 * MiB);
});

Deno.test("Room.look() says once when there is too little, and once when there is a quarter more than that", () => {
  let freeBytes = 200 * MiB;
  let looks = 0;
  const room = new Room(() => {
    looks++;
    return { freeBytes, diskBytes: 2000 * MiB };
  });
  let now = 0;
  const look = () => room.look(now += 20);
  assertEquals([look(), room.isShort], [undefined, false]);
  freeBytes = 100 * MiB - 1;
  assertEquals(room.look(now + 19), undefined, "it has just looked");
  assertEquals(looks, 1);
  assertStringIncludes(
    look()!,
    "takes no changes. It answers reads, and continues when there is room again: make room",
  );
  assertEquals([look(), room.isShort], [undefined, true]);
  freeBytes = 124 * MiB;
  assertEquals([look(), room.isShort], [undefined, true]);
  freeBytes = 125 * MiB;
  assertStringIncludes(look()!, "left again: this replica takes changes");
  assertEquals([look(), room.isShort], [undefined, false]);
});

Deno.test("Room.look() takes a disk of which nobody says anything for one with room", () => {
  for (const figures of [undefined, { freeBytes: 0, diskBytes: 0 }]) {
    const room = new Room(() => figures);
    assertEquals([room.look(0), room.isShort], [undefined, false]);
  }
});
