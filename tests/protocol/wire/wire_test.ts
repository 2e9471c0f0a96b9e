/**
 * docs/reference/wire.md says what the code does.
 *
 * `UPDATE=1 deno test --allow-env=UPDATE --allow-write=docs tests/protocol/wire/wire_test.ts` writes its tables again.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import written from "../../../docs/reference/wire.md" with { type: "text" };
import {
  allUnsentBytesMax,
  batchBytesMax,
  commandsPerRequestMax,
  copiesMax,
  executedTogetherMax,
  frameBytesMax,
  leaseMs,
  linksMax,
  meshFrameBytesMax,
  outstandingBytesMax,
  outstandingRequestsMax,
  pendingBytesMax,
  promiseAhead,
  requestShareBytes,
  retainedBytesMax,
  sessionShareBytes,
  timestampMax,
  toldClientsMax,
  toldRequestsMax,
  unfinishedBytesMax,
  unsentBytesMax,
  waitingReadsMax,
  watchersMax,
  windowRequests,
  wireVersion,
} from "../../../src/limits.ts";
import { slotsMax } from "../../../src/uid.ts";
import { isUpdating } from "../../tools/updating.ts";
import { listedMessages, messageList, withMessages } from "../../tools/wire_table.ts";
import { goldenOfNodes } from "../../net/golden_node_messages.ts";
import { golden } from "./golden_messages.ts";
import { watcherSilentMs, watchHeartbeatMs } from "../../../src/net/server/watchers.ts";
import { watchAnswerMs } from "../../../src/net/client/watch.ts";
import { toldCommandBytesMax } from "../../../src/net/replica/status_links.ts";
import { statusLinksMax, statusSilentMs } from "../../../src/net/server/askers.ts";
import { idleMs } from "../../../src/net/server/client_links.ts";
import { copierSilentMs, copierWaitMs, copyLinksMax } from "../../../src/net/server/copier.ts";
import { firstFrameBytesMax } from "../../../src/net/link.ts";
import { admissionWithinMs } from "../../../src/net/link.ts";
import { helloWithinMs, strangersMax } from "../../../src/net/server/reception.ts";
import { linkTurnBytes } from "../../../src/net/turns.ts";

/** The page, with its tables written again where that is asked for. */
const page = isUpdating() ? withMessages(written) : written;

Deno.test("docs/reference/wire.md has the messages as the code has them", () => {
  if (page !== written) Deno.writeTextFileSync(new URL("../../../docs/reference/wire.md", import.meta.url), page);
  assertEquals(page.split("\n"), withMessages(page).split("\n"));
});

Deno.test("docs/reference/wire.md explains the type of every field", () => {
  const types = Object.values(listedMessages).flatMap(({ fields }) => Object.values(fields).map(({ name }) => name));
  for (const type of new Set(types)) {
    const inner = type.replace(/^optional |^list of /, "");
    assert(page.split("\n").some((line) => line.startsWith(`- **${inner}**: `)), `the type "${type}" is not explained`);
  }
});

