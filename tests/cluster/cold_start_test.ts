import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { obstacleToJoin, planColdStart, type SlotFile } from "../../src/cluster/cold_start.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import { replicaId } from "../../src/uid.ts";
import { all, cluster, damaged, directory, empty, file, inShort, plan, refusal, roles, start } from "./cold_starts.ts";

// ---- The first start ----

Deno.test("planColdStart() makes all new where nothing was ever kept", () => {
  assertEquals(roles([empty, empty, empty], { nextIncarnation: 0 }), ["new", "new", "new"]);
  assertEquals(plan([empty], { nextIncarnation: 0 }).nextIncarnation, 0);
});

Deno.test("planColdStart() begins from scratch after a first start that was interrupted before all had a file", () => {
  const begun = file(0, 1, all, { executed: 0 });
  assertEquals(roles([begun, empty, empty], { nextIncarnation: 0 }), ["set aside and new", "new", "new"]);
  assertEquals(roles([empty, file(1, 0, [], { executed: 0 })], { nextIncarnation: 0 }), ["new", "set aside and new"]);
});

Deno.test("planColdStart() recovers from a first start that was interrupted when all had a file", () => {
  const files = all.map((id) => file(id, 1, all, { executed: 0 }));
  const more = { nextIncarnation: 0 };
  assertEquals(roles(files, more), ["recover 0", "recover 1", "recover 2"]);
  assertEquals(plan(files, more).nextIncarnation, 1);
});

Deno.test("planColdStart() does not begin from scratch where something was executed, or one replica was left", () => {
  const more = { nextIncarnation: 0 };
  assertStringIncludes(refusal([file(0, 1, all), file(1, 1, all), empty], more), "replica 2 is missing");
  const without2 = (id: number) => file(id, 2, [0, 1], { executed: 0 });
  assertEquals(roles([without2(0), without2(1), empty], more), ["recover 0", "recover 1", "join"]);
  assertStringIncludes(refusal([empty, damaged], more), "no file that can be read has the data of a member");
});

Deno.test("planColdStart() begins from scratch if a member of the first start in a further slot has no file", () => {
  const begun = [0, 1].map((id) => file(id, 1, all, { executed: 0 }));
  assertEquals(roles(begun, { nextIncarnation: 0 }), ["set aside and new", "set aside and new"]);
});

// ---- A restore that was interrupted ----

const restoring = { nextIncarnation: 0, restoring: { file: "some/backup", index: 100 } };

Deno.test("planColdStart() does not begin from scratch where a backup was to be restored, and says what to do", () => {
  const message =
    'Cannot start from "some/d": the start with --restore "some/backup" was interrupted there before all ' +
    "replicas had the backup, and no command was answered since. Empty the directory, and start again with " +
    "--restore. Nothing was started, and nothing was changed.";
  const has = (id: number) => file(id, 1, all, { executed: 100 });
  const sets = [[empty, empty, empty], [empty], [has(0), empty, empty], [has(0), has(1), empty], [has(0), has(1)], [
    empty,
    file(1, 0, [], { executed: 0 }),
  ]];
  for (const files of sets) assertEquals(refusal(files, restoring), message);
});

Deno.test("planColdStart() continues from a restore that was interrupted when all had the backup", () => {
  const files = all.map((id) => file(id, 1, all, { executed: id === 1 ? 101 : 100 }));
  assertEquals(roles(files, restoring), ["recover 0", "recover 1", "recover 2"]);
  assertEquals(plan(files, restoring).nextIncarnation, 1);
  // They all were there, and one of them has died since.
  assertEquals(roles([file(0, 2, [0, 1]), file(1, 2, [0, 1]), empty], restoring), ["recover 0", "recover 1", "join"]);
});

Deno.test("planColdStart() misses a file after a restore in which something was executed: all had one then", () => {
  const files = [file(0, 1, all, { executed: 101 }), file(1, 1, all), empty];
  assertStringIncludes(refusal(files, restoring), "replica 2 is missing");
  assertStringIncludes(refusal([file(0, 1, all), damaged, empty], restoring), "replicas 1 and 2 are missing");
});

