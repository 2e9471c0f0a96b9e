/**
 * Entries of the log over HTTP, as what is taken back, or redacted.
 *
 * @module
 */

import { type DoneOutcome, ValueError } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { checkDone, doneOf } from "./outcomes.ts";
import { type HttpResponse, sendOutcome } from "./responses.ts";
import { type Route, route } from "./route.ts";
import { object } from "./shapes.ts";
import { changes, doneOutcome } from "./site_shapes.ts";

/** The routes. */
export function entryRoutes(): readonly Route[] {
  return [
    route(["POST"], "/api/entries/{index}/retract", {
      id: "retractEntry",
      summary: "Take a report back: its site shows what it would show without it",
      description: "The history keeps both. A report that was taken back before stays so, and the response is 200.",
      body: object(changes.retract),
      isBodyOptional: true,
      responses,
      problems: ["unknown-entry", "not-report", "refused"],
      handle: async ({ path, body, client }) => {
        return sendMarked(checkDone(await client.retract(parseIndex(path.index), body)));
      },
    }),

    route(["POST"], "/api/entries/{index}/redact", {
      id: "redactEntry",
      needs: "operate",
      summary: "Remove who and note from an entry, for ever",
      description:
        "The entry keeps its index and all else. This cannot be undone. Backups and exports that were made before, " +
        "and clients that have read the entry, still have what was removed.",
      body: object(changes.redact),
      isBodyOptional: true,
      responses,
      problems: ["unknown-entry", "refused"],
      handle: async ({ path, body, client }) => {
        return sendMarked(checkDone(await client.redact(parseIndex(path.index), body)));
      },
    }),
  ];
}

/** Reads the index of an entry from a path. @throws {ValueError} if it is none. */
function parseIndex(text: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new ValueError(`Cannot take ${quotedShort(text)} as the index of an entry: give a number from 1`);
}

const responses = {
  200: { description: "Nothing changed: it was so already", body: doneOutcome },
  201: { description: "Done: the log has a new entry", body: doneOutcome },
};

function sendMarked(outcome: DoneOutcome): HttpResponse {
  const { status, body } = doneOf(outcome);
  return sendOutcome(status, body, outcome.entry);
}
