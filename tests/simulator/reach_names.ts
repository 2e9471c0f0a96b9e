/**
 * What branches are about, in words, and which ones no random schedule can reach.
 *
 * @module
 */

import type { ProfileName } from "./profiles.ts";
import type { Branch } from "./reach.ts";

/** Which branch it is: the file, the function, how the text begins, and which one of several; absent: any. */
interface Named {
  readonly before?: number;
  readonly file: string;
  readonly place: string;
  readonly code: string;
}

/** What the rarer branches are about. */
const names: readonly (Named & { readonly name: string })[] = [
  { file: "flush.ts", place: "#onPrepare", code: "return this.#nack", name: "a PREPARE below the promise is refused" },
  { file: "flush.ts", place: "#onAccept", code: "return this.#nack", name: "an ACCEPT below the promise is refused" },
  {
    file: "flush.ts",
    place: "received",
    code: 'case "NACK"',
    name: "a coordinator is told that its ballot is too low",
  },
];

/** Why no replica refuses what another one gives it of the sealed history. */
const noBadBytes = "no file is damaged, and no replica lies";

/** Why nothing is taken again by the rules of today. */
const noEarlierFile = "no file is of an earlier version";

/** Branches that no random schedule reaches, and why: one that is reached all the same is a fault of the list. */
const unreachable: readonly (Named & { readonly why: string })[] = [
  { file: "newcomer.ts", place: "get restored", code: "", why: "only the launcher of real processes asks for it" },
  { file: "newcomer.ts", place: "fetched", code: "return this.#askNext(history);", why: noBadBytes },
  { file: "reads.ts", place: "", code: "(waiting) => waiting.channel === channel", before: 0, why: noBadBytes },
  { file: "reads.ts", place: "", code: "(waiting) => waiting.channel === channel", before: 1, why: noBadBytes },
  { file: "reads.ts", place: "", code: "(waiting) => waiting.channel !== channel", why: noBadBytes },
  { file: "reads.ts", place: "pass", code: "{", why: noBadBytes },
  { file: "reads.ts", place: "answer", code: "{", before: 1, why: noBadBytes },
  { file: "reads.ts", place: "#outputsOf", code: "catch (error) {", why: noBadBytes },
  { file: "newcomer.ts", place: "#take", code: "return;", why: "what it waits for is given up with the state" },
  { file: "recovery.ts", place: "steps", code: "else yield* this.#renewing();", why: noEarlierFile },
  { file: "recovery.ts", place: "#renewing", code: "yield this.checkpointBytes", why: noEarlierFile },
  {
    file: "recovery.ts",
    place: "#replay",
    code: "throw new DecodeError",
    why: "each replica of a world seals, or none",
  },
  {
    file: "flush.ts",
    place: "evaluate",
    code: "return;",
    before: 0,
    why: "a replica makes a new flush in the turn in which one ends",
  },
  {
    file: "flush.ts",
    place: "received",
    code: "return;",
    before: 0,
    why: "a replica makes a new flush in the turn in which one ends",
  },
  {
    file: "flush.ts",
    place: "received",
    code: "return;",
    before: 3,
    why: "no member proposes a decision of another view than the next",
  },
  {
    file: "flush.ts",
    place: "#onAccept",
    code: "return;",
    why: "no member proposes a decision of another view than the next",
  },
  {
    file: "recovery.ts",
    place: "steps",
    code: "catch (error) {",
    why: "only a disk that passes its checksums and lies",
  },
  { file: "recovery.ts", place: "#executeTo", code: "break;", why: "only a disk that passes its checksums and lies" },
  {
    file: "recovery.ts",
    place: "#executeTo",
    code: "{",
    before: 1,
    why: "only a disk that passes its checksums and lies",
  },
  {
    file: "newcomer.ts",
    place: "received",
    code: 'case "DIVERGED"',
    why: "only a disk that passes its checksums and lies",
  },
  { file: "newcomer.ts", place: "#onDiverged", code: "", why: "only a disk that passes its checksums and lies" },
  {
    file: "donor.ts",
    place: "#begin",
    code: "return this.#send",
    why: "only a disk that passes its checksums and lies",
  },
  { file: "view.ts", place: "room", code: "return;", before: 0, why: "it is told only of changes" },
  { file: "view.ts", place: "#onHello", code: "{", before: 1, why: "it takes as many sessions as a cluster keeps" },
  { file: "view.ts", place: "#alarmOnce", code: "?? {}", why: "only a replica that is broken" },
  { file: "view.ts", place: "#alarmOnce", code: ": undefined", why: "only a replica that is broken" },
  {
    file: "execution.ts",
    place: "#executeFurther",
    code: "this.#clients.alarm()",
    why: "only a replica that is broken",
  },
  {
    file: "receipts.ts",
    place: "told",
    code: "return;",
    why: "all members of a view agree who the answerer is",
  },
  { file: "view.ts", place: "#onRequest", code: "?? channel.client", why: "it takes a million requests" },
  { file: "reads.ts", place: "ask", code: 'return "too many reads', why: "it takes 64 MiB of reads" },
  { file: "newcomer.ts", place: "promoted", code: ": undefined", why: "by T2 a newcomer that is taken in is a clone" },
];