Deno.test("planColdStart() continues from one replica that has the backup, if it is forced", () => {
  assertEquals(roles([empty, file(1, 1, [0, 1])], { ...restoring, forceFrom: 1 }), ["join", "recover 1"]);
});

// ---- All that are needed are there ----

Deno.test("planColdStart() recovers the members of the last view", () => {
  const files = all.map((id) => file(id, 1, all));
  assertEquals(plan(files), {
    kind: "start",
    slots: all.map((id) => ({ role: "recover", id }) as const),
    nextIncarnation: 1,
    givenUp: undefined,
    cleanStop: undefined,
    viewFloor: 0,
    leftOut: [],
  });
});

Deno.test("planColdStart() lets all join that were not members of the last view, whatever they have", () => {
  const alone = file(1, 3, [1]);
  assertEquals(roles([file(0, 1, all), alone, file(2, 2, [1, 2])]), ["join", "recover 1", "join"]);
  assertEquals(roles([empty, alone, empty]), ["join", "recover 1", "join"]);
});

Deno.test("planColdStart() knows newcomers by their incarnations", () => {
  const again = replicaId(1, 3);
  const members = [0, 2, again];
  const files = [file(0, 7, members), file(again, 7, members), file(2, 7, members)];
  assertEquals(roles(files, { nextIncarnation: 4 }), ["recover 0", `recover ${again}`, "recover 2"]);
  const older = [file(0, 7, members), file(1, 5, all), file(2, 7, members)];
  assertStringIncludes(refusal(older), 'replica 1: its file "some/d/replica-1.db" is not the one that it had then');
});

Deno.test("planColdStart() lets a newcomer join again that was in the middle of it", () => {
  const newcomer = replicaId(2, 1);
  const files = [file(0, 4, [0, 1]), file(1, 4, [0, 1]), file(newcomer, 0, [])];
  assertEquals(roles(files, { nextIncarnation: 2 }), ["recover 0", "recover 1", "join"]);
});

Deno.test("planColdStart() recovers a newcomer of the last view that has not installed it", () => {
  const newcomer = replicaId(2, 1);
  const members = [0, 1, newcomer];
  const files = [file(0, 4, members, { accepted: 5 }), file(1, 5, members), file(newcomer, 0, [])];
  assertEquals(roles(files, { nextIncarnation: 2 }), ["recover 0", "recover 1", `recover ${newcomer}`]);
  assertStringIncludes(refusal([files[0], files[1], empty]), "replica 2 is missing");
});

Deno.test("planColdStart() starts more replicas than there were, as newcomers", () => {
  const files = all.map((id) => file(id, 1, all));
  assertEquals(roles([...files, empty, empty]).slice(3), ["join", "join"]);
});

Deno.test("planColdStart() gives no incarnation twice, even if the record of it is older than the files", () => {
  const again = replicaId(1, 8);
  const members = [0, again];
  assertEquals(plan([file(0, 7, members), file(again, 7, members)], { nextIncarnation: 3 }).nextIncarnation, 9);
  assertEquals(plan([file(0, 7, [0]), file(again, 0, [])], { nextIncarnation: 3 }).nextIncarnation, 9);
  assertEquals(plan([file(0, 7, [0])], { nextIncarnation: 30 }).nextIncarnation, 30);
});

// ---- Views that were accepted only ----

Deno.test("planColdStart() counts a view that is accepted on one disk, and installed on none", () => {
  const files = [file(0, 1, all), file(1, 1, [1, 2], { accepted: 2 }), file(2, 1, all)];
  assertEquals(roles(files), ["join", "recover 1", "recover 2"]);
  assertStringIncludes(refusal([files[0], files[1], empty]), "replica 2 is missing");
});

Deno.test("planColdStart() goes by the installed one of several proposals of the same number", () => {
  const files = [file(0, 1, all), file(1, 1, [1, 2], { accepted: 2 }), file(2, 2, [2])];
  assertEquals(roles(files), ["join", "join", "recover 2"]);
  assertEquals(roles([empty, empty, files[2]]), ["join", "join", "recover 2"]);
});

