/** Copies of databases whose old history is sealed, from replicas that seal while they give them. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { copierWaitMs } from "../../../src/net/replica/copier.ts";
import { Copiers } from "../../../src/net/replica/copier.ts";
import type { ReaderHost } from "../../../src/net/replica/askers.ts";
import type { Link } from "../../../src/net/link.ts";
import { Session } from "../../../src/net/client/session.ts";
import { replicaTickMs, wireVersion } from "../../../src/limits.ts";
import { VaxlogClient } from "../../../src/library/client.ts";
import { fetchCopy } from "../../../src/net/client/backup.ts";
import { checkingHistory, historyIn, whyNotNamed } from "../../../src/storage/copied_history.ts";
import { GatheredCopy } from "../../../src/storage/copy_contents.ts";
import { ReplicaHistory } from "../../../src/storage/replica_history.ts";
import type { HeldSegments } from "../../../src/copy_layout.ts";
import { atOnce } from "../../../src/steps.ts";
import { Sites } from "../../database/store/machine.ts";
import { entriesAfter } from "../../database/store/machine.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import { fewParts } from "../../storage/few_parts.ts";
import { allBytes } from "../../storage/backups.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { within } from "../within.ts";

const histories: ReplicaHistory[] = [];

/** A replica that seals a few entries each time. */
function sealing() {
  const history = ReplicaHistory.inMemory();
  histories.push(history);
  return { history, machine: new Sites({ ...fewParts, reader: history.history }) };
}

/** All notes in the log of a copy. */
function notesIn(copy: GatheredCopy): string[] {
  const contents = copy.contents();
  const history = historyIn(contents);
  assertEquals(atOnce(checkingHistory(history)), undefined);
  const sites = new Sites({ ...fewParts, reader: history });
  sites.restore(allBytes(contents.database));
  assertEquals(whyNotNamed(contents, sites.named), undefined);
  const notes: string[] = [];
  for (let after = 0;;) {
    const entries = entriesAfter(sites, after, Infinity);
    if (entries === undefined) return notes;
    notes.push(...readEntries(entries.bytes).map((entry) => ("note" in entry ? entry.note : "") ?? ""));
    after = entries.last;
  }
}

testNeeding(["net"], "ReplicaServer gives copies with sealed history while clients write and it seals", async () => {
  const cluster = await LocalCluster.start({ replicas: 2, sealing });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  for (let at = 0; at < 100; at++) await client.set("Harvard University", at, { note: `note ${at}` });
  while (histories.some(({ segments }) => segments <= 5)) await new Promise((resolve) => setTimeout(resolve, 1));
  let isWriting = true;
  const writing = (async () => {
    for (let at = 100; isWriting; at++) await client.set("Harvard University", at, { note: `note ${at}` });
  })();
  const addresses = () => session.members.map(({ address }) => address);
  for (let round = 0; round < 5; round++) {
    const atLeast = await client.position();
    const copy = new GatheredCopy();
    const target = { begin: () => copy.begin(), write: copy.write.bind(copy), end: () => undefined };
    const executed = await within("a copy", fetchCopy({ cluster: session.cluster, atLeast, addresses }, target));
    const notes = notesIn(copy);
    // The first entry is that of the site.
    assertEquals(notes, ["", ...notes.slice(1).map((_, at) => `note ${at}`)]);
    assert(executed >= atLeast && notes.length > 100);
    assert(copy.contents().segments.length > 5, `${copy.contents().segments.length} segments`);
  }
  isWriting = false;
  await writing;
  await session.close();
  cluster.close();
});

/** A replica of which a copier asks, and what it answers. */
function copiersWith(history: Partial<NonNullable<ReaderHost["history"]>>, redactionsDue: unknown[]) {
  const refused: string[] = [];
  const sent: unknown[] = [];
  const link = { unsentBytes: 0, send: (message: unknown) => sent.push(message), abort: () => {} } as unknown as Link;
  const machine = { freeze: () => new Sites().freeze(), redactionsDue };
  const named = [{ kind: 1, number: 1, digest: new Uint8Array(32) }];
  const copy = () => ({ executed: 7, snapshot: machine.freeze(), named });
  const copiers: Copiers = new Copiers({
    cluster: "00".repeat(16),
    core: { database: { executed: 7, machine, copy } } as unknown as ReaderHost["core"],
    history: { hurry: () => {}, released: () => {}, isFault: () => true, ...history } as ReaderHost["history"],
    refuse: (_, reason) => refused.push(reason),
    schedule: () => copiers.serve(),
    scheduleLater: () => {},
  });
  copiers.introduce(link, { kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
  return { copiers, refused, sent };
}

const held: HeldSegments = {
  segments: [{ kind: 1, number: 1, digest: new Uint8Array(32), bytes: 3 }],
  read: () => new Uint8Array(3),
  release: () => {},
};

Deno.test("Copiers wait until nothing that was redacted is in a file, and hurry that", () => {
  let hurried = 0;
  const due: unknown[] = [{ kind: 1, number: 1 }];
  const { copiers, refused, sent } = copiersWith({ hold: () => held, hurry: () => hurried++ }, due);
  copiers.serve();
  assertEquals([hurried, refused, sent], [2, [], []]);
  due.pop();
  copiers.serve();
  assertEquals([hurried, refused, sent.length], [2, [], 1]);
  const other = copiersWith({ hold: () => held }, [{}]);
  for (let ms = 0; ms < copierWaitMs; ms += replicaTickMs) other.copiers.pass(replicaTickMs);
  assertEquals(other.sent, []);
  assertStringIncludes(other.refused.join(), "COPY: it still erases from its files what was redacted");
});

Deno.test("Copiers refuse a copy of which a file is damaged or missing", () => {
  const damaged = copiersWith({
    hold: () => {
      throw new Error("The file of segment 1 is damaged: it is missing");
    },
  }, []);
  assertEquals(damaged.refused, [
    "COPY: its history cannot be read: The file of segment 1 is damaged: it is missing; ask another replica",
  ]);
  const { refused } = copiersWith({ hold: () => ({ ...held, segments: [] }) }, []);
  assertEquals(refused, ["COPY: it does not have the files of its history; ask another replica"]);
});

Deno.test("Copiers release the files of a copy when the link ends", () => {
  const ends: string[] = [];
  const { copiers } = copiersWith({
    hold: () => ({ ...held, release: () => ends.push("released") }),
    released: () => ends.push("told"),
  }, []);
  assertEquals(ends, []);
  copiers.close();
  assertEquals(ends, ["released", "told"]);
});