Deno.test("docs/reference/wire.md gives the bounds that the code has", () => {
  const number = (value: number) => value.toLocaleString("en-US");
  const bounds = [frameBytesMax, meshFrameBytesMax, batchBytesMax, commandsPerRequestMax, unsentBytesMax].map(number);
  const text = page.replace(/\s+/g, " ");
  for (
    const expected of [
      ...bounds,
      `within ${helloWithinMs / 1_000} seconds`,
      `within ${admissionWithinMs / 1_000} seconds`,
      `for which others have waited for ${leaseMs / 1_000} seconds`,
      `above 2^53 - 2^${Math.log2(2 ** 53 - timestampMax)}`,
      `promises ${promiseAhead} more than`,
      `at most ${windowRequests} requests, ${number(outstandingBytesMax)} bytes of commands, and ${
        number(retainedBytesMax)
      } bytes of possible outputs`,
      `while over ${outstandingRequestsMax} requests or ${number(outstandingBytesMax)} bytes of its session wait`,
      `from ${number(sessionShareBytes)} bytes on, and a request counts for ${requestShareBytes} more`,
      `while over ${number(pendingBytesMax)} bytes wait`,
      `over ${
        number(retainedBytesMax)
      } bytes of outputs that the client does not confirm, or over ${waitingReadsMax} reads`,
      `after ${executedTogetherMax} requests`,
      `it speaks version ${wireVersion - 1} of the wire protocol, and this is version ${wireVersion}`,
      `${number(firstFrameBytesMax)} (1 KiB)`,
      `about ${linkTurnBytes / 1024} KiB`,
      `at most ${unfinishedBytesMax / 2 ** 20} MiB. When more arrives`,
      `At most ${allUnsentBytesMax / 2 ** 20} MiB wait unsent`,
      `At most ${strangersMax} links are not admitted yet`,
      `at most ${number(linksMax)} links of clients`,
      `at least ${idleMs / 1_000} seconds`,
      `after ${copierWaitMs / 1_000} seconds it refuses`,
      `of ${copyLinksMax}, the one`,
      `the version of this protocol: **${wireVersion}**`,
      `incarnation * ${slotsMax} + slot`,
      `gives ${copiesMax} copies at a time`,
      `ask for ${copierSilentMs / 1_000} seconds`,
      `After ${watchHeartbeatMs / 1_000} seconds without an entry`,
      `wait for more than ${watchAnswerMs / 1_000} seconds`,
      `A replica has ${watchersMax} watchers at a time, and drops one that has not asked for ${
        watcherSilentMs / 1_000
      } seconds`,
      `the first ${toldRequestsMax} requests, the ${toldClientsMax} clients that it has heard least far`,
      `${toldCommandBytesMax} bytes of commands of each request`,
      `A replica has ${statusLinksMax} such links at a time, and drops one that has not asked for ${
        statusSilentMs / 1_000
      } seconds`,
    ]
  ) assert(text.includes(expected), `"${expected}" is not on the page`);
});