Deno.test("planColdStart() needs the members of all proposals where none of them is installed", () => {
  const second = file(2, 1, [2, 65], { accepted: 2 });
  assertEquals(roles([empty, file(1, 1, [1], { accepted: 2 }), file(2, 1, [2], { accepted: 2 })]), [
    "join",
    "recover 1",
    "recover 2",
  ]);
  assertStringIncludes(refusal([empty, empty, second]), "replica 1 is missing");
});

// ---- Somebody is missing ----

Deno.test("planColdStart() refuses to start without a member of the last view, and says what could be given up", () => {
  const two = [0, 2];
  const files = [file(0, 3, two, { executed: 1000 }), file(1, 2, all, { executed: 980 }), empty];
  assertEquals(
    refusal(files),
    [
      'Cannot start from "some/d": replica 2 is missing, which was a member of the last view ' +
      "(view 3: replicas 0 and 2).",
      '  replica 2: its file "some/d/replica-2.db" is missing or empty',
      "It could have continued alone after the others, and what clients saw then is only in its file. " +
      "Nothing was started, and nothing was changed.",
      "Bring its file back, and start again. Or give up for ever what only replica 2 may have, with one of:",
      "  --force-from 0  continues from replica 0, which has 1000 commands and was in view 3: gives up all that " +
      "others have executed after that",
      "  --force-from 1  continues from replica 1, which has 980 commands and was in view 2: gives up 20 commands of " +
      "replica 0, and all that others have executed after that",
    ].join("\n"),
  );
});

Deno.test("planColdStart() counts what a replica has received among the commands that it has", () => {
  const message = refusal([file(0, 1, all, { executed: 1200, pending: 4 }), file(1, 1, all), empty]);
  assertStringIncludes(
    message,
    "from replica 0, which has 1204 commands (4 of them not executed yet) and was in view 1",
  );
  assertStringIncludes(message, "gives up 1104 commands of replica 0");
});

Deno.test("planColdStart() names everybody who is missing, and why", () => {
  const message = refusal([empty, damaged, file(2, 1, all)]);
  assertStringIncludes(message, "replicas 0 and 1 are missing, which were members of the last view");
  assertStringIncludes(message, '\n  replica 0: its file "some/d/replica-0.db" is missing or empty\n');
  assertStringIncludes(message, '\n  replica 1: The file "some/d/x" is damaged\n');
  assertStringIncludes(message, "--force-from 2");
  assert(!message.includes("--force-from 1"));
});

Deno.test("planColdStart() offers to give nothing up for a file that may be read another time", () => {
  const unread: SlotFile = { kind: "unread", reason: "it could not continue: another process has it open" };
  const message = refusal([unread, file(1, 1, all), empty]);
  assertStringIncludes(message, "  replica 0: it could not continue: another process has it open\n");
  assertStringIncludes(message, '  replica 2: its file "some/d/replica-2.db" is missing or empty\n');
  assertStringIncludes(message, "Start again when that is settled.");
  assert(!message.includes("--force-from"));
  assertEquals(roles([unread, file(1, 2, [1])]), [`failed: ${unread.reason}`, "recover 1"]);
  assertEquals(roles([unread, file(1, 1, all), empty], { forceFrom: 1 }), ["set aside and join", "recover 1", "join"]);
});

Deno.test("planColdStart() misses a member whose slot nobody knows of", () => {
  assertStringIncludes(refusal([file(0, 2, [0, 5])]), 'replica 5: its file "some/d/replica-5.db" is missing or empty');
});

Deno.test("planColdStart() leaves a damaged file as it is if its replica was not in the last view", () => {
  const files = [file(0, 2, [0, 1]), file(1, 2, [0, 1]), damaged];
  assertEquals(roles(files), ["recover 0", "recover 1", 'failed: The file "some/d/x" is damaged']);
});

Deno.test("planColdStart() counts a file of another cluster as none", () => {
  const foreign = file(1, 9, [1], { cluster: "0f".repeat(16) });
  assertEquals(roles([file(0, 2, [0]), foreign]), [
    "recover 0",
    'failed: its file "some/d/replica-1.db" is of another cluster',
  ]);
  assertStringIncludes(refusal([file(0, 1, [0, 1]), foreign]), 'its file "some/d/replica-1.db" is of another cluster');
});

