import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Input } from "../../src/cli/inputs.ts";
import { InputError, type InputOptions } from "../../src/cli/inputs.ts";
import { OutcomeUnknownError } from "../../src/net/client/session.ts";
import { sitesOf } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const place = "https://a.example/sites.csv";
const header = "Availability,ZIP Code,Site Name\n";

/** An input of this text, of a version. */
function version(text: string, etag?: string): Input {
  return { bytes: ReadableStream.from([new TextEncoder().encode(header + text)]), etag };
}

/** A stage whose input is each of these in turn. */
function stageOf(...polls: readonly ((options: InputOptions) => Input)[]): Stage {
  const stage = new Stage();
  const left = [...polls];
  stage.inputs.set(place, (options) => {
    const poll = left.shift();
    if (poll === undefined) throw new InputError("Nothing more was staged");
    return poll(options);
  });
  return stage;
}

/** Lets a stage poll that many times, each as soon as it waits, and then stops it. */
async function polled(stage: Stage, count: number, ...options: readonly string[]): Promise<number> {
  const code = stage.run("8892", "import", place, "--follow", "5m", ...options);
  for (let at = 1; at <= count; at++) {
    await stage.alarmed(at);
    stage.now += 300_000;
    if (at < count) stage.alarms[at - 1].ring();
  }
  stage.interrupt();
  return await code;
}

function failing(message: string, retryAfterMs?: number): () => Input {
  return () => {
    throw new InputError(message, retryAfterMs);
  };
}

Deno.test("import --follow polls until Ctrl-C, and prints a line for each poll", async () => {
  const stage = stageOf(() => version("5,02139,MIT\n"), () => version("6,02139,MIT\nx,02139,BU\n"));
  assertEquals(await polled(stage, 2), 0);
  assertEquals(
    stage.stdout,
    "2026-11-24T12:00:00Z  1 site added, 0 changed, 0 the same as before, 0 out of date\n" +
      "2026-11-24T12:05:00Z  0 sites added, 1 changed, 0 the same as before, 0 out of date, 1 refused\n",
  );
  assertEquals([stage.stderr, stage.cluster.isClosed], ["", true]);
  assertEquals((await sitesOf(stage))[1].availability, 6);
});

Deno.test("import --follow asks for what has changed, and logs nothing where that is nothing", async () => {
  const unchanged = ({ etag }: InputOptions): Input => ({ ...version(""), etag, isUnchanged: true });
  const stage = stageOf(() => version("5,02139,MIT\n", '"1"'), unchanged, failing("no"), unchanged);
  assertEquals(await polled(stage, 4, "--json"), 0);
  assertEquals(stage.opened.map(({ etag }) => etag), [undefined, '"1"', '"1"', '"1"']);
  const lines = stage.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ added, isUnchanged, failed }) => [added, isUnchanged, failed]), [
    [1, undefined, undefined],
    [undefined, true, undefined],
    [undefined, undefined, "no"],
    [undefined, true, undefined],
  ]);
  assertEquals(lines[1].at, "2026-11-24T12:05:00Z");
});

Deno.test("import --follow waits a little more or less than the span", async () => {
  for (const [random, ms] of [[0, 270_000], [0.5, 300_000], [0.75, 315_000]]) {
    const stage = stageOf(() => version("5,02139,MIT\n"));
    stage.random = random;
    assertEquals(await polled(stage, 1), 0);
    assertEquals(Math.round(stage.alarms[0].ms), ms);
  }
});

Deno.test("import --follow polls a feed that fails more and more rarely, and when its server wants it", async () => {
  const good = () => version("5,02139,MIT\n");
  const fails = Array.from({ length: 6 }, () => failing("Cannot read it"));
  const stage = stageOf(good, ...fails, good, failing("Cannot read it", 7_200_000));
  assertEquals(await polled(stage, 9), 0);
  const minutes = stage.alarms.map(({ ms }) => Math.round(ms / 60_000));
  assertEquals(minutes, [5, 10, 20, 40, 60, 60, 60, 5, 120]);
  assertMatch(stage.stdout, /\n2026-11-24T12:05:00Z {2}failed: Cannot read it\n/);
  assertStringIncludes(stage.stderr, "The next poll is in 10 min\n");
});

Deno.test("import --follow never polls a feed that fails more often than one that does not", async () => {
  const stage = new Stage();
  let polls = 0;
  stage.inputs.set(place, () => {
    if (polls++ > 0) throw new InputError("no");
    return version("5,02139,MIT\n");
  });
  const code = stage.run("8892", "import", place, "--follow", "1d");
  await stage.alarmed(1);
  stage.alarms[0].ring();
  await stage.alarmed(2);
  stage.interrupt();
  assertEquals([await code, stage.alarms.map(({ ms }) => ms)], [0, [86_400_000, 86_400_000]]);
});

Deno.test("import --follow ends where its place cannot be read at first, and where the cluster fails", async () => {
  const none = stageOf(failing("Cannot read it"));
  assertEquals(await none.run("8892", "import", place, "--follow", "5m"), 1);
  assertEquals([none.stdout, none.stderr], ["", "Cannot read it\n"]);
  const lost = stageOf(() => version("5,02139,MIT\n"));
  lost.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("the session was lost")));
  assertEquals(await lost.run("8892", "import", place, "--follow", "5m"), 3);
  assertStringIncludes(lost.stderr, "The outcome is unknown: the session was lost");
});

Deno.test("Ctrl-C ends import --follow in the middle of a poll, too", async () => {
  const reading = Promise.withResolvers<void>();
  const stage = stageOf(() => ({
    bytes: new ReadableStream({
      pull: () => {
        reading.resolve();
        return new Promise<void>(() => {});
      },
    }),
  }));
  const code = stage.run("8892", "import", place, "--follow", "5m");
  await reading.promise;
  stage.interrupt();
  assertEquals([await code, stage.stdout], [0, ""]);
});

Deno.test("import --follow does not go with what belongs to one import", async () => {
  const stage = new Stage();
  const refused = [
    [place, "--follow", "5"],
    [place, "--follow", "9s"],
    [place, "--follow", "2d"],
    [place, "--follow", "5m", "--report", "x"],
    [place, "--follow", "5m", "--from-line", "3"],
    [place, "--follow", "5m", "--dry-run"],
    ["-", "--follow", "5m", "--format", "csv"],
  ];
  for (const words of refused) assertEquals(await stage.run("8892", "import", ...words), 2, words.join(" "));
  assertStringIncludes(
    stage.stderr,
    'Cannot take "9s" as a span of time: give one such as 90s, 5m or 2h, from 10 s to',
  );
});
