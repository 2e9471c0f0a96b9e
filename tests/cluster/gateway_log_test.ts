import { assertEquals, assertMatch } from "@std/assert";
import { GatewayLog, type GatewayLogFile } from "../../src/cluster/gateway_log.ts";

const bound = 60_000;
const now = () => new Date(Date.UTC(2026, 10, 24, 12));

Deno.test("GatewayLog writes lines with their times, says once that it cannot, and continues when it can", async () => {
  let text = "";
  let isFull = false;
  let opened = 0;
  const open = (): Promise<GatewayLogFile> => {
    opened++;
    return Promise.resolve({
      write: (bytes) => {
        if (isFull) return Promise.reject(new Error("No space left on device (os error 28)"));
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
      close: () => {},
    });
  };
  const complaints: string[] = [];
  const log = new GatewayLog(open, (line) => complaints.push(line), "text", now);
  const say = async (line: string) => {
    log.line(line, "warn");
    await log.flush(bound);
  };
  assertEquals(opened, 0);
  await say("Refused one");
  isFull = true;
  await say("Refused two");
  await say("Refused three");
  isFull = false;
  await say("Refused four");
  await say("Refused five");
  assertEquals(
    text,
    "2026-11-24T12:00:00.000Z  Refused one\n\n(lines are missing here)\n" +
      "2026-11-24T12:00:00.000Z  Refused four\n2026-11-24T12:00:00.000Z  Refused five\n",
  );
  assertEquals(complaints.length, 2);
  assertMatch(
    complaints[0],
    /^Cannot write "gateway.log": No space left .*; requests are served, and refused ones are/,
  );
  assertEquals(complaints[1], '"gateway.log" is written again');
});

Deno.test("GatewayLog that cannot even be opened harms nobody", async () => {
  const complaints: string[] = [];
  const log = new GatewayLog(
    () => Promise.reject(new Error("is a directory")),
    (line) => complaints.push(line),
    "text",
    now,
  );
  log.line("one", "warn");
  await log.flush(bound);
  log.line("two", "error");
  await log.flush(bound);
  assertEquals(complaints.length, 1);
});

Deno.test("GatewayLog writes objects that programs read, also where lines are missing", async () => {
  let text = "";
  let isFull = false;
  const open = (): Promise<GatewayLogFile> =>
    Promise.resolve({
      write: (bytes) => {
        if (isFull) return Promise.reject(new Error("No space left on device"));
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
      close: () => {},
    });
  const log = new GatewayLog(open, () => {}, "json", now);
  for (
    const [line, level] of [["Refused one", "warn"], ["Refused two", "warn"], ["Error for three", "error"]] as const
  ) {
    isFull = line === "Refused two";
    log.line(line, level);
    await log.flush(bound);
  }
  const time = "2026-11-24T12:00:00.000Z";
  assertEquals(text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)), [
    { time, level: "warn", event: "refused", message: "Refused one" },
    { time, level: "warn", event: "missing", message: "lines are missing here" },
    { time, level: "error", event: "refused", message: "Error for three" },
  ]);
});
