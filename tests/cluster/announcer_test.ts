import { assertEquals } from "@std/assert";
import { Announcer } from "../../src/cluster/announcer.ts";
import { events, type Level, levels, type LineFormat } from "../../src/front/announcement.ts";
import page from "../../docs/operations/monitoring.md" with { type: "text" };

function spoken(format: LineFormat, level: Level) {
  const said: string[] = [];
  const lines = (where: string) => ({ print: (text: string) => void said.push(`${where}: ${text}`) });
  const now = () => new Date("2026-11-24T10:00:00Z");
  const announcer = new Announcer({ format, level, output: lines("out"), complaints: lines("err"), now });
  announcer.say({
    level: "debug",
    event: "installed",
    replica: 0,
    text: "Replica 0 is in view 2",
    fields: { view: 2 },
  });
  announcer.say({ level: "info", event: "gateway", text: "http://h/#token=s", message: "The page listens" });
  announcer.complain({ level: "warn", event: "replica-says", replica: 1, text: 'replica 1: "no" room\nat all' });
  return said;
}

Deno.test("Announcer writes one object a line, with the time, the level, the replica, the event and its fields", () => {
  assertEquals(spoken("json", "debug"), [
    'out: {"time":"2026-11-24T10:00:00.000Z","level":"debug","replica":0,"event":"installed",' +
    '"message":"Replica 0 is in view 2","view":2}',
    'out: {"time":"2026-11-24T10:00:00.000Z","level":"info","event":"gateway","message":"The page listens"}',
    'out: {"time":"2026-11-24T10:00:00.000Z","level":"warn","replica":1,"event":"replica-says",' +
    '"message":"replica 1: \\"no\\" room\\nat all"}',
  ]);
});

Deno.test("Announcer leaves out what is below the level, in either format", () => {
  assertEquals(spoken("text", "info"), ["out: http://h/#token=s", 'err: replica 1: "no" room\nat all']);
  assertEquals(spoken("text", "warn"), ['err: replica 1: "no" room\nat all']);
  assertEquals(spoken("json", "warn").length, 1);
  assertEquals(spoken("json", "error"), []);
});

Deno.test("docs/operations/monitoring.md lists each event below each level that it may have", () => {
  const listed = [...page.matchAll(/^\| `(\w+)` +\| (`[a-z-]+`.*) +\|$/gm)].flatMap(([, level, text]) =>
    levels.some((it) => it === level) ? [...text.matchAll(/`([a-z-]+)`/g)].map(([, event]) => `${level} ${event}`) : []
  );
  const coded = Object.entries(events).flatMap(([event, its]) => its.map((level) => `${level} ${event}`));
  assertEquals(listed.toSorted(), coded.toSorted());
});
