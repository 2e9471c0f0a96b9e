/**
 * Reading the order from etcd: a watch for what comes, a range for what is there (rules K3 and K4).
 *
 * A record and the head are put in one transaction, so they have one revision, and the version of the head is the
 * number of the record. A record whose head is missing has no number, and is left out: whoever follows sees the gap.
 *
 * @module
 */

import { linesOf } from "../../runtime/lines.ts";
import type { LogRecord, OrderPlace } from "../core/order.ts";
import { EtcdFailure, failureOf } from "./failures.ts";
import type { EtcdMembers } from "./gateway.ts";
import { type EtcdKeys, type KeyValue, keyValueOf, keyValuesOf, numberOf, rangeOf } from "./keys.ts";

/** Bytes of one line of a watch: etcd gives all that was missed in few lines, in base64. */
const lineBytesMax = 256 * 1024 * 1024;

/** Milliseconds for a member to say that a watch has begun. */
const beginMs = 5_000;

/** Records of the first page: etcd reads a page at once, and a record may have 1 MiB. Small records make it larger. */
const firstPageRecords = 16;
const pageRecordsMax = 4_096;

/** Bytes of a page below which the next one has twice as many records, and above which it has half as many. */
const [pageBytesMin, pageBytesMax] = [512 * 1024, 4 * 1024 * 1024];

/** The records that a watch gives after a revision. It ends when its connection does. */
export async function* watched(
  members: EtcdMembers,
  keys: EtcdKeys,
  after: number,
  signal: AbortSignal,
  onComing: () => void = () => {},
): AsyncGenerator<LogRecord[]> {
  const own = new AbortController();
  const end = () => own.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  // A member that cannot be reached says nothing at all.
  const timer = setTimeout(() => own.abort(new EtcdFailure("unknown", "a watch does not begin")), beginMs);
  try {
    const request = { create_request: { ...rangeOf(keys.headAndRecords), start_revision: String(after + 1) } };
    const stream = heard(await members.stream("/v3/watch", request, own), onComing);
    for await (const { text, isCut } of linesOf(stream, lineBytesMax)) {
      clearTimeout(timer);
      if (isCut) throw new EtcdFailure("compacted", "a line of a watch is too long");
      const records = recordsOf(text, keys);
      if (records.length > 0) yield records;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    members.ended(own);
  }
}

/** The same bytes; says when some have come: a line of what was missed may be long. */
async function* heard(stream: AsyncIterable<Uint8Array>, onComing: () => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of stream) {
    onComing();
    yield bytes;
  }
}

/** The records of a line, in the order of their revisions. */
function recordsOf(line: string, keys: EtcdKeys): LogRecord[] {
  if (line === "") return [];
  const said = parsed(line);
  const { result } = said;
  if (said.error !== undefined || result === undefined) throw failureOf(200, line);
  // It says no more when what it asks for was compacted.
  if (result.compact_revision !== undefined) throw new EtcdFailure("compacted", "a watch was compacted");
  if (result.canceled === true) {
    const reason = String(result.cancel_reason ?? "");
    const { kind } = failureOf(200, JSON.stringify({ message: reason, code: 2 }));
    throw new EtcdFailure(kind, `a watch was cancelled: "${reason}"`);
  }
  const events = Array.isArray(result.events) ? result.events as { type?: string; kv: unknown }[] : [];
  const puts = events.filter(({ type = "PUT" }) => type === "PUT").map(({ kv }) => keyValueOf(kv));
  const numbers = new Map(puts.filter(({ key }) => key === keys.head).map((head) => [head.modRevision, head.version]));
  return puts.flatMap((put) => {
    const n = numbers.get(put.modRevision);
    return put.key === keys.head || n === undefined ? [] : [recordOf(put, n, keys)];
  });
}

interface WatchLine {
  readonly error?: unknown;
  readonly result?: {
    readonly compact_revision?: unknown;
    readonly canceled?: unknown;
    readonly cancel_reason?: unknown;
    readonly events?: unknown;
  };
}

function parsed(line: string): WatchLine {
  try {
    return JSON.parse(line) ?? {};
  } catch (error) {
    throw new EtcdFailure("unknown", "a watch gives what is not JSON", { cause: error });
  }
}

function recordOf({ key, value, modRevision }: KeyValue, n: number, keys: EtcdKeys): LogRecord {
  return { n, revision: modRevision, epoch: keys.epochOf(key), bytes: value };
}

/** All records after a place that are there at one revision. */
export interface ReadOrder {
  readonly records: readonly LogRecord[];
  /** That revision: a watch continues after it. */
  readonly revision: number;
}

/**
 * Reads the records after a place.
 *
 * @returns undefined if some of them were deleted.
 * @throws {EtcdFailure} "compacted": too much has happened meanwhile; read again. "final": somebody else has put
 * records.
 */
export async function readAfter(
  members: EtcdMembers,
  keys: EtcdKeys,
  after: OrderPlace,
  deadlineMs: number,
  signal: AbortSignal,
  onComing: () => void,
): Promise<ReadOrder | undefined> {
  const { answer } = await members.call("/v3/kv/range", rangeOf(keys.head), deadlineMs);
  const revision = numberOf((answer.header as Record<string, unknown> | undefined)?.revision);
  const [head] = keyValuesOf(answer);
  if (head === undefined) return { records: [], revision };
  const found: KeyValue[] = [];
  let { key, end } = keys.records;
  for (let limit = firstPageRecords;;) {
    const body = rangeOf({ key, end }, { revision: String(revision), limit: String(limit) });
    const { answer } = await members.call("/v3/kv/range", body, deadlineMs);
    signal.throwIfAborted();
    onComing();
    const page = keyValuesOf(answer);
    for (const record of page) if (record.modRevision > after.revision) found.push(record);
    if (answer.more !== true) break;
    const bytes = page.reduce((sum, { value }) => sum + value.length, 0);
    if (bytes < pageBytesMin) limit = Math.min(2 * limit, pageRecordsMax);
    else if (bytes > pageBytesMax) limit = Math.max(1, limit >> 1);
    key = `${page[page.length - 1].key}\0`;
  }
  found.sort((a, b) => a.modRevision - b.modRevision);
  // The last one is the head's. Those before it have the numbers before its number.
  const first = head.version - found.length + 1;
  const isWhole = found.length === 0 ? head.version === after.n : found.at(-1)?.modRevision === head.modRevision;
  // Each record is put once, and nothing else is: with others among them, the numbers of some would be wrong.
  const strange = found.find(({ version }) => version !== 1);
  if (strange !== undefined) throw new EtcdFailure("final", `somebody has changed the record "${strange.key}"`);
  const put = head.version - after.n;
  // An order that has gone back is another matter (E9).
  if (put >= 0 && found.length > put) {
    const what = `there are ${found.length} records after record ${after.n}, and nodes have put ${put}`;
    throw new EtcdFailure("final", `${what}: somebody else has put or changed keys below "${keys.records.key}"`);
  }
  if (!isWhole || first > after.n + 1) return undefined;
  return { records: found.map((record, at) => recordOf(record, first + at, keys)), revision };
}
