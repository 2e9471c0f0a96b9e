/**
 * Commands in words, for logs and histories.
 *
 * @module
 */

import { quoted } from "../../quoted.ts";
import { formatAvailability } from "../values.ts";
import type { AnyCommand } from "./commands.ts";

/** A command as one printable line, such as `set "Harvard University" 5`. */
export function commandText(command: AnyCommand): string {
  const { kind, name, value, zip, after, bound, detail, reason, document, edits, into } = command;
  return kind + said("", name, quoted) + said("", value, formatAvailability) + said("", command.unit) +
    said("after ", after, (after) => typeof after === "string" ? quoted(after) : String(after)) +
    said(command.newestFirst ? "before " : "after ", bound) + said("limit ", command.limit) + said("", detail) +
    said(kind === "add" ? "" : "zip ", zip) + (command.available ? " available" : "") +
    (command.retired ? " retired too" : "") + said("from site ", command.site || undefined) +
    said("skip ", command.skip || undefined) + said("product ", command.product, quoted) +
    (command.confirms ? " confirms" : "") + (command.extra ? " extra" : "") + said("because ", reason, quoted) +
    said("entry ", command.entry) + said("of site ", command.entrySite) + said("as ", command.locationId, quoted) +
    said("", command.identifier, ({ system, value }) => `${quoted(system)} ${quoted(value)}`) +
    (command.unique ? " unique" : "") + said("to ", edits?.name, quoted) + said("to ZIP ", edits?.zip) +
    said("identifiers ", edits?.identifiers, ({ length }) => String(length)) + said("into ", into, quoted) +
    said("of ", document, ({ length }) => `${length} characters`) + said("if ", command.if, formatAvailability) +
    said("if entry ", command.ifEntry) + said("observed at ", command.observedAt) +
    said("who ", command.who, quoted) + said("source ", command.source, quoted) + said("note ", command.note, quoted) +
    said("by ", command.by, quoted) + said("key ", command.key, ({ hash }) => hash.toHex()) +
    said("at ", command.recordedAt);
}

function said<T>(label: string, value: T | undefined, words: (value: T) => string = String): string {
  return value === undefined ? "" : ` ${label}${words(value)}`;
}
