import { assertEquals } from "@std/assert";
import { MemberLinks } from "../../../src/protocol/client/member_links.ts";

const members = [0, 1, 2].map((id) => ({ id, address: `h:${id}` }));

Deno.test("MemberLinks.wanted() names whoever was named while there is no link, and then the members", () => {
  const links = new MemberLinks(() => {});
  assertEquals(links.wanted([], ["h:0", "h:1"]), ["h:0", "h:1"]);
  const first = links.open(1, "h:0");
  assertEquals(links.wanted([], ["h:0", "h:1"]), ["h:1"]);
  links.bind(first, 0);
  assertEquals(links.wanted(members, ["h:0", "x:9"]), ["h:1", "h:2"]);
  links.open(2, "h:1");
  assertEquals(links.wanted(members, []), ["h:2"]);
  links.close(1);
  assertEquals(links.wanted(members, ["x:9"]), ["h:0", "h:2", "x:9"]);
});

Deno.test("MemberLinks.bind() says whether it is new, and moves a link that turns out to lead elsewhere", () => {
  const links = new MemberLinks(() => {});
  const link = links.open(1, "h:0");
  assertEquals([links.bind(link, 0), links.bind(link, 0), links.to(0)], [true, false, link]);
  assertEquals([links.bind(link, 2), links.to(0), links.to(2)], [true, undefined, link]);
});

Deno.test("MemberLinks.close() of an older link leaves the newer one in its place", () => {
  const links = new MemberLinks(() => {});
  const [older, newer] = [links.open(1, "h:0"), links.open(2, "h:0")];
  links.bind(older, 0);
  links.bind(newer, 0);
  links.close(1);
  links.close(1);
  assertEquals([links.get(1), links.to(0), [...links]], [undefined, newer, [newer]]);
});

Deno.test("MemberLinks.memberAt() knows a member by its address, unless it has a link", () => {
  const links = new MemberLinks(() => {});
  const link = links.open(1, "h:1");
  assertEquals(links.memberAt(link, members)?.id, 1);
  assertEquals(links.memberAt(links.open(2, "x:9"), members), undefined);
  links.bind(link, 1);
  assertEquals(links.memberAt(links.open(3, "h:1"), members), undefined);
});

Deno.test("MemberLinks.broadcast() sends to the members that are linked, and to the answerer last", () => {
  const sent: number[] = [];
  const links = new MemberLinks((effect) => sent.push(effect.link));
  const clock = { kind: "CLOCK", v: 1, ts: 1, done: 0, suspend: false } as const;
  for (const { id, address } of members) links.bind(links.open(10 + id, address), id);
  assertEquals([links.broadcast(members, clock), sent], [3, [10, 12, 11]]);
  links.close(12);
  sent.length = 0;
  assertEquals([links.broadcast(members, clock), sent], [2, [10, 11]]);
});
