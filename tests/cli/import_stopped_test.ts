/** What becomes of an import that is stopped, or that loses its cluster or its input, and where it says to continue. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { InputError } from "../../src/cli/inputs.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const csv = `Availability,ZIP Code,Site Name,Unit,Observed At,Note
40,08332,"Rite Aid, Millville",doses,2026-11-24T10:00:00Z,by the side door
True,08360,"Rite Aid, Vineland",,2026-11-24T09:00:00Z,
Unknown,02139,MIT,,,
`;

/** Bytes that come when the test says so. */
class Dripping {
  readonly #chunks: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    this.#chunks = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
  }

  get bytes(): AsyncIterable<Uint8Array> {
    return this.#chunks;
  }

  drip(text: string): void {
    this.#controller.enqueue(new TextEncoder().encode(text));
  }

  break(error: Error): void {
    this.#controller.error(error);
  }
}

/** Resolves when a stage's database has that many sites. */
async function hasSites(stage: Stage, count: number): Promise<void> {
  while (stage.cluster.sites.size < count) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("Ctrl-C stops an import when all that was sent is done, and says where to continue", async () => {
  const dripping = new Dripping();
  const stage = stageOn(new Stage(), "sites.csv", dripping.bytes);
  const code = stage.run("8892", "import", "sites.csv");
  dripping.drip("Availability,ZIP Code,Site Name\n1,1,A\n2,1,B\n");
  await hasSites(stage, 3);
  stage.interrupt();
  assertEquals(await code, 1);
  assertMatch(stage.stdout, /^2 sites added, /);
  assertEquals(
    stage.stderr,
    "Stopped: what was read up to line 3 is done; continue with --from-line 4: nothing is imported twice\n",
  );
  assert(stage.cluster.isClosed);
});

Deno.test("Ctrl-C ends an import that gets no answers after a bounded wait, with 3", async () => {
  const stage = stageOn(new Stage(), "sites.csv", csv);
  const sent = Promise.withResolvers<void>();
  for (let at = 0; at < 2; at++) {
    stage.cluster.insteads.push(() => {
      if (at === 1) sent.resolve();
      return new Promise(() => {});
    });
  }
  const code = stage.run("8892", "import", "sites.csv");
  await sent.promise;
  stage.interrupt();
  while (stage.alarms.length === 0) await Promise.resolve();
  stage.alarms[0].ring();
  assertEquals(await code, 3);
  assertMatch(stage.stderr, /^The outcome is unknown: the import was stopped .*; continue with --from-line 2: /);
});

Deno.test("An import of which something is unknown ends with 3, and says from which line on", async () => {
  const stage = stageOn(new Stage(), "sites.csv", csv);
  let answered = 0;
  const { submit } = stage.cluster;
  stage.cluster.submit = function (command, outputBytesMax) {
    if (++answered > 4) return Promise.reject(new OutcomeUnknownError("all replicas were lost"));
    return submit.call(this, command, outputBytesMax);
  };
  assertEquals(await stage.run("8892", "import", "sites.csv"), 3);
  assertMatch(
    stage.stderr,
    /^The outcome is unknown: all replicas were lost; what was asked .* been done; continue with --from-line [234]: /,
  );
});

Deno.test("An import that certainly stopped ends with 1, and says where to continue", async () => {
  const stage = stageOn(new Stage(), "sites.csv", csv);
  stage.cluster.insteads.push(() => Promise.reject(new NotExecutedError("the session is closed")));
  assertEquals(await stage.run("8892", "import", "sites.csv"), 1);
  assertMatch(stage.stderr, /^Nothing was done: the session is closed; continue with --from-line 2: /);
});

Deno.test("An import says that its input broke off, what was done before, and where to continue", async () => {
  const dripping = new Dripping();
  const stage = stageOn(new Stage(), "sites.csv", dripping.bytes);
  const code = stage.run("8892", "import", "sites.csv");
  dripping.drip("Availability,ZIP Code,Site Name\n1,1,A\n");
  await hasSites(stage, 2);
  dripping.break(new InputError('Cannot read "sites.csv": Input/output error'));
  assertEquals(await code, 1);
  assertMatch(stage.stdout, /^1 site added, /);
  assertMatch(stage.stderr, /^Cannot read "sites.csv": Input\/output error; continue with --from-line 3: /);
});
