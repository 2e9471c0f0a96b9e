/**
 * Each rule of what sites are found by, of what is published, taken back and redacted, and of what a restored log must
 * have, is needed: if it is broken, one of the tests of the store fails.
 */

import * as assertions from "@std/assert";
import fc from "fast-check";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { changedModules } from "./changed_modules.ts";
import { testEachIsNeeded, textWith } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

/** The files of tests that catch the mutants: the one that catches most comes first. */
const files = [
  "tests/database/store/retraction_test.ts",
  "tests/database/store/identity_rules_test.ts",
  "tests/database/store/redaction_test.ts",
];

const changes = "database/store/changes.ts";
const log = "database/store/site_log.ts";
const packed = "database/store/entry_log.ts";
const answers = "database/store/answers.ts";
const edits = "database/store/edits.ts";
const reports = "database/store/reports.ts";
const strands = "database/store/strands.ts";
const retractions = "database/store/retractions.ts";
const erasures = "database/store/erasures.ts";
const snapshot = "database/store/earlier_log.ts";
const texts = "database/store/shared_texts.ts";
const writer = "database/store/site_writer.ts";
const entryWriter = "database/store/entry_writer.ts";
const identifiers = "database/store/identifier_index.ts";

const mutants: readonly Mutant[] = [
  // Identifiers.
  {
    name: "an identifier that was taken away still finds the site",
    file: identifiers,
    from: "    this.#order.remove(link);\n    this.#own.drop(this.#links[at + textAt]);\n",
    to: "",
    also: [["    this.#links[at + textAt] = noOwnText;\n", ""], ["    this.#free = link;\n", ""]],
  },
  {
    name: "a site is found by a value of another system",
    file: identifiers,
    from: "return this.#own.compareTo(this.#links[at + textAt], this.#wanted);",
    to: "return 0;",
    also: [[
      "return mixed(hashOf(system.bytes, system.start, system.end), hashOf(value.bytes, value.start, value.end));",
      "return hashOf(value.bytes, value.start, value.end);",
    ]],
  },
  {
    name: "a look-up gives a site once for each of those that were merged into it",
    file: answers,
    from: "if (roots.has(root)) return true;",
    to: "",
  },
  {
    name: "a look-up gives any number of sites",
    file: answers,
    from: "if (roots.size === foundSitesMax) return false;",
    to: "",
  },
  {
    name: "a look-up does not say through which alias it found a site",
    file: answers,
    from: "this.#writer.alias(long, site === root ? noSite : site);",
    to: "this.#writer.alias(long, noSite);",
  },
  {
    name: "a site gets an identifier of another one where it must be unique",
    file: changes,
    from: "if (holder !== noSite) return this.#taken(holder);\n    }",
    to: "}",
  },
  {
    name: "an identifier of a merged site is that of another one",
    file: edits,
    from: "if (merges.rootOf(other) !== root) holder = other;",
    to: "if (other !== site) holder = other;",
  },
  // Published ids.
  {
    name: "two sites are published under one id",
    file: changes,
    from: "const holder = published.find(entry.locationId);\n    if (holder !== noSite) return this.#taken(holder);",
    to: "",
  },
  {
    name: "a site is published a second time",
    file: changes,
    from: "if (table.published(site) !== noOwnText) return",
    to: "if (false) return",
  },
  {
    name: "an id may have any letters",
    file: edits,
    from: "id.length <= locationIdMax && id.view().every(isIdByte)",
    to: "id.length <= locationIdMax",
  },
  {
    name: "an id may be of any length",
    file: edits,
    from: "id.length > 0 && id.length <= locationIdMax && ",
    to: "id.length > 0 && ",
  },
  // Reports that are taken back.
  {
    name: "the report that came last takes the place of one that is taken back, whatever was observed later",
    file: retractions,
    from: "known.observedAt > bestObservedAt && known.index !== of",
    to: "best === 0 && known.index !== of",
  },
  {
    name: "the first of two reports of one moment takes the place of one that is taken back",
    file: retractions,
    from: "known.observedAt > bestObservedAt && known.index !== of",
    to: "known.observedAt >= bestObservedAt && known.index !== of",
  },
  {
    name: "a report that was taken back takes the place of another one",
    file: retractions,
    from: "if (!isBetter || this.has(known.index)) continue;",
    to: "if (!isBetter) continue;",
  },
  {
    name: "a report of another source takes the place of one that is taken back",
    file: retractions,
    from: "if (!reports.isOf(known, strand)) continue;",
    to: "",
  },
  {
    name: "with a report that no source says any more, what its source says is gone",
    file: retractions,
    from: "if (!isSaid) return shownAfter.same;",
    to: "if (!isSaid) return shownAfter.nothing;",
  },
  {
    name: "the search for an earlier report has no end",
    file: retractions,
    from: "if (left-- === 0) return unknown();",
    to: "",
  },
  {
    name: "where no earlier report was found, there is none",
    file: retractions,
    from: "const unknown = () => best === 0 ? shownAfter.unknown",
    to: "const unknown = () => best === 0 ? shownAfter.nothing",
  },
  {
    name: "a search ends at the first report",
    file: retractions,
    from: "if (known.reach < bestObservedAt) return unknown();",
    to: "if (best !== 0) return unknown();",
  },
  {
    name: "what was confirmed of a report that is taken back holds for the one before",
    file: reports,
    from: "said.clear();\n    said.document",
    to: "strands.read(strand, said);\n    said.document",
  },
  {
    name: "with a report, its source's document is gone",
    file: reports,
    from: "said.document = strands.document(strand);",
    to: "",
  },
  {
    name: "a source whose report was taken back decides what the site shows as if it still said that",
    file: strands,
    from: "this.decide(this.integers[recordBytes / 4 * strand + headAt]);",
    to: "",
  },
  {
    name: "a report that was taken back cannot come once more",
    file: "database/store/same_reports.ts",
    from: "if (!saysTheSame(known, report) || this.#retractions.has(known.index)) return 0;",
    to: "if (!saysTheSame(known, report)) return 0;",
  },
  {
    name: "anything can be taken back",
    file: changes,
    from: "if (known.kind !== entryKinds.report) return answers.bare(statuses.noReport);",
    to: "",
  },
  {
    name: "a report is taken back twice",
    file: changes,
    from: "this.#mark(this.#sites.retractions.find(known.index));",
    to: "this.#mark(noEntry);",
  },
  {
    name: "an entry that is not there is marked",
    file: changes,
    from: "if (of > upTo && of <= log.last) history",
    to: "if (of > upTo && of <= log.last + 1) history",
  },
  // Entries that are redacted.
  {
    name: "an entry is redacted twice",
    file: changes,
    from: "this.#mark(this.#sites.redactions.find(known.index));",
    to: "this.#mark(noEntry);",
  },
  {
    name: "an entry that says nothing of people is redacted",
    file: changes,
    from: "if ((known.marked & (textMarks.who | textMarks.note)) === 0) {",
    to: "if (false) {",
  },
  {
    name: "a note stays in the log",
    file: packed,
    from: "if (note.length > 0) this.#erase(this.placeIn(place, note), note.length);",
    to: "",
  },
  {
    name: "a reporter stays in the log",
    file: packed,
    from: "if (standing !== undefined) this.#erase(standing, length);",
    to: "",
  },
  {
    name: "a reporter is forgotten whom other entries name",
    file: packed,
    from: "if (!texts.release(number)) return;",
    to: "texts.release(number);",
  },
  {
    name: "a snapshot that is being taken changes",
    file: packed,
    from: "chunk.bytes = chunk.bytes.slice();",
    to: "",
  },
  {
    name: "who and note of a redacted entry are said",
    file: entryWriter,
    from: "if (!this.#sites.redactions.has(entry.index)) return false;",
    to: "return false;",
  },
  {
    name: "the redacted reason of a retirement is empty in its entry",
    file: entryWriter,
    from: "if (entry.kind !== entryKinds.retired) return true;",
    to: "return true;",
  },
  {
    name: "the redacted reason of a retirement is said of the site",
    file: log,
    from: "if (this.#isRetirement(site, of)) this.table.redactRetirement(site);\n    else ",
    to: "",
  },
  {
    name: "who and note of a redacted report are said of the site that shows it",
    file: log,
    from: "else this.reports.redact(site, of);",
    to: "",
  },
  {
    name: "a report that was redacted before it is shown says who and note",
    file: log,
    from: "if (shown > 0 && this.redactions.has(shown)) ",
    to: "if (false) ",
  },
  {
    name: "a redacted note is said as zeros",
    file: writer,
    from: "isErased(reason) ? redactedText : reason",
    to: "reason",
  },
  {
    name: "a text that was forgotten is the same one when it is said again",
    file: texts,
    from: "this.#texts[number - 1] = blank;",
    to: "",
  },
  // A restored log.
  {
    name: "a log may be overwritten where no entry says so",
    file: snapshot,
    from: "if (erasures.open > 0) throw",
    to: "if (false) throw",
  },
  {
    name: "a text may be overwritten in part",
    file: erasures,
    from: ".every((text) => !isErased(text) || isBlank(text))",
    to: ".every(() => true)",
  },
  {
    name: "what a redacted entry says of people may be there",
    file: snapshot,
    from: "if (sites.log.hasOverwritten) throw",
    to: "if (false) throw",
  },
  {
    name: "a restored log may take back, or redact, an entry of another site",
    file: snapshot,
    from: "const isOther = marked.site !== site || ",
    to: "const isOther = ",
  },
  {
    name: "a log of an earlier version may publish two sites under one id",
    file: snapshot,
    from: 'if (published.find(locationId) !== noSite) throw new DecodeError("two sites are published under one id");',
    to: "",
  },
  {
    name: "a snapshot may publish two sites under one id",
    file: "database/store/site_image.ts",
    from: 'if (published.find(text) !== noSite) throw new DecodeError("two sites are published under one id");',
    to: "",
  },
];

