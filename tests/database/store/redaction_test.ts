/** What an entry says of people is overwritten in the log, and the log stays one that can be read again. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PackedLog } from "../../../src/database/store/entry_log.ts";
import { LogEntry, type LogPlace } from "../../../src/database/store/log_entry.ts";
import { isErased, SharedTexts } from "../../../src/database/store/shared_texts.ts";
import { entryKinds } from "../../../src/database/wire/entries.ts";
import { textMarks } from "../../../src/database/wire/entry_fields.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { collidingNames } from "./collisions.ts";

const encoder = new TextEncoder();

/** What an entry says; empty texts are not there. */
interface Said {
  readonly who: string;
  readonly source: string;
  readonly note: string;
}

function set(range: TextRange, text: string): void {
  const bytes = encoder.encode(text);
  range.set(bytes, 0, bytes.length);
}

function append(log: PackedLog, { who, source, note }: Said): LogPlace {
  const entry = new LogEntry();
  entry.kind = entryKinds.report;
  entry.marked = (who === "" ? 0 : textMarks.who) | (source === "" ? 0 : textMarks.source) |
    (note === "" ? 0 : textMarks.note);
  set(entry.who, who);
  set(entry.source, source);
  set(entry.note, note);
  return log.append(entry);
}

function read(log: PackedLog, place: LogPlace): (string | undefined)[] {
  const entry = new LogEntry();
  log.read(place, entry);
  return [entry.who, entry.source, entry.note].map((text) => isErased(text) ? undefined : text.decode());
}

/** A log made of the same chunks. */
function again(log: PackedLog): PackedLog {
  const other = new PackedLog();
  for (const chunk of log.chunks()) {
    other.replay(chunk.slice(), (entry) => {
      // Where it comes from, nothing is shared with the log that it comes from.
      other.append(entry);
    })(chunk.length);
  }
  other.endReplay();
  return other;
}

function includes(log: PackedLog, text: string): boolean {
  const decoder = new TextDecoder("latin1");
  const wanted = decoder.decode(encoder.encode(text));
  return log.chunks().some((chunk) => decoder.decode(chunk).includes(wanted));
}

Deno.test("PackedLog.redact() forgets notes, and people that no other entry names, whatever was said by whom", () => {
  const people = ["Ann Smith", "Bo", "C", "both"];
  const text = (...texts: string[]) => fc.constantFrom("", ...texts);
  const said = fc.record({ who: text(...people), source: text("a feed", "both"), note: text("call Ann", "no") });
  const step = fc.oneof(
    { arbitrary: said.map((said) => ({ said })), weight: 3 },
    { arbitrary: fc.nat().map((at) => ({ at })), weight: 1 },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
    const log = new PackedLog();
    const entries: (Said & { readonly place: LogPlace; isRedacted: boolean })[] = [];
    for (const step of steps) {
      if ("said" in step) {
        entries.push({ ...step.said, place: append(log, step.said), isRedacted: false });
      } else if (entries.length > 0) {
        const entry = entries[step.at % entries.length];
        if (entry.isRedacted) continue;
        const frozen = log.chunks();
        const before = frozen.map((chunk) => chunk.slice());
        log.redact(entry.place);
        entry.isRedacted = true;
        // A snapshot that is being taken does not change.
        assertEquals(frozen, before);
      }
    }
    const isNamed = (who: string) =>
      entries.some((entry) => entry.source === who || (entry.who === who && !entry.isRedacted));
    for (const { place, who, source, note, isRedacted } of entries) {
      const [whoRead, sourceRead, noteRead] = read(log, place);
      assertEquals([sourceRead, noteRead], [source, isRedacted && note !== "" ? undefined : note]);
      if (!isRedacted) assertEquals(whoRead, who);
    }
    for (const who of people.filter((who) => who.length > 1)) assert(isNamed(who) || !includes(log, who), who);
    for (const note of ["call Ann"]) {
      assertEquals(includes(log, note), entries.some((entry) => entry.note === note && !entry.isRedacted));
    }
    const other = again(log);
    assertEquals(other.chunks(), log.chunks());
    // Both give the same numbers to what comes next, and to redact again overwrites nothing.
    for (const each of [log, other]) append(each, { who: "Ann Smith", source: "Bo", note: "" });
    assertEquals(other.chunks(), log.chunks());
    for (const { place } of entries.filter(({ isRedacted }) => isRedacted)) {
      assertEquals(read(other, place), read(log, place));
    }
  }));
});

Deno.test("PackedLog.redact() notes whether there was anything to overwrite", () => {
  const log = new PackedLog();
  const [first, second, bare] = [
    { who: "Ann", source: "", note: "" },
    { who: "Ann", source: "", note: "" },
    { who: "", source: "", note: "" },
  ].map((said) => append(log, said));
  log.redact(bare);
  log.redact(first);
  // The second one still says who.
  assertEquals([log.hasOverwritten, read(log, second)[0]], [false, "Ann"]);
  log.redact(second);
  assertEquals([log.hasOverwritten, includes(log, "Ann")], [true, false]);
});

Deno.test("SharedTexts forgets texts of one hash, and finds the others", () => {
  const texts = new SharedTexts();
  const names = collidingNames(40);
  const range = (text: string) => {
    const range = new TextRange();
    set(range, text);
    return range;
  };
  names.forEach((name) => texts.add(range(name)));
  const forgotten = names.filter((_, at) => at % 3 === 0);
  for (const name of forgotten) texts.erase(texts.find(range(name)));
  assertEquals(names.map((name) => texts.find(range(name))), names.map((_, at) => at % 3 === 0 ? 0 : at + 1));
  // Said again, they are new ones.
  assertEquals(forgotten.map((name) => texts.add(range(name))), forgotten.map((_, at) => names.length + at + 1));
  // An erased one is known by its number alone.
  assertEquals([texts.find(texts.get(1)), texts.find(texts.get(4))], [1, 4]);
});
