/**
 * What newcomers and members may send to each other about the sealed history, by rule D7.
 *
 * @module
 */

import type { SegmentRef } from "../../src/history.ts";
import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { Asked, ReplicaFacts } from "./facts.ts";
import { must } from "./refused.ts";

/** What the two say. */
export type HistoryMessage = MessageOf<"SEGMENTS" | "SEGMENTS_ARE" | "PART" | "PART_IS">;

const nameOf = ({ kind, number, digest }: SegmentRef) => `${kind}/${number}/${digest.toHex()}`;

/** Checks what a replica sends to another one. */
export function history(from: ReplicaFacts, to: string, message: HistoryMessage): void {
  const asked = from.asked(to);
  switch (message.kind) {
    case "SEGMENTS":
      return must(from.v === 0, "D7", "a newcomer asks for the history");
    case "SEGMENTS_ARE":
      must(from.v > 0, "D7", "a member says what it names");
      must(asked.segments-- > 0, "D7", "SEGMENTS_ARE follows SEGMENTS");
      return;
    case "PART": {
      // D8: a member asks for what its own disk has damaged. A newcomer asks others where its source has damaged it.
      const name = nameOf(message.segment);
      const isNamed = [...from.history.values()].some(({ named }) => named.has(name));
      return must(from.v > 0 || isNamed || from.feed(to).isWhole, "D7", "a newcomer asks for a segment that was named");
    }
    case "PART_IS":
      must((asked.parts.get(partOf(message)) ?? 0) > 0, "D7", "PART_IS follows PART");
      add(asked, message, -1);
  }
}

/** Notes what has arrived. */
export function heardHistory(asked: Asked, message: HistoryMessage): void {
  if (message.kind === "SEGMENTS") asked.segments++;
  if (message.kind === "PART") add(asked, message, 1);
  if (message.kind !== "SEGMENTS_ARE") return;
  for (const segment of message.segments) asked.named.add(nameOf(segment));
}

function add({ parts }: Asked, part: MessageOf<"PART" | "PART_IS">, count: number): void {
  parts.set(partOf(part), (parts.get(partOf(part)) ?? 0) + count);
}

function partOf({ segment, part }: MessageOf<"PART" | "PART_IS">): string {
  return `${nameOf(segment)}/${part}`;
}
