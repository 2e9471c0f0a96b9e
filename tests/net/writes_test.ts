import { assertEquals } from "@std/assert";
import { Writes } from "../../src/net/writes.ts";

Deno.test("Writes go together by destination, in the order in which these were first sent to", async () => {
  const writes = new Writes();
  const written: string[] = [];
  const send = (session: number, to: string) => writes.add(() => void written.push(`${to}${session}`), to);
  for (const session of [1, 2, 3]) for (const to of ["b", "c", "a"]) send(session, to);
  assertEquals(written, [], "nothing is written in the turn that sends");
  await Promise.resolve();
  assertEquals(written, ["b1", "b2", "b3", "c1", "c2", "c3", "a1", "a2", "a3"]);
});

Deno.test("Writes to unknown destinations keep their order", async () => {
  const writes = new Writes();
  const written: number[] = [];
  for (const link of [1, 2, 3]) writes.add(() => void written.push(link), undefined);
  await Promise.resolve();
  assertEquals(written, [1, 2, 3]);
});

Deno.test("Writes that others cause are written after them, and none twice", async () => {
  const writes = new Writes();
  const written: string[] = [];
  writes.add(() => {
    written.push("a");
    writes.add(() => void written.push("a again"), "a");
  }, "a");
  writes.add(() => void written.push("b"), "b");
  await Promise.resolve();
  assertEquals(written, ["a", "b"]);
  await Promise.resolve();
  assertEquals(written, ["a", "b", "a again"]);
});