/** Schedules that reach what few others do: they are run where the branches are counted. */
export const farReaching: readonly {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly small?: boolean;
}[] = [
  // V4: an ACCEPT below the promise is refused.
  { profile: "slow", seed: 129 },
  { profile: "disks", seed: 566 },
  // V9: a donor that is none any more still feeds somebody, and a late word of it comes.
  { profile: "disks", seed: 599 },
  { profile: "troubled", seed: 393 },
  { profile: "disks", seed: 144 },
  // A read of a session that has ended.
  { profile: "sessions", seed: 60 },
  // D7: a source does not have what it had named, and nobody else has.
  { profile: "sealing", seed: 93 },
  { profile: "sealing", seed: 34, small: true },
  // R4: a client that waits before the gate tells its clock.
  { profile: "sessions", seed: 40057, small: true },
];

/**
 * Branches that few random schedules reach, so that a short run may miss them; each is shown by a scenario, or by a
 * test of its own.
 */
const rare: readonly (Named & { readonly shownBy: string })[] = [
  {
    file: "flush.ts",
    place: "",
    code: "(client) => !expired",
    shownBy: "tests/protocol/replica/flush_test.ts",
  },
  {
    file: "flush.ts",
    place: "",
    code: "(client) => others.every",
    shownBy: "tests/protocol/replica/flush_test.ts",
  },
  { file: "reads.ts", place: "ask", code: "return `over", shownBy: "tests/protocol/replica/reads_test.ts" },
  { file: "execution.ts", place: "#execute", code: "{", shownBy: "tests/protocol/replica/bounds_test.ts" },
  {
    file: "flush.ts",
    place: "get waitsFor",
    code: 'return { stage: "clones"',
    shownBy: "tests/protocol/replica/flush_newcomers_test.ts",
  },
  { file: "view.ts", place: "#onRequest", code: "this.#relieve()", shownBy: "tests/protocol/replica/bounds_test.ts" },
  { file: "view.ts", place: "#relieve", code: "", shownBy: "tests/protocol/replica/bounds_test.ts" },
  {
    file: "donor.ts",
    place: "followed",
    code: "return false;",
    shownBy: "tests/protocol/replica/donor_behind_test.ts",
  },
  { file: "donor.ts", place: "#isPacing", code: "return false;", shownBy: "tests/protocol/replica/donor_pace_test.ts" },
  {
    file: "execution.ts",
    place: "#executeFurther",
    code: "return;",
    shownBy: "tests/protocol/replica/execution_test.ts",
  },

  {
    file: "lease.ts",
    place: "waitNewOnly",
    code: "for (const { rank, waiting } of active)",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  { file: "lease.ts", place: "waitNewOnly", code: "return false;", shownBy: "tests/protocol/replica/lease_test.ts" },
  {
    file: "lease.ts",
    place: "",
    code: "({ events }) => events > 1",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  {
    file: "patience.ts",
    place: "asked",
    code: "? Math.max(clocks, strangerClocks)",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  { file: "patience.ts", place: "due", code: "? this.#forNewMs", shownBy: "tests/protocol/replica/lease_test.ts" },
  {
    file: "patience.ts",
    place: "due",
    code: "this.#forNewMs = Math.min",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  { file: "lease.ts", place: "#together", code: "? ofNew", shownBy: "tests/protocol/replica/lease_test.ts" },
  {
    file: "lease.ts",
    place: "isLate",
    code: "&& !channel.rank?.isNew",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  {
    file: "lease.ts",
    place: "pass",
    code: "if (events > 1) over.add(channel);",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  { file: "lease.ts", place: "#together", code: "{", shownBy: "tests/protocol/replica/lease_test.ts" },
  { file: "lease.ts", place: "", code: "({ channel }) => channel", shownBy: "tests/protocol/replica/lease_test.ts" },
  { file: "lease.ts", place: "", code: "({ ms }) => ms", shownBy: "tests/protocol/replica/lease_test.ts" },
  {
    file: "view.ts",
    place: "enforceLease",
    code: "this.#host.alarm(",
    shownBy: "tests/protocol/replica/lease_test.ts",
  },
  {
    file: "donor.ts",
    place: "#remit",
    code: "|| follower.followed",
    shownBy: "tests/protocol/replica/donor_pace_test.ts",
  },
  {
    file: "flush.ts",
    place: "received",
    code: "return;",
    before: 2,
    shownBy: "newcomer_accepted_under_a_ballot_above",
  },
  {
    file: "newcomer.ts",
    place: "failed",
    code: "this.#beginAgain(this.#history);",
    shownBy: "tests/protocol/replica/history_fetch_test.ts",
  },
  { file: "newcomer.ts", place: "kept", code: "return;", shownBy: "newcomer_its_donor_dies" },
  { file: "newcomer.ts", place: "#onPiece", code: "return;", shownBy: "newcomer_late_piece_of_a_dead_donor" },
  {
    file: "newcomer.ts",
    place: "received",
    code: "return;",
    before: 0,
    shownBy: "newcomer_late_piece_of_a_dead_donor",
  },
  { file: "newcomer.ts", place: "#onDelta", code: "{", shownBy: "durable_a_clone_and_its_dead_donor" },
  { file: "newcomer.ts", place: "#onState", code: "return;", shownBy: "newcomer_late_state_of_a_dead_donor" },
  { file: "newcomer.ts", place: "#onState", code: "&&", shownBy: "newcomer_accepted_under_a_ballot_above" },
  { file: "newcomer.ts", place: "isLater", code: "", shownBy: "newcomer_accepted_under_a_ballot_above" },
  { file: "donor.ts", place: "fetch", code: "return;", shownBy: "newcomer_its_donor_dies" },
  {
    file: "donor.ts",
    place: "#remit",
    code: "if (this.#order.recent.bytesAfter",
    shownBy: "tests/protocol/replica/donor_test.ts",
  },
];

function isAbout({ file, place, code, before }: Named, branch: Branch): boolean {
  return file === branch.file && place === branch.place && branch.code.startsWith(code) &&
    (before ?? branch.before) === branch.before;
}

/** What a branch is about; undefined: its text must do. */
export function nameOf(branch: Branch): string | undefined {
  return names.find((named) => isAbout(named, branch))?.name;
}

/** The faults: unreached branches without a reason, reasons for reached branches, and names of no branch. */
export function faultsOf(branches: readonly Branch[]): string[] {
  const faults: string[] = [];
  for (const branch of branches) {
    const reason = unreachable.find((named) => isAbout(named, branch));
    const which = `${branch.file} ${branch.place}: ${branch.code}`;
    const isRare = rare.some((named) => isAbout(named, branch));
    if (branch.count === 0 && reason === undefined && !isRare) faults.push(`never reached: ${which}`);
    if (branch.count > 0 && reason !== undefined) faults.push(`reached, and said to be out of reach: ${which}`);
  }
  for (const named of [...names, ...unreachable, ...rare]) {
    if (branches.some((branch) => isAbout(named, branch))) continue;
    faults.push(`there is no such branch: ${named.file} ${named.place}: ${named.code}`);
  }
  return faults;
}
