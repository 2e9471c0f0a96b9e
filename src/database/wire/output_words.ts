/**
 * Outputs in words, for logs and histories.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { printable, quoted } from "../../quoted.ts";
import { formatAvailability } from "../values.ts";
import { isAgain, type Output, readOutput, type SiteState } from "./outputs.ts";

/** An output as one printable line, such as `ok, ZIP 02138, availability 5`; for logs. Never throws. */
export function describeOutput(bytes: Uint8Array): string {
  let output;
  try {
    output = readOutput(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `malformed output of ${bytes.length} bytes: ${printable(error.message)}`;
  }
  return (isAgain(bytes) ? "again: " : "") + described(output);
}

function described(output: Output): string {
  switch (output.status) {
    case "site":
      return `ok${stateOf(output)}`;
    case "details":
      return `details${stateOf({ state: output.details })}`;
    case "page":
      return `page of ${counted(output.sites.length, "site")}${output.next === undefined ? "" : more}`;
    case "entries":
      return `page of ${counted(output.entries.length, "entry", "entries")}${output.more ? more : ""}`;
    case "sources":
      return `page of ${counted(output.sources.length, "source")}${output.next === undefined ? "" : more}`;
    case "summary":
      return `${counted(output.sites, "site")}, ${output.retired} retired, ` +
        `${counted(output.lastEntry, "entry", "entries")} of ${output.logBytes} bytes`;
    case "done":
      return `${effectWords[output.effect]}${entryOf(output, "as")}${stateOf(output)}`;
    case "unknown":
    case "unknownInto":
      return "unknown site";
    case "found":
      return `found ${counted(output.sites.length, "site")}`;
    case "taken":
      return `taken${stateOf(output)}`;
    case "published":
      return `${effectWords[output.effect]}, published as ${quoted(output.locationId)}${entryOf(output, "by")}`;
    case "noEntry":
      return "no such entry";
    case "older":
      return `older entries, up to ${output.upTo}`;
    case "noReport":
      return "not a report";
    case "otherKey":
      return "another request came with the key";
    case "alike":
      return `unknown site, like ${quoted(output.alike.name)}`;
    case "exists":
      return `exists already${stateOf(output)}`;
    case "conflict":
      return `conflict${entryOf(output, "with")}${stateOf(output)}`;
    case "retired":
      return `not done${stateOf(output)}`;
    default:
      return `${output.status}: ${printable(output.reason)}`;
  }
}

const more = ", more follow";

const effectWords = {
  shown: "ok",
  outOfDate: "out of date, kept",
  same: "the same",
  changed: "ok",
  confirmed: "confirmed",
} as const;

function entryOf({ entry }: { readonly entry: number }, before: string): string {
  return entry === 0 ? "" : ` ${before} entry ${entry}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function stateOf({ state: { zip, availability, unit, retired } }: { readonly state: SiteState }): string {
  return `, ZIP ${zip}, availability ${formatAvailability(availability)}${unit === undefined ? "" : ` ${unit}`}` +
    (retired === undefined ? "" : `, retired: ${printable(retired)}`);
}