Deno.test("planColdStart() refuses where nobody's data are left", () => {
  const message = refusal([empty, damaged, file(2, 0, [])]);
  assertStringIncludes(message, "no file that can be read has the data of a member");
  assertStringIncludes(message, "replica 2: it was never a member");
  assert(!message.includes("--force-from"));
  assertStringIncludes(message, "Bring the files back, or choose another --data directory");
  const unread: SlotFile = { kind: "unread", reason: "it could not continue: there is no room" };
  assertStringIncludes(refusal([unread, unread]), "Start again when that is settled");
});

// ---- Orders that cannot be that of the view ----

const stray = "it has request 1";

Deno.test("planColdStart() refuses where no member has the order of the last view, unless it is forced", () => {
  const files = all.map((id) => file(id, 2, all, { stray, executed: 100 + id }));
  const message = refusal(files);
  for (
    const text of [
      'Cannot start from "some/d": no member of the last view (view 2) has the order of that view.',
      "  replica 1: it has request 1",
      "  --force-from 0  continues from replica 0, which has 100 commands and was in view 2: " +
      "gives up 2 commands of replica 2, and all that others have executed after that",
      "  --force-from 2  continues from replica 2",
    ]
  ) assertStringIncludes(message, text);
  assertEquals(roles(files, { forceFrom: 1 }), ["set aside and join", "recover 1", "set aside and join"]);
});

Deno.test("planColdStart() leaves out members without the order of the last view, where others have it", () => {
  const files = all.map((id) => file(id, 1, all, { accepted: 2, stray: id === 1 ? stray : null }));
  assertEquals(roles(files), ["recover 0", "failed: it has request 1", "recover 2"]);
});

Deno.test("planColdStart() continues from the only member of the last view, whatever it has", () => {
  assertEquals(roles([file(0, 1, all), file(1, 2, [1], { stray }), empty]), ["join", "recover 1", "join"]);
  // Everything was killed when a start that was forced had just succeeded.
  const files = all.map((id) => file(id, 2, all, { stray }));
  const givenUp = { kept: 1, below: 5 };
  assertEquals(roles(files, { givenUp, nextIncarnation: 5 }), [
    "set aside and join",
    "recover 1",
    "set aside and join",
  ]);
});

// ---- Files in wrong places ----

Deno.test("planColdStart() refuses two files of the same replica: either may be the older one", () => {
  const message = refusal([file(0, 1, [0]), file(0, 2, [0])]);
  assertStringIncludes(message, "the files in the places of replicas 0 and 1 are both of the same replica, replica 0");
});

Deno.test("planColdStart() counts what a file in a wrong place says, and not its replica", () => {
  const swapped = [file(1, 2, [0, 1]), file(0, 2, [0, 1])];
  const message = refusal(swapped);
  assertStringIncludes(message, 'its file "some/d/replica-0.db" is that of replica 1, under another name');
  assert(!message.includes("--force-from"));
  assertStringIncludes(refusal([file(0, 1, all), file(0 + 2, 2, [2]), empty]), "replica 2 is missing");
  assertEquals(roles([file(0, 2, [0]), file(2, 1, all), empty])[1].startsWith("failed: its file"), true);
});

// ---- --force-from ----

Deno.test("planColdStart() recovers one replica alone if it is forced, and sets the files of all others aside", () => {
  const files = [file(0, 3, [0, 2]), file(1, 2, all), empty, damaged];
  const forced = plan(files, { forceFrom: 1, nextIncarnation: 5 });
  assertEquals(forced.slots.map(inShort), ["set aside and join", "recover 1", "join", "set aside and join"]);
  assertEquals(forced.givenUp, { kept: 1, below: 5 });
  assertEquals(forced.nextIncarnation, 5);
});

