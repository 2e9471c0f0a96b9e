/** A report that is shown keeps who reported it, from where and when, whatever was shown before. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { noOrigin, Origins } from "../../../src/database/store/origins.ts";
import { moreMarks, textMarks } from "../../../src/database/wire/entry_fields.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";

const encoder = new TextEncoder();

interface Said {
  readonly who: string;
  readonly source: string;
  readonly by: string;
  readonly note: string;
  readonly recordedAt: number;
}

function set(range: TextRange, text: string): void {
  const bytes = encoder.encode(text);
  range.set(bytes, 0, bytes.length);
}

const observedAt = 1_000;

function reportOf({ who, source, by, note, recordedAt }: Said): LogEntry {
  const report = new LogEntry();
  report.recordedAt = recordedAt;
  report.observedAt = observedAt;
  set(report.who, who);
  set(report.source, source);
  set(report.by, by);
  set(report.note, note);
  report.marked = (who === "" ? 0 : textMarks.who) | (source === "" ? 0 : textMarks.source) |
    (note === "" ? 0 : textMarks.note);
  report.more = by === "" ? 0 : moreMarks.by;
  return report;
}

function read(origins: Origins, number: number): Said {
  const entry = reportOf({ who: "stale", source: "stale", by: "stale", note: "stale", recordedAt: 5 });
  origins.read(number, observedAt, entry);
  const { who, source, by, note, marked, more, recordedAt } = entry;
  const texts = [who, source, by, note].map((text) => text.decode()!);
  assertEquals(
    [marked & textMarks.who, marked & textMarks.source, more, marked & textMarks.note].map((mark) => mark !== 0),
    texts.map((text) => text !== ""),
  );
  return { who: texts[0], source: texts[1], by: texts[2], note: texts[3], recordedAt };
}

/** Origins where only some texts have numbers, as if all others had been given. */
function originsWith(shared: readonly string[]): Origins {
  const origins = new Origins();
  const text = new TextRange();
  for (const each of shared) {
    set(text, each);
    origins.texts.add(text);
  }
  return origins;
}

const bare: Said = { who: "", source: "", by: "", note: "", recordedAt: observedAt };
const few = ["Ann", "phone", "token"];
const long = "without a number, and longer than a cell of 32 bytes";

const text = (...texts: string[]) => fc.constantFrom("", ...texts, long);
const said: fc.Arbitrary<Said> = fc.record({
  who: text("Ann"),
  source: text("phone", "Ann"),
  by: text("token"),
  note: fc.constantFrom("", "", "no", "come to the back door, where somebody waits".repeat(5)),
  recordedAt: fc.constantFrom(observedAt, observedAt + 1),
});
const step = fc.record({ at: fc.nat(5), said: fc.option(said, { freq: 6 }), redacts: fc.boolean() });

Deno.test("Origins has what the last report of each had, and no more texts than these", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: "max" }),
      fc.constantFrom(few, [...few, long], []),
      (steps, shared) => {
        const origins = originsWith(shared);
        const numbers = Array.from({ length: 6 }, () => noOrigin);
        const model: (Said & { isRedacted: boolean })[] = numbers.map(() => ({ ...bare, isRedacted: false }));
        for (const { at, said, redacts } of steps) {
          if (said !== null) {
            numbers[at] = origins.put(numbers[at], reportOf(said));
            model[at] = { ...said, isRedacted: false };
          } else if (redacts) {
            origins.redact(numbers[at]);
            model[at].isRedacted = true;
          } else {
            origins.drop(numbers[at]);
            numbers[at] = noOrigin;
            model[at] = { ...bare, isRedacted: false };
          }
          assertEquals(new Set(numbers.filter((number) => number !== noOrigin)).size, numbers.filter(Boolean).length);
        }
        for (const [at, { isRedacted, ...all }] of model.entries()) {
          assertEquals(read(origins, numbers[at]), isRedacted ? { ...all, who: "", note: "" } : all);
          assertEquals(origins.recordedAt(numbers[at], observedAt), all.recordedAt);
          // A report whose note was redacted says the same as no other one.
          assertEquals(origins.hasTextsOf(numbers[at], reportOf(all)), !isRedacted || all.note === "");
          assertEquals(origins.hasTextsOf(numbers[at], reportOf({ ...all, note: "" })), all.note === "");
          assertEquals(origins.hasTextsOf(numbers[at], reportOf({ ...all, source: "?" })), false);
        }
        // As much as if nothing else had been there before.
        const again = originsWith(shared);
        for (const { isRedacted, ...all } of model) {
          const number = again.put(noOrigin, reportOf(all));
          if (isRedacted) again.redact(number);
        }
        assertEquals(origins.own.taken, again.own.taken);
      },
    ),
    { numRuns: 40 },
  );
});
