/**
 * Each rule of where documents are kept is needed: if it is broken, a machine that seals them and one that never does
 * differ, or a source says another document than it was given.
 */

import fc from "fast-check";
import { agreeSealed, type NewMachine, steps } from "../database/store/document_commands.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [documents, records, reports] = ["documents", "document_records", "reports"].map((name) =>
  `database/store/${name}.ts`
);

const mutants: readonly Mutant[] = [
  {
    name: "the first document of a segment is looked for in the one before",
    file: documents,
    from: "({ first }) => first <= number",
    to: "({ first }) => first < number",
  },
  {
    name: "documents of one length are the same",
    file: documents,
    from: "return kept.every((byte, at) => byte === other[at]);",
    to: "return true;",
  },
  {
    name: "documents are dropped when their sealing begins",
    file: documents,
    from: "let hasEnded = false;",
    to: "let hasEnded = false; this.#segments[place.number - 1].raw = undefined;",
  },
  {
    name: "a document that was sealed counts as a block, and one that is old does not",
    file: documents,
    from: "const old = this.#segments[this.old];",
    to: "const old = this.#segments[this.#sealed];",
  },
  {
    name: "an entry has no room for a document that is not in it",
    file: "database/store/log_entry.ts",
    from: "return this.documentLength;",
    to: "return this.document.length;",
  },
  {
    name: "a segment of documents is sealed with one document less",
    file: documents,
    from: "while (at < count) {",
    to: "while (at < count - 1) {",
  },
  {
    name: "the end of a short document is that of another one",
    file: records,
    from: "this.#bytes.set(kept.subarray(keptBytes, keptLength), lineBytes * this.#integers[integers + furtherAt]);\n",
    to: "",
  },
  {
    name: "a source and its site have one document for ever",
    file: reports,
    from: "said.document = this.#documents.records.copy(said.document);\n",
    to: "",
  },
  {
    name: "a document is sealed while its segment is one of the last two",
    file: documents,
    from: "return Math.max(0, this.#segments.length - 2);",
    to: "return Math.max(0, this.#segments.length);",
  },
];

testEachIsNeeded("each rule of where documents are kept is needed", mutants, (mutant) => {
  const Machine = modulesWith(mutant)("src/database/store/sites.ts").Sites as NewMachine;
  const property = fc.property(steps, (list) => void agreeSealed(Machine, list));
  return fc.check(property, { numRuns: mutant === undefined ? 20 : 300, endOnFailure: true, seed: 1 }).failed;
});