Deno.test("docs/reference/wire.md is enough: a writer made from it gives the golden bytes", () => {
  // What the page says of the types, in code that knows nothing of the program's own.
  const records: Record<string, [field: string, type: string][]> = {
    ballot: [["n", "varint"], ["id", "varint"]],
    member: [["id", "varint"], ["address", "text"]],
    "session and seq": [["client", "id of a session"], ["seq", "varint"]],
    uid: [["ts", "varint"], ["client", "id of a session"]],
    receipt: [["client", "id of a session"], ["seq", "varint"], ["ts", "varint"], ["sum", "varint"]],
    "session with its requests": [["client", "id of a session"], ["executed", "varint"], ["sums", "list of varint"]],
    blame: [["client", "id of a session"], ["seq", "varint"], ["waitedMs", "varint"]],
    decision: [
      ["v", "varint"],
      ["members", "list of member"],
      ["clock", "varint"],
      ["cut", "list of session and seq"],
      ["expired", "list of id of a session"],
    ],
    accepted: [["ballot", "ballot"], ["decision", "decision"]],
    position: [["v", "varint"], ["requests", "varint"], ["digest", "varint"]],
    request: [
      ["client", "id of a session"],
      ["seq", "varint"],
      ["ts", "varint"],
      ["done", "varint"],
      ["end", "flag"],
      ["commands", "batch"],
    ],
    "waiting request": [
      ["client", "id of a session"],
      ["seq", "varint"],
      ["ts", "varint"],
      ["end", "flag"],
      ["count", "varint"],
      ["commands", "batch"],
      ["waitsFor", "varint"],
      ["lacks", "list of varint"],
    ],
    "heard client": [["client", "id of a session"], ["lastTs", "varint"], ["barred", "flag"]],
    flush: [["stage", "stage"], ["from", "list of varint"]],
    waits: [
      ["pending", "list of waiting request"],
      ["active", "varint"],
      ["heard", "list of heard client"],
      ["flush", "optional flush"],
    ],
    history: [
      ["segments", "varint"],
      ["bytes", "varint"],
      ["unsealedBytes", "varint"],
      ["freeBytes", "varint"],
      ["diskBytes", "varint"],
      ["damaged", "varint"],
      ["damages", "list of text"],
      ["failure", "optional text"],
    ],
    files: [["isLogFailing", "flag"], ["logMissing", "varint"], ["isShort", "flag"], ["commitMicros", "varint"]],
    segment: [["kind", "varint"], ["number", "varint"], ["digest", "digest"]],
    "place of a segment": [["kind", "varint"], ["number", "varint"]],
    "sealed segment": [["kind", "varint"], ["number", "varint"], ["redacted", "varint"], ["digest", "digest"]],
    node: [["name", "text"], ["address", "text"]],
    "node that another one has heard of": [
      ["name", "text"],
      ["address", "text"],
      ["n", "varint"],
      ["skewMs", "varint"],
    ],
    engine: [["hasQuorum", "flag"], ["members", "list of member of the engine"], ["warnings", "list of text"]],
    "member of the engine": [
      ["address", "text"],
      ["failure", "optional text"],
      ["version", "optional text"],
      ["isLeader", "flag"],
      ["bytes", "optional varint"],
      ["bytesMax", "optional varint"],
    ],
  };
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [128 + value % 128, ...varint(Math.floor(value / 128))];
  const bytesOf = (type: string, value: unknown): number[] => {
    if (type.startsWith("optional ")) {
      return value === undefined ? [0] : [1, ...bytesOf(type.slice("optional ".length), value)];
    }
    if (type.startsWith("list of ")) {
      const items = value as unknown[];
      return [...varint(items.length), ...items.flatMap((item) => bytesOf(type.slice("list of ".length), item))];
    }
    switch (type) {
      case "varint":
        return varint(value as number);
      case "flag":
        return [value ? 1 : 0];
      case "purpose":
        return [["session", "copy", "watch", "status", "replica"].indexOf(value as string)];
      case "role":
        return [["read", "report", "operate"].indexOf(value as string)];
      case "refusal":
        return [
          ["expired", "ended", "gap", "confirmed", "sessions", "busy", "clock", "late", "engine"]
            .concat("changes", "noQuorum", "halted").indexOf(value as string),
        ];
      case "stage":
        return [["reports", "clones", "accepted"].indexOf(value as string)];
      case "text": {
        const utf8 = new TextEncoder().encode(value as string);
        return [...varint(utf8.length), ...utf8];
      }
      case "batch":
      case "bytes":
        return [...varint((value as Uint8Array).length), ...value as Uint8Array];
      case "digest":
        return [...value as Uint8Array];
      case "7 bytes":
      case "16 bytes":
      case "32 bytes":
      case "id of a session":
        return (value as string).match(/../g)!.map((digits) => parseInt(digits, 16));
    }
    const parts = value as Record<string, unknown>;
    return records[type].flatMap(([field, fieldType]) => bytesOf(fieldType, parts[field]));
  };
  const rows = new Map<string, { code: number; fields: [string, string][] }>();
  for (const [, kind, code, fields] of page.matchAll(/^#### (\w+) `0x(\w\w)`\n\nFields: ([^]*?)\n\n/gm)) {
    const pairs = [...fields.replaceAll("\n", " ").matchAll(/`(\w+)` ([^,]+)/g)].map(([, field, type]) =>
      [field, type] as [string, string]
    );
    rows.set(kind, { code: parseInt(code, 16), fields: pairs });
  }
  assertEquals([...rows.keys()].sort(), Object.keys(listedMessages).sort());
  for (const [message, hex] of [...golden, ...goldenOfNodes]) {
    const { code, fields } = rows.get(message.kind)!;
    const values = message as unknown as Record<string, unknown>;
    const bytes = [code, ...fields.flatMap(([field, type]) => bytesOf(type, values[field]))];
    const actual = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assertEquals([message.kind, actual], [message.kind, hex.replaceAll(" ", "")]);
  }
});

Deno.test("withMessages() puts the messages in their place, again and again, and insists on the place", () => {
  assertEquals(withMessages(withMessages(page)), withMessages(page));
  assertEquals(withMessages(page).includes(messageList()), true);
  assertThrows(() => withMessages("# A page"), Error, "Cannot place the messages: the page lacks");
});
