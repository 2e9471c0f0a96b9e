/** Real processes that seal: killed at each step, and with a full disk. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { segmentOf } from "../../src/database/segments/segment_writer.ts";
import { historyWarnings } from "../../src/history_words.ts";
import type { LauncherEvent } from "../../src/cluster/launcher.ts";
import { Session } from "../../src/net/client/session.ts";
import { fetchStatuses, type RunningStatus } from "../../src/net/client/status.ts";
import { testNeeding } from "../net/needing.ts";
import { sealedEntries } from "../simulator/sealing_machine.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";

const entry = (wishes: string) => new URL(`./sealing_replica_main.ts?${wishes}`, import.meta.url);

/** Sends commands one after the other. */
class Sender {
  /** How many have an outcome. */
  answered = 0;
  #next = 1;
  readonly #session: Session;
  readonly #ending = new AbortController();

  private constructor(session: Session, next: number) {
    this.#session = session;
    this.#next = next;
  }

  static async at(cluster: RealCluster, next: number): Promise<Sender> {
    return new Sender(await Session.connect(cluster.addresses), next);
  }

  get next(): number {
    return this.#next;
  }

  /** Sends the next one; returns whether its output came. */
  async send(): Promise<boolean> {
    const command = new ByteWriter();
    command.varint(this.#next++);
    try {
      await this.#session.submit(command.copy(), 16, { signal: this.#ending.signal });
      this.answered++;
      return true;
    } catch {
      return false;
    }
  }

  /** Does not wait for replicas that are gone. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#session.close();
  }
}

async function statusesOf(cluster: RealCluster): Promise<RunningStatus[]> {
  const answers = await fetchStatuses(cluster.addresses);
  return answers.flatMap((answer) => "status" in answer ? [answer.status] : []);
}

/** Waits until all replicas have sealed what they can. */
async function sealed(cluster: RealCluster): Promise<RunningStatus[]> {
  for (;;) {
    const statuses = await statusesOf(cluster);
    const isSealed = ({ lastEntry, history }: RunningStatus) =>
      history !== undefined && history.segments >= segmentOf(Math.max(1, lastEntry), sealedEntries) - 2;
    if (statuses.length === cluster.addresses.length && statuses.every(isSealed)) return statuses;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The files of segments in the folder of a replica. */
function segmentsOf(cluster: RealCluster, slot: number): string[] {
  const names = [...Deno.readDirSync(`${cluster.dataDir}/replica-${slot}.history`)].map(({ name }) => name);
  return names.filter((name) => !name.startsWith("stopped-")).sort();
}

type Line = LauncherEvent & { readonly kind: "stderr" };

const isStop = (event: LauncherEvent): event is Line =>
  event.kind === "stderr" && event.line.startsWith("stopped before");

/** A log could not describe such commands. */
const plain = { logDir: undefined };

/** What a replica does with files, and the moment between the note and what follows it. */
const steps = ["create", "append", "sync", "rename", "sync of the folder", "named", "remove"];

testNeeding(needs, "what was sealed is there when all replicas are killed before any change of files", async () => {
  const wish = (step: string) => entry(`slot=0&at=${encodeURIComponent(step)}`);
  const cluster = await RealCluster.startWithData(2, { ...plain, entry: wish(steps[0]) });
  try {
    let [next, answered] = [1, 0];
    for (const step of steps) {
      if (step !== steps[0]) await cluster.startAgain({ entry: wish(step) });
      const sender = await Sender.at(cluster, next);
      const word = cluster.events.take("a stop", isStop);
      let isStopped = false;
      const sending = (async () => {
        while (!isStopped && await sender.send());
      })();
      assertEquals((await word).line, `stopped before ${step}`);
      isStopped = true;
      await cluster.killAll();
      await sender.close();
      await sending;
      next = sender.next;
      answered += sender.answered;
    }
    await cluster.startAgain({ entry: entry("") });
    const sender = await Sender.at(cluster, next);
    for (let count = 0; count < 20; count++) assert(await sender.send());
    const statuses = await sealed(cluster);
    for (const { lastEntry, history } of statuses) {
      assert(lastEntry >= answered + 20, `${lastEntry} entries, and ${answered} were answered`);
      assertEquals([history?.damaged, history?.failure], [0, undefined]);
    }
    await sender.close();
    await cluster.launcher.stop();
    const [one, other] = [segmentsOf(cluster, 0), segmentsOf(cluster, 1)];
    assert(one.length > 5, `${one.length} segments`);
    // Those that wait to be written again have other names at each replica.
    const shared = one.filter((name) => other.includes(name));
    assert(shared.length >= one.length - 2, `${one} and ${other}`);
  } finally {
    await cluster.dispose();
  }
});

Deno.test({
  name: "a full disk of history stops no command, is told once, and is used again when it has room (root, and mount)",
  ignore: !mountsDisks,
  fn: async () => {
    const cluster = await RealCluster.startWithData(1, { ...plain, entry: entry("hurry") });
    const folder = `${cluster.dataDir}/replica-0.history`;
    Deno.mkdirSync(folder, { recursive: true });
    const disk = SmallDisk.at(folder, 128)!;
    try {
      const sender = await Sender.at(cluster, 1);
      Deno.writeFileSync(`${folder}/other`, new Uint8Array(100 * 1024));
      let status: RunningStatus | undefined;
      do {
        assert(await sender.send());
        [status] = await statusesOf(cluster);
      } while (status?.history?.failure === undefined);
      assertStringIncludes(status.history.failure, "No space left on device");
      assertStringIncludes(status.history.failure, "Make room on the disk");
      assert(historyWarnings(status.history).some((text) => text.startsWith("The disk of its history has ")));
      const before = status.history.segments;
      for (let count = 0; count < 100; count++) assert(await sender.send());
      const said = () =>
        cluster.events.items.flatMap((event) => event.kind === "stderr" && /disk/.test(event.line) ? [event.line] : []);
      assertEquals(said().filter((line) => line.includes("No space left")).length, 1);
      Deno.removeSync(`${folder}/other`);
      disk.grow(4096);
      const [after] = await sealed(cluster);
      assert(after.history!.segments > before + 20);
      assertEquals(after.history!.failure, undefined);
      assertStringIncludes(said().at(-1)!, "takes the sealed history again");
      await sender.close();
    } finally {
      await cluster.launcher.stop();
      disk[Symbol.dispose]();
      await cluster.dispose();
    }
  },
});