/** Runs tests in which one rule is broken, and returns the name of the first that fails; "": none does. */
function caughtBy(mutant?: Mutant): string {
  const tests: { readonly name: string; readonly run: () => unknown }[] = [];
  const world = globalThis as unknown as { $tested?: object };
  world.$tested = {
    assertions,
    fc,
    zstdPacking,
    test: (name: string, run: () => unknown) => tests.push({ name, run }),
  };
  try {
    const exportsOf = changedModules((text, file) => {
      if (file.startsWith("src/")) return textWith(mutant, text, file);
      return text.replace(/^import (\{[^}]*\}) from "@std\/assert";$/gm, "const $1 = $tested.assertions;")
        .replace(/^import fc from "fast-check";$/gm, "const fc = $tested.fc;")
        .replace(/^import \{ zstdPacking \} from .*$/gm, "const { zstdPacking } = $tested;")
        .replaceAll("Deno.test(", "$tested.test(");
    });
    for (const file of files) exportsOf(file);
    for (const { name, run } of tests) {
      try {
        run();
      } catch {
        return name;
      }
    }
    return "";
  } finally {
    delete world.$tested;
  }
}

testEachIsNeeded(
  "each rule of identity, of what is taken back and of what is redacted is needed",
  mutants,
  caughtBy,
);