Deno.test("planColdStart() does not need to be forced again, and takes no file back that was given up", () => {
  const givenUp = { kept: 1, below: 5 };
  const files = [file(0, 3, [0, 2]), file(1, 2, all), file(2, 9, [2])];
  const again = plan(files, { givenUp, nextIncarnation: 5 });
  assertEquals(again.slots.map(inShort), ["set aside and join", "recover 1", "set aside and join"]);
  assertEquals(again.givenUp, givenUp);
  const newcomer = replicaId(0, 5);
  const members = [1, newcomer];
  const later = [file(newcomer, 4, members), file(1, 4, members), file(2, 9, [2])];
  assertEquals(roles(later, { givenUp, nextIncarnation: 7 }), [
    `recover ${newcomer}`,
    "recover 1",
    "set aside and join",
  ]);
  assertStringIncludes(refusal([later[0], file(replicaId(1, 2), 9, [2])], { givenUp }), "replica 1 is missing");
});

Deno.test("planColdStart() refuses to be forced where nothing would be gained", () => {
  const files = [file(0, 3, [0, 2]), file(1, 2, all), file(2, 3, [0, 2])];
  assertStringIncludes(refusal(files, { forceFrom: 0 }), "--force-from 0 is not needed");
});

Deno.test("planColdStart() refuses to be forced to start from nothing", () => {
  const foreign = file(4, 9, [4], { cluster: "0f".repeat(16) });
  const files = [file(0, 3, [0, 2]), empty, damaged, file(3, 0, []), foreign];
  const why = [
    [1, 'Cannot use --force-from 1 in "some/d": its file "some/d/replica-1.db" is missing or empty. '],
    [2, 'Cannot use --force-from 2 in "some/d": The file "some/d/x" is damaged. '],
    [3, "it was never a member"],
    [4, "is of another cluster"],
    [9, "there is no replica 9"],
  ] as const;
  for (const [slot, text] of why) assertStringIncludes(refusal(files, { forceFrom: slot }), text);
  assertStringIncludes(
    refusal([file(0, 1, [0, 1]), empty], { forceFrom: 0, givenUp: { kept: 1, below: 1 } }),
    "was given up by --force-from",
  );
  assertStringIncludes(refusal([empty, empty], { forceFrom: 0, nextIncarnation: 0 }), "missing or empty");
});

// ---- A replica that is started later ----

Deno.test("obstacleToJoin() is there if the file is another's, or was given up", () => {
  const is = (slot: number, found: Found | null, givenUp?: { kept: number; below: number }) =>
    obstacleToJoin({ directory, cluster, givenUp }, slot, found);
  const { found } = file(1, 2, all);
  assertEquals(is(1, null), undefined);
  assertEquals(is(1, found), undefined);
  assertEquals(is(0, found), 'its file "some/d/replica-0.db" is that of replica 1, under another name');
  assertEquals(is(1, { ...found, cluster: "0f".repeat(16) }), 'its file "some/d/replica-1.db" is of another cluster');
  assertEquals(is(1, found, { kept: 0, below: 1 }), 'its file "some/d/replica-1.db" was given up by --force-from');
  assertEquals(is(1, found, { kept: 1, below: 1 }), undefined);
});

// ---- Against a slow and simple model ----

Deno.test("planColdStart() never starts without a member of a view that some file knows, unless forced", () => {
  // All sets of files of two replicas, each with one of these.
  const views: readonly (readonly number[])[] = [[0, 1], [0], [1]];
  const kinds = (id: number): SlotFile[] => [
    empty,
    damaged,
    ...views.flatMap((members) => [file(id, 1, members), file(id, 2, members), file(id, 1, members, { accepted: 2 })]),
  ];
  for (const a of kinds(0)) {
    for (const b of kinds(1)) {
      const result = planColdStart(start([a, b]));
      const found = [a, b].flatMap((it) => it.kind === "found" ? [it.found] : []);
      const v = Math.max(0, ...found.map(({ highest }) => highest.v));
      const last = found.filter(({ highest }) => highest.v === v);
      const decided = last.filter((it) => it.v === v);
      const needed = (decided.length > 0 ? decided : last).flatMap(({ highest }) =>
        highest.members.map(({ id }) => id)
      );
      const isComplete = found.length > 0 && needed.every((id) => found.some((it) => it.id === id));
      assertEquals(result.kind, isComplete ? "start" : "refused");
      if (result.kind !== "start") continue;
      const recovered = result.slots.flatMap((slot) => slot.role === "recover" ? [slot.id] : []);
      assertEquals(recovered, [...new Set(needed)].sort());
    }
  }
});
