/** Real processes that seal: killed at each step, and with a full disk. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { segmentOf } from "../../src/database/segments/segment_writer.ts";
import { historyWarnings } from "../../src/history_words.ts";
import type { LauncherEvent } from "../../src/cluster/launcher.ts";
import { decodeEntries, type Entry, VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/calls.ts";
import type { RunningStatus } from "../../src/net/client/status.ts";
import { testNeeding } from "../net/needing.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { sealedEntries } from "./sealed_entries.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";
import { fetchStatuses, Session, watchEntries } from "../net/admitted.ts";

const entry = (wishes: string) => new URL(`./sealing_replica_main.ts?${wishes}`, import.meta.url);

const name = "Harvard University";

/** Sends reports one after the other; each has its number as its value, and some are redacted. */
class Sender {
  /** By the index of its entry, the number of each report that has an outcome. */
  readonly answered: Map<number, number>;
  #next: number;
  readonly #session: Session;
  readonly #client: VaxlogClient;
  readonly #ending = new AbortController();

  private constructor(session: Session, next: number, answered: Map<number, number>) {
    this.answered = answered;
    this.#session = session;
    this.#client = new VaxlogClient(session);
    this.#next = next;
  }

  /** @param before who has sent before. */
  static async at(cluster: RealCluster, before?: Sender): Promise<Sender> {
    const session = await Session.connect(cluster.addresses);
    return new Sender(session, before === undefined ? 1 : before.#next, before?.answered ?? new Map());
  }

  /** Sends the next one; returns whether its output came. */
  async send(): Promise<boolean> {
    const number = this.#next++;
    const { signal } = this.#ending;
    try {
      const outcome = await this.#client.set(name, number, { note: `note ${number}`, signal });
      assert("entry" in outcome, JSON.stringify(outcome));
      const { entry } = outcome;
      if (entry === undefined) return true;
      this.answered.set(entry, number);
      if (number % 7 === 0) {
        // Sealed long ago, or not yet.
        await this.#client.redact(2 + (number * number) % (entry - 1), { siteId: 1, signal });
      }
      return true;
    } catch (error) {
      if (error instanceof NotExecutedError || error instanceof OutcomeUnknownError) return false;
      throw error;
    }
  }

  /** Does not wait for replicas that are gone. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#session.close();
  }
}

/** All that was answered is in the log, as watchers and those who page through the history of the site read it. */
async function assertReadable(cluster: RealCluster, { answered }: Sender): Promise<void> {
  const session = await Session.connect(cluster.addresses);
  assert(answered.size > 40, `${answered.size} reports were answered with an entry`);
  const history = (await Array.fromAsync(new VaxlogClient(session).history(name))).flat();
  const redacted = history.filter((entry) => entry.redacted).length;
  assert(redacted > 2, `${redacted} entries are redacted`);
  await session.close();
  for (const address of cluster.addresses) {
    const watched: Entry[] = [];
    for await (const { bytes, last } of watchEntries({ addresses: () => [address], after: 0 })) {
      watched.push(...decodeEntries(bytes));
      if (last >= history.length) break;
    }
    // All are about one site.
    assertEquals(watched, history);
    for (const [entry, number] of answered) {
      const found = watched[entry - 1];
      assert(found.kind === "report" && found.availability === number, `entry ${entry} is not report ${number}`);
      assert(found.redacted ? found.note === undefined : found.note === `note ${number}`);
    }
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
    let sender: Sender | undefined;
    for (const step of steps) {
      // Else nothing is removed for long: a replaced file stays until a checkpoint.
      if (step === "remove") Deno.writeTextFileSync(`${cluster.dataDir}/replica-0.history/9999.partial`, "begun");
      if (step !== steps[0]) await cluster.startAgain({ entry: wish(step) });
      const present = sender = await Sender.at(cluster, sender);
      const word = cluster.events.take("a stop", isStop);
      let isStopped = false;
      const sending = (async () => {
        while (!isStopped && await present.send());
      })();
      assertEquals((await word).line, `stopped before ${step}`);
      isStopped = true;
      await cluster.killAll();
      await sender.close();
      await sending;
    }
    await cluster.startAgain({ entry: entry("") });
    sender = await Sender.at(cluster, sender);
    for (let count = 0; count <= 40; count++) assert(await sender.send());
    const statuses = await sealed(cluster);
    await assertReadable(cluster, sender);
    for (const { history } of statuses) {
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
      const sender = await Sender.at(cluster);
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
      // Sealing tells of it, and redacting.
      const refusals = said().filter((line) => line.includes("No space left")).length;
      assert(refusals === 1 || refusals === 2, `${refusals} times`);
      Deno.removeSync(`${folder}/other`);
      disk.grow(4096);
      const [after] = await sealed(cluster);
      assert(after.history!.segments > before + 20);
      assertEquals(after.history!.failure, undefined);
      assertStringIncludes(said().at(-1)!, "takes the sealed history again");
      await assertReadable(cluster, sender);
      await sender.close();
    } finally {
      await cluster.launcher.stop();
      disk[Symbol.dispose]();
      await cluster.dispose();
    }
  },
});
